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
	Changed                                         bool // somebody else has logged in since the page was shown
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
	form := inquiryForm{Sent: r.URL.Query().Get("sent") == "true", MembersOnly: v.mustLogIn()}
	if v.member != nil {
		form.Name, form.Email = v.member.fields.UserName, v.member.fields.Email
	}
	s.render(w, r, http.StatusOK, inquiryPage(v.view, form))
}

// mustLogIn reports whether the visitor has to log in to send an inquiry.
func (v *visit) mustLogIn() bool {
	return v.member == nil && v.settings.needsLogin(KindInquiry)
}

// sendInquiry keeps an inquiry. A member is then shown the history, a guest a word of thanks.
func (s *Simulator) sendInquiry(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if err := r.ParseForm(); err != nil {
		s.showProblem(w, r, http.StatusBadRequest, words{"We could not take your inquiry", "문의를 접수하지 못했습니다"}, words{"It is too large, or not in a form we can read. Shorten it and try again.", "보내신 내용이 너무 크거나 형식이 올바르지 않습니다. 내용을 줄여 다시 시도해 주세요."})
		return
	}
	v := s.enter(w, r, KindInquiry)
	if v == nil {
		return
	}
	event := newEvent(KindInquiry, r)
	if v.mustLogIn() {
		event.Status = http.StatusForbidden
		s.record(event.refused(noted(sayMembersOnly)))
		s.render(w, r, http.StatusForbidden, inquiryPage(v.view, inquiryForm{MembersOnly: true}))
		return
	}
	form := readInquiry(r, v)
	if shown := r.PostForm.Get("usercode"); r.PostForm.Has("usercode") && shown != v.view.UserCode {
		form.Changed = true
		event.Status = http.StatusConflict
		s.record(event.refused(noted(sayChangedMember, shown, v.view.UserCode)))
		s.render(w, r, http.StatusConflict, inquiryPage(v.view, form))
		return
	}
	if form.failed() {
		event.Status = http.StatusUnprocessableEntity
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
	event.Status = http.StatusSeeOther
	s.record(event.with(v.who()))
	http.Redirect(w, r, next, http.StatusSeeOther)
}

// readInquiry reads and checks the form. Only guests type a name and an email address.
func readInquiry(r *http.Request, v *visit) inquiryForm {
	t := v.view
	form := inquiryForm{
		Title: strings.TrimSpace(r.PostForm.Get("title")),
		// Browsers send a line end as two characters, but maxlength counts one.
		Content: strings.TrimSpace(strings.ReplaceAll(r.PostForm.Get("content"), "\r\n", "\n")),
	}
	form.TitleError = textError(form.Title, maxTitle, t.say("Enter a subject.", "제목을 입력해 주세요."), t.say("A subject has at most 200 characters.", "제목은 200자까지 입력할 수 있습니다."))
	form.ContentError = textError(form.Content, maxContent, t.say("Enter a message.", "내용을 입력해 주세요."), t.say("A message has at most 10,000 characters.", "내용은 10,000자까지 입력할 수 있습니다."))
	if v.member != nil {
		form.Name, form.Email = v.member.fields.UserName, v.member.fields.Email
		return form
	}
	form.Name = strings.TrimSpace(r.PostForm.Get("name"))
	form.Email = strings.TrimSpace(r.PostForm.Get("email"))
	form.NameError = textError(form.Name, maxName, t.say("Enter your name.", "이름을 입력해 주세요."), t.say("A name has at most 50 characters.", "이름은 50자까지 입력할 수 있습니다."))
	if address, err := mail.ParseAddress(form.Email); err != nil || address.Address != form.Email || signing.Length(form.Email) > maxEmail {
		form.EmailError = t.say("Enter a valid email address.", "올바른 이메일 주소를 입력해 주세요.")
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
