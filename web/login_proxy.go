package web

import (
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"unicode/utf8"

	"ocsso/internal/audit"
	"ocsso/internal/member"
	"ocsso/internal/session"
)

// ProxyLogin takes members from a proxy in front of this server, which has logged them in and names
// them in the headers of each request.
type ProxyLogin struct {
	From    []netip.Prefix // where the proxy calls from; headers from elsewhere are ignored
	Headers member.Names   // of the headers
}

// errNotByProxy says that the proxy has logged nobody in.
var errNotByProxy = errors.New("not logged in by the proxy")

// Begin starts a session for the member in the headers.
func (l ProxyLogin) Begin(s *server, w http.ResponseWriter, r *http.Request, returnURL string) error {
	named := l.claim(r)
	if named.member.UserCode != "" {
		return s.Finish(w, r, named.member, session.Ties{}, r.URL.Path, returnURL)
	}
	err := named.nobody
	if err == nil {
		err = fmt.Errorf("%w: %s is not in login.proxy.from", errNotByProxy, audit.Network(peerOf(r)))
	}
	s.countLogin(w, r, "refused", "", err)
	return err
}

// Routes are none.
func (ProxyLogin) Routes() []loginRoute { return nil }

// claim is what the headers say. Requests that don't come from the proxy need not name a member,
// nor need the help center's calls, which come past its login.
func (l ProxyLogin) claim(r *http.Request) claim {
	if !calledFrom(r, l.From) {
		return claim{}
	}
	var twice error
	who, _, err := l.Headers.Member(func(header string) (string, error) {
		values := r.Header.Values(header)
		switch {
		case len(values) > 1:
			// The first may be the client's own.
			twice = fmt.Errorf("%w: %d headers %s: the proxy has to replace what clients send",
				errConflict, len(values), header)
		case len(values) == 1 && !emptyHeader(values[0]):
			return values[0], nil
		}
		return "", nil
	})
	if twice != nil {
		return claim{nobody: twice}
	}
	who.UserName = decodedHeader(who.UserName)
	usercode := l.Headers.UserCode
	switch {
	case err != nil: // of the usercode
		return claim{nobody: fmt.Errorf("%w: %s %w", errNotByProxy, usercode, err)}
	case strings.Contains(who.UserCode, ","): // some proxies join the client's header and their own
		return claim{nobody: fmt.Errorf("%w: %s is a list", errConflict, usercode)}
	case who.UserCode != "":
		return claim{member: who}
	case len(r.Header.Values(usercode)) > 0:
		return claim{nobody: fmt.Errorf("%w: %s is empty", errNotByProxy, usercode)}
	case asksForStatus(r):
		return claim{}
	}
	return claim{nobody: fmt.Errorf("%w: no header %s", errNotByProxy, usercode)}
}

// emptyHeader reports whether a header has what servers write for no value.
func emptyHeader(value string) bool {
	return value == "" || value == "-" || strings.EqualFold(value, "(null)")
}

// decodedHeader decodes a display name that a proxy has percent-encoded or written as words of RFC
// 2047, because headers carry ASCII only. Any other value stays as it is. Don't use it for a
// usercode: two of them must never become one.
func decodedHeader(value string) string {
	decoded, err := new(mime.WordDecoder).DecodeHeader(value)
	if err != nil || decoded == value {
		decoded, err = url.PathUnescape(value)
	}
	if err != nil || !utf8.ValidString(decoded) {
		return value
	}
	return decoded
}
