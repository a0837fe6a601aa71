package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"

	"github.com/go-chi/chi/v5"

	"ocsso/internal/member"
	"ocsso/internal/session"
)

// ProxyLogin is members whom a proxy in front of this server has logged in, and tells us of in request headers.
type ProxyLogin struct {
	From    []netip.Prefix // where the proxy calls from; the headers of all others are ignored
	Headers ProxyHeaders
}

// ProxyHeaders names the header of each field of a member; "" is none.
type ProxyHeaders struct {
	UserCode, UserName, Email, Phone, MemberNo string
}

// errNotByProxy is a login page that was asked for past the proxy, or for nobody.
var errNotByProxy = errors.New("not logged in by the proxy")

// begin starts a session for the member in the headers.
func (l ProxyLogin) begin(s *server, w http.ResponseWriter, r *http.Request, returnURL string) error {
	who, err := l.member(r)
	if err != nil {
		s.metrics.Logins.WithLabelValues("refused").Inc()
		return err
	}
	return s.startSession(w, r, who, loginURL(r.URL.Path, returnURL))
}

// superseded is true when the proxy has another member by now.
func (l ProxyLogin) superseded(r *http.Request, current session.Session) bool {
	who, err := l.member(r)
	return err == nil && who.UserCode != current.Member.UserCode
}

func (ProxyLogin) routes(*server, chi.Router) {}

// member is who the headers name.
func (l ProxyLogin) member(r *http.Request) (member.Member, error) {
	if !calledFrom(r, l.From) {
		return member.Member{}, fmt.Errorf("%w: %s is not in login.proxy.from", errNotByProxy, r.RemoteAddr)
	}
	header := func(name string) string {
		if name == "" {
			return ""
		}
		return r.Header.Get(name)
	}
	who := member.Member{
		UserCode: header(l.Headers.UserCode),
		UserName: header(l.Headers.UserName),
		Email:    header(l.Headers.Email),
		Phone:    header(l.Headers.Phone),
		MemberNo: header(l.Headers.MemberNo),
	}
	if who.UserCode == "" {
		return member.Member{}, fmt.Errorf("%w: no header %s", errNotByProxy, l.Headers.UserCode)
	}
	if err := who.Validate(); err != nil {
		return member.Member{}, fmt.Errorf("the proxy's headers: %w", err)
	}
	return who, nil
}
