package check

import "fmt"

// Lang is a language of reports.
type Lang string

// The languages.
const (
	EN Lang = "en"
	KO Lang = "ko"
)

// A Text is a sentence in both languages.
type Text struct{ EN, KO string }

// In returns the text in a language.
func (t Text) In(l Lang) string {
	if l == KO {
		return t.KO
	}
	return t.EN
}

// with formats both sentences with the same arguments.
func (t Text) with(args ...any) Text {
	return Text{fmt.Sprintf(t.EN, args...), fmt.Sprintf(t.KO, args...)}
}

// A hint says how to mend what a case has found.
type hint struct {
	text Text
	page Text // for a reader on the setup page, who gives no flags; zero: the same text
}

// A Reader says for whom the texts of a report are.
type Reader struct {
	Lang Lang
	// OnPage means that the reader has started the run on the setup page of our server. The texts
	// then name no flag of the command line.
	OnPage bool
}

// hint returns the text of a hint for the reader.
func (r Reader) hint(h hint) string {
	if r.OnPage && h.page != (Text{}) {
		return h.page.In(r.Lang)
	}
	return h.text.In(r.Lang)
}
