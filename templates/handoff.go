package templates

import (
	"context"
	"io"
	"strings"

	"github.com/a-h/templ"
)

// Handoff posts the remote login to the help center (PROTOCOL section 4): by script at once, by a button without.
//
// All but the fields is the same for every member who reads a language, so it is rendered once. Each time, it would take 11 % of a
// handoff.
type Handoff struct{ before, after string }

// fieldsHere is where the fields go. Text can't be it, as templ escapes text.
const fieldsHere = "<!-- fields -->"

// NewHandoff returns the page around the fields, which are posted to action.
func NewHandoff(p Page, action string) Handoff {
	var page strings.Builder
	if err := handoffAround(p, action).Render(context.Background(), &page); err != nil {
		panic(err) // a Builder takes everything
	}
	before, after, _ := strings.Cut(page.String(), fieldsHere)
	return Handoff{before, after}
}

// Page is the whole page. The fields are sent in their order.
func (h Handoff) Page(fields []Field) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		if err := writeAll(w, h.before); err != nil {
			return err
		}
		for _, f := range fields {
			if err := writeAll(w, `<input type="hidden" name="`, templ.EscapeString(f.Name), `" value="`, templ.EscapeString(f.Value), `">`); err != nil {
				return err
			}
		}
		return writeAll(w, h.after)
	})
}

func writeAll(w io.Writer, pieces ...string) error {
	for _, piece := range pieces {
		if _, err := io.WriteString(w, piece); err != nil {
			return err
		}
	}
	return nil
}
