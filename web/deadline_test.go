package web_test

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"ocsso/internal/helpcenter"
	"ocsso/web"
)

// A deadlineRecorder keeps the write deadline that a handler has set last.
type deadlineRecorder struct {
	*httptest.ResponseRecorder
	deadline atomic.Pointer[time.Time]
}

func (w *deadlineRecorder) SetWriteDeadline(deadline time.Time) error {
	w.deadline.Store(&deadline)
	return nil
}

// TestOnlyTheWaitForTheHelpCenterExtendsTheWriteDeadline: a member may wait for a slow help center,
// and a client must not keep the answer waiting for as long.
func TestOnlyTheWaitForTheHelpCenterExtendsTheWriteDeadline(t *testing.T) {
	const longest = 60 * time.Second // of several calls to a provider
	w := &deadlineRecorder{ResponseRecorder: httptest.NewRecorder()}
	called := make(chan time.Duration, 1)
	s := newSite(t, withHandoff(helpcenter.API), answeringWith(t, func(w2 http.ResponseWriter, r *http.Request) {
		deadline := w.deadline.Load()
		if deadline == nil {
			deadline = new(time.Time)
		}
		called <- time.Until(*deadline)
		w2.Write([]byte(`{"header":{"isSuccessful":true},"result":{"content":"token"}}`))
	}))
	r := httptest.NewRequest("GET", own+"/login", nil)
	r.Header.Set("Cookie", s.logIn(minji))
	s.handler.ServeHTTP(w, r)
	wantStatus(t, w.Result(), http.StatusSeeOther)
	if got := <-called; got <= longest {
		t.Errorf("during the call: the deadline is in %v, want more than %v", got, longest)
	}
	if got := time.Until(*w.deadline.Load()); got > web.AnswerTimeout {
		t.Errorf("after the call: the deadline is in %v, want at most %v", got, web.AnswerTimeout)
	}
}
