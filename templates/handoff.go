package templates

import (
	"context"
	"io"
	"strings"

	"github.com/a-h/templ"
)

// Handoff posts the remote login to the help center (PROTOCOL section 4): by script at once, by a button without.
//
// All but the fields is the same for every member who reads a language, so it is rendered once. Rendered by templ each time, the
// page took a third of a handoff.
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
		pieces := append(make([]string, 0, 64), h.before)
		for _, f := range fields {
			pieces = append(pieces, `<input type="hidden" name="`, templ.EscapeString(f.Name), `" value="`, templ.EscapeString(f.Value), `">`)
		}
		for _, piece := range append(pieces, h.after) {
			if _, err := io.WriteString(w, piece); err != nil {
				return err
			}
		}
		return nil
	})
}
