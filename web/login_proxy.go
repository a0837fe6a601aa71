package web

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"unicode/utf8"

	"ocsso/internal/member"
)

// ProxyLogin takes members from a proxy in front of this server, which has logged them in and names
// them in the headers of each request.
type ProxyLogin struct {
	From    []netip.Prefix // where the proxy calls from; headers from elsewhere are ignored
	Headers member.Names   // of the headers
}

// errNotByProxy says that the request did not come through the proxy.
var errNotByProxy = errors.New("not by the proxy")

// begin starts a session for the member in the headers.
func (l ProxyLogin) begin(
	f loginFlow, w http.ResponseWriter, r *http.Request, returnURL string,
) error {
	who, err := l.named(r)
	if errors.Is(err, errUnnamed) {
		err = fmt.Errorf("%w: %s is not in login.proxy.from", errNotByProxy, r.RemoteAddr)
	}
	if err != nil {
		f.count(w, r, "refused", "")
		return err
	}
	return f.finish(w, r, who, "", r.URL.Path, returnURL)
}

func (ProxyLogin) source(*http.Request) (string, bool) { return "", false }

func (ProxyLogin) leave(context.Context, string) (string, error) { return "", nil }

func (ProxyLogin) way() string { return "proxy" }

func (ProxyLogin) routes(loginFlow) []loginRoute { return nil }

// named returns the member in the headers. Requests that don't come from the proxy need not name
// one: the help center's calls come past it.
func (l ProxyLogin) named(r *http.Request) (member.Member, error) {
	if !calledFrom(r, l.From) {
		return member.Member{}, errUnnamed
	}
	var twice error
	who, _, _ := l.Headers.Member(func(header string) (string, error) {
		values := r.Header.Values(header)
		switch {
		case len(values) > 1:
			// The first may be the client's own.
			twice = fmt.Errorf("%w: %d headers %s: the proxy has to replace what clients send",
				errNamedTwice, len(values), header)
		case len(values) == 1 && !nobody(values[0]):
			return values[0], nil
		}
		return "", nil
	})
	if twice != nil {
		return member.Member{}, twice
	}
	who.UserName = decodedHeader(who.UserName)
	usercode := l.Headers.UserCode
	switch {
	case who.UserCode != "" && !strings.Contains(who.UserCode, ","):
		return who, nil
	case who.UserCode != "": // some proxies join the client's header and their own
		return member.Member{}, fmt.Errorf("%w: %s is a list", errNamedTwice, usercode)
	case len(r.Header.Values(usercode)) > 0:
		return member.Member{}, fmt.Errorf("%w: %s is empty", errNamesNobody, usercode)
	}
	return member.Member{}, fmt.Errorf("%w: no header %s", errNobodyNamed, usercode)
}

// nobody reports whether a header has what servers write for no value.
func nobody(value string) bool {
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
