package standin

import (
	"net/http"
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

// inquiryForm is what was typed into the inquiry page.
type inquiryForm struct {
	Title, Content, Name, Email string

	Sent        bool // a guest just sent it
	MembersOnly bool // guests can't send one
	Failed      bool // the browser's own checks were left out, and a field is missing or too long
	Changed     bool // somebody else has logged in since the page was shown
}

func (s *Simulator) showInquiry(w http.ResponseWriter, r *http.Request, v *visit) {
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
func (s *Simulator) sendInquiry(w http.ResponseWriter, r *http.Request, v *visit) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if err := r.ParseForm(); err != nil {
		s.showProblem(w, r, s.viewOf(w, r), http.StatusBadRequest, words{"We could not take your inquiry", "문의를 접수하지 못했습니다"}, words{"It is too large, or not in a form we can read. Shorten it and try again.", "보내신 내용이 너무 크거나 형식이 올바르지 않습니다. 내용을 줄여 다시 시도해 주세요."}, "")
		return
	}
	event := newEvent(KindInquiry, r)
	refuse := func(status int, form inquiryForm, why words) {
		event.Status = status
		s.record(event.refused(why))
		s.render(w, r, status, inquiryPage(v.view, form))
	}
	form, shown := readInquiry(r, v), r.PostForm["usercode"]
	switch {
	case v.mustLogIn():
		refuse(http.StatusForbidden, inquiryForm{MembersOnly: true}, words{"only members may open an inquiry", "회원만 문의할 수 있음"})
		return
	case shown != nil && shown[0] != v.view.UserCode:
		form.Changed = true
		refuse(http.StatusConflict, form, say("the page showed member %s, but the browser is now logged in as member %s", "페이지에 표시된 회원: %s, 지금 로그인한 회원: %s", shown[0], v.view.UserCode))
		return
	case form.Failed:
		refuse(http.StatusUnprocessableEntity, form, words{"a field of the inquiry is missing or too long", "문의 항목이 비어 있거나 너무 긺"})
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
	inquiry.Time = s.clock()
	st, unlock := s.lock()
	st.lastInquiry++
	inquiry.ID = st.lastInquiry
	st.inquiries = keep(st.inquiries, inquiry, 1000)
	unlock()
	event.Status = http.StatusSeeOther
	s.record(event.with(v.who()))
	http.Redirect(w, r, next, http.StatusSeeOther)
}

// readInquiry reads and checks the form. Only guests type a name and an email address.
func readInquiry(r *http.Request, v *visit) inquiryForm {
	text := func(name string) string { // maxlength counts a line end as one
		return strings.TrimSpace(strings.ReplaceAll(r.PostForm.Get(name), "\r\n", "\n"))
	}
	form := inquiryForm{Title: text("title"), Content: text("content"), Name: text("name"), Email: text("email")}
	wrong := func(value string, limit int) bool { return value == "" || signing.Length(value) > limit }
	form.Failed = wrong(form.Title, maxTitle) || wrong(form.Content, maxContent)
	if v.member != nil {
		form.Name, form.Email = v.member.fields.UserName, v.member.fields.Email
	} else if wrong(form.Name, maxName) || wrong(form.Email, maxEmail) {
		form.Failed = true
	}
	return form
}
