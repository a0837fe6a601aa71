package standin

import (
	"net/http"
	"net/mail"
	"strings"
	"time"

	"ocsso/internal/devtools/signing"
)

// Inquiry is a question that a member or a guest sent.
type Inquiry struct {
	ID       int       `json:"id"` // counts from 1 since the last reset
	Time     time.Time `json:"time"`
	Service  string    `json:"service"`
	UserCode string    `json:"usercode"` // "" for a guest
	Name     string    `json:"name"`
	Email    string    `json:"email"`
	Title    string    `json:"title"`
	Content  string    `json:"content"`
}

// Limits of an inquiry in UTF-16 code units, like maxlength in a browser.
const (
	maxTitle   = 200
	maxContent = 10_000
	maxName    = 50
	maxEmail   = 100
)

// inquiryForm is what was typed into the inquiry page, and its problems.
type inquiryForm struct {
	Title, Content, Name, Email                     string
	TitleError, ContentError, NameError, EmailError string
	Sent                                            bool // a guest just sent it
	MembersOnly                                     bool // guests can't send one
}

func (f inquiryForm) failed() bool {
	return f.TitleError+f.ContentError+f.NameError+f.EmailError != ""
}

func (s *Simulator) showInquiry(w http.ResponseWriter, r *http.Request) {
	v := s.enter(w, r, KindInquiry)
	if v == nil {
		return
	}
	s.recordVisit(r, v)
	s.render(w, r, http.StatusOK, inquiryPage(v.view, inquiryForm{
		Sent:        r.URL.Query().Get("sent") == "true",
		MembersOnly: v.mustLogIn(),
	}))
}

// mustLogIn reports whether the visitor has to log in to send an inquiry.
func (v *visit) mustLogIn() bool {
	return v.member == nil && v.settings.needsLogin(KindInquiry)
}

// sendInquiry keeps an inquiry. A member is then shown the history, a guest a word of thanks.
func (s *Simulator) sendInquiry(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if err := r.ParseForm(); err != nil {
		s.showProblem(w, r, http.StatusBadRequest, func(t *text) (string, string) { return t.UnreadableTitle, t.UnreadableText })
		return
	}
	v := s.enter(w, r, KindInquiry)
	if v == nil {
		return
	}
	event := Event{Kind: KindInquiry, Method: r.Method, Path: r.URL.Path, Outcome: OutcomeOK}
	if v.mustLogIn() {
		s.record(event.refused(noted(sayMembersOnly)))
		s.render(w, r, http.StatusForbidden, inquiryPage(v.view, inquiryForm{MembersOnly: true}))
		return
	}
	form := readInquiry(r, v)
	if form.failed() {
		s.record(event.refused(noted(sayInquiry)))
		s.render(w, r, http.StatusUnprocessableEntity, inquiryPage(v.view, form))
		return
	}
	inquiry := Inquiry{Service: v.view.Service, Name: form.Name, Email: form.Email, Title: form.Title, Content: form.Content}
	next := v.view.URL(KindHistory)
	if v.member != nil {
		f := v.member.fields
		inquiry.UserCode, inquiry.Name, inquiry.Email = f.UserCode, f.UserName, f.Email
	} else {
		next = withQuery(v.view.URL(KindInquiry), "sent", "true")
	}
	s.addInquiry(inquiry)
	s.record(event.with(v.who()))
	http.Redirect(w, r, next, http.StatusSeeOther)
}

// readInquiry reads and checks the form. Only guests type a name and an email address.
func readInquiry(r *http.Request, v *visit) inquiryForm {
	t := v.view.T
	form := inquiryForm{
		Title: strings.TrimSpace(r.PostForm.Get("title")),
		// Browsers send a line end as two characters, but maxlength counts one.
		Content: strings.TrimSpace(strings.ReplaceAll(r.PostForm.Get("content"), "\r\n", "\n")),
	}
	form.TitleError = textError(form.Title, maxTitle, t.TitleRequired, t.TitleTooLong)
	form.ContentError = textError(form.Content, maxContent, t.ContentRequired, t.ContentTooLong)
	if v.member != nil {
		return form
	}
	form.Name = strings.TrimSpace(r.PostForm.Get("name"))
	form.Email = strings.TrimSpace(r.PostForm.Get("email"))
	form.NameError = textError(form.Name, maxName, t.NameRequired, t.NameTooLong)
	if address, err := mail.ParseAddress(form.Email); err != nil || address.Address != form.Email || signing.Length(form.Email) > maxEmail {
		form.EmailError = t.EmailInvalid
	}
	return form
}

func textError(value string, limit int, missing, tooLong string) string {
	switch {
	case value == "":
		return missing
	case signing.Length(value) > limit:
		return tooLong
	}
	return ""
}
