package helpcenter

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxURL is the longest URL in bytes that this package makes, so that a redirect to it fits into
// what proxies take as a response header, with the other headers: 4 KB for all together in nginx.
const MaxURL = 2600

// A return URL is part of our own redirects, where it is escaped once more.
const (
	maxReturnURL        = 2048
	maxEscapedReturnURL = MaxURL - 200
)

// ErrReturnURL says that a return URL leads neither to the help center nor to our own site, or that
// no browser would write it like that. Never sign it and never redirect to it (D14).
var ErrReturnURL = errors.New("return URL")

// A ReturnURL is a checked URL to go to after the login, at the help center or at our own site. Its
// text is the normal form that is signed and sent (D9). Site.ReturnURL and Site.Page make one; do
// not use the zero value.
type ReturnURL struct {
	text    string
	service string
	local   bool
	unknown string
}

// String is the absolute URL in its normal form, all ASCII.
func (r ReturnURL) String() string { return r.text }

// Service is the service of the page, or the default one (D15).
func (r ReturnURL) Service() string { return r.service }

// UnknownService is the service that the page is of where it is none of the configured ones, so
// that what is signed for Service is refused there. It is "" otherwise.
func (r ReturnURL) UnknownService() string { return r.unknown }

// Local reports whether it is on our own site, which needs no handoff.
func (r ReturnURL) Local() bool { return r.local }

// A MalformedURLError is a return URL of an allowed origin that can't be signed or redirected to as
// it is. Lead the member to the service's home in its place. It is an ErrReturnURL, and holds no
// part of the URL.
type MalformedURLError struct {
	Service string // the service that the URL names, or the default one
	Reason  string
}

func (e *MalformedURLError) Error() string { return ErrReturnURL.Error() + ": " + e.Reason }

// Is makes every MalformedURLError an ErrReturnURL.
func (e *MalformedURLError) Is(target error) bool { return target == ErrReturnURL }

// ReturnURL checks a returnUrl against the help center's origin and our own places (D14), and
// brings it into its normal form (D9). A place is an origin, or an origin with a path, without a
// slash at the end. Every error is an ErrReturnURL and holds no part of raw; it is a
// *MalformedURLError when raw is at the help center or below a place.
//
// The origin must match byte for byte, so upper case, a user name and a default port are refused.
// Malformed are paths that servers and browsers resolve differently: those with an encoded slash or
// backslash, an empty segment or a dot segment.
func (s Site) ReturnURL(raw string, own ...string) (ReturnURL, error) {
	place, local := string(s.origin), false
	rest, ok := cutPlace(raw, place)
	for i := 0; !ok && i < len(own); i++ {
		place, local = own[i], true
		rest, ok = cutPlace(raw, place)
	}
	if !ok {
		return ReturnURL{}, fmt.Errorf("%w: is on another origin", ErrReturnURL)
	}
	rest, fragment, hasFragment := strings.Cut(rest, "#")
	path, query, _ := strings.Cut(rest, "?")
	service, unknown := s.services[0], ""
	if !local {
		service, unknown = s.serviceOf(path)
	}
	malformed := func(reason string) (ReturnURL, error) {
		return ReturnURL{}, &MalformedURLError{service, reason}
	}
	if len(raw) > maxReturnURL {
		return malformed("is too long")
	}
	if !utf8.ValidString(raw) || strings.ContainsFunc(raw, neverInURL) {
		return malformed("has a space, a control character or a backslash")
	}
	if path == "" {
		path = "/"
	}
	if ambiguous(path) {
		return malformed("has a path that can be read in two ways")
	}
	query, ok = normalQuery(query)
	if !ok {
		return malformed("has a query value without a name")
	}
	if _, err := url.PathUnescape(query); err != nil {
		return malformed("has a bad percent escape")
	}
	text := place + escapeRest(path)
	if query != "" {
		text += "?" + query
	}
	if hasFragment {
		text += "#" + escapeRest(fragment)
	}
	// Check the result with an independent parser.
	u, err := url.Parse(text)
	if err != nil || u.User != nil || !strings.HasPrefix(text, u.Scheme+"://"+u.Host+"/") ||
		!strings.HasPrefix(place+"/", u.Scheme+"://"+u.Host+"/") {
		return malformed("is not a URL")
	}
	if len(text) > maxReturnURL || len(url.QueryEscape(text)) > maxEscapedReturnURL {
		return malformed("is too long")
	}
	return ReturnURL{text: text, service: service, local: local, unknown: unknown}, nil
}

