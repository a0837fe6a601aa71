package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"

	"ocsso/internal/member"
	"ocsso/internal/session"
)

// ProxyLogin takes members from a proxy in front of this server, which has logged them in and names
// them in request headers.
type ProxyLogin struct {
	From    []netip.Prefix // where the proxy calls from; headers from elsewhere are ignored
	Headers ProxyHeaders
}

// ProxyHeaders names the header of each field of a member; "" means that there is none.
type ProxyHeaders struct {
	UserCode, UserName, Email, Phone, MemberNo string
}

// errNotByProxy says that the request did not come through the proxy, or names no member.
var errNotByProxy = errors.New("not logged in by the proxy")

// begin starts a session for the member in the headers.
func (l ProxyLogin) begin(
	f loginFlow, w http.ResponseWriter, r *http.Request, returnURL string,
) error {
	who, err := l.member(r)
	if err != nil {
		f.count("refused")
		return err
	}
	return f.finish(w, r, who, r.URL.Path, returnURL)
}

// changedMember is true when the proxy names another member.
func (l ProxyLogin) changedMember(r *http.Request, current session.Session) bool {
	who, err := l.member(r)
	return err == nil && who.UserCode != current.Member.UserCode
}

func (ProxyLogin) routes(loginFlow) []loginRoute { return nil }

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