// neverInURL reports whether browsers drop or rewrite r, or read it as a slash.
func neverInURL(r rune) bool {
	return r == '\\' || unicode.IsSpace(r) || unicode.IsControl(r) || unicode.In(r, unicode.Cf)
}

// cutPlace returns what follows place in raw: nothing, a path, a query or a fragment.
func cutPlace(raw, place string) (rest string, ok bool) {
	rest, ok = strings.CutPrefix(raw, place)
	return rest, ok && (rest == "" || strings.ContainsRune("/?#", rune(rest[0])))
}

// ambiguous reports whether a path has an encoded slash, backslash or control character, an empty
// segment before the last, or a dot segment, encoded or not. path begins with a slash.
func ambiguous(path string) bool {
	decoded, err := url.PathUnescape(path)
	isRefused := func(r rune) bool { return r == '\\' || r < ' ' || r == 0x7F }
	if err != nil || strings.Count(decoded, "/") != strings.Count(path, "/") || strings.ContainsFunc(decoded, isRefused) {
		return true
	}
	for segment := range strings.SplitSeq(decoded, "/") {
		segment, _, _ = strings.Cut(segment, ";") // Java servers cut path parameters off
		if segment == "." || segment == ".." {
			return true
		}
	}
	return strings.Contains(decoded, "//")
}

// normalQuery writes each piece of a query as name=value, so that no piece looks like a field of
// the signed message (D9). It drops empty pieces and reports false for a value without a name.
func normalQuery(query string) (string, bool) {
	var pieces []string
	for piece := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(piece, "=")
		switch {
		case piece == "":
		case name == "":
			return "", false
		default:
			pieces = append(pieces, escape(name)+"="+escape(value))
		}
	}
	return strings.Join(pieces, "&"), true
}

// escapeRest escapes a path or a fragment, with its "&", which separates the signed fields.
func escapeRest(s string) string { return strings.ReplaceAll(escape(s), "&", "%26") }

// escape percent-encodes the bytes that are not allowed in a URL, so that the signed bytes are the
// sent ones. It keeps existing escapes.
func escape(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7F || strings.IndexByte("\"<>^`{|}", c) >= 0 {
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// Framed returns r as a page without header and footer, for a frame (CONTRACT 10).
func (r ReturnURL) Framed() ReturnURL {
	return r.with(Field{"iframe", "true"})
}

// Unframed returns r as a page for a window of its own.
func (r ReturnURL) Unframed() ReturnURL { return r.with(Field{"iframe", ""}) }

// ForApp returns r as a page for the web view of an app (D17).
func (r ReturnURL) ForApp() ReturnURL { return r.with(Field{"from", "app"}) }

// WithAddition returns r with the id of what the customer has stored at the vendor for an inquiry.
// No token covers it. "" is for none.
func (r ReturnURL) WithAddition(id string) ReturnURL { return r.with(Field{"additionId", id}) }

// Bare returns r without the fields that a handoff adds to the query.
func (r ReturnURL) Bare() ReturnURL { return r.with(noHandoff...) }

// noHandoff are the fields that a handoff adds to the query, with empty values.
var noHandoff = []Field{
	{"usercode", ""}, {"username", ""}, {"email", ""}, {"phone", ""}, {"memberno", ""}, {"time", ""},
	{"token", ""}, {"accessToken", ""},
}

// with appends fields to the query in their order, and replaces those that are there. A field with
// an empty value is removed.
func (r ReturnURL) with(fields ...Field) ReturnURL {
	rest, fragment, hasFragment := strings.Cut(r.text, "#")
	address, query, _ := strings.Cut(rest, "?")
	var pieces []string
	for piece := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(piece, "=")
		if decoded, err := url.QueryUnescape(name); err == nil {
			name = decoded
		}
		if piece != "" && !slices.ContainsFunc(fields, func(f Field) bool { return f.Name == name }) {
			pieces = append(pieces, piece)
		}
	}
	for _, f := range fields {
		if f.Value != "" {
			pieces = append(pieces, f.Name+"="+EncodeURIComponent(f.Value))
		}
	}
	if len(pieces) > 0 {
		address += "?" + strings.Join(pieces, "&")
	}
	if hasFragment {
		address += "#" + fragment
	}
	r.text = address
	return r
}

// EncodeURIComponent encodes UTF-8 text like the JavaScript function of that name. The contract
// uses it for every value in a URL (CONTRACT 3).
func EncodeURIComponent(s string) string {
	return componentReplacer.Replace(url.QueryEscape(s))
}

// componentReplacer changes the six characters that url.QueryEscape encodes differently.
var componentReplacer = strings.NewReplacer("+", "%20", "%21", "!", "%27", "'", "%28", "(", "%29", ")", "%2A", "*")
