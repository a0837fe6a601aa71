package web

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-chi/chi/v5"

	"ocsso/internal/helpcenter"
	"ocsso/internal/member"
	"ocsso/internal/session"
	"ocsso/internal/token"
)

// link redirects a member to a page of the help center by a signed link. An app gets the link, and
// errors, as JSON. Somebody logged out logs in first.
func (s *server) link(page helpcenter.Page) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		// An app asks for JSON and not for a page, and a browser's navigation doesn't.
		accept := strings.ToLower(strings.Join(r.Header.Values("Accept"), ","))
		asJSON := strings.Contains(accept, "application/json") && !strings.Contains(accept, "text/html")
		w.Header().Add("Vary", "Accept")
		if err := s.leadToLink(w, r, page, asJSON); err != nil && asJSON {
			s.problemJSON(w, r, err)
		} else if err != nil {
			s.problemPage(w, r, err)
		}
	}
}

func (s *server) leadToLink(w http.ResponseWriter, r *http.Request, page helpcenter.Page, asJSON bool) error {
	current, err := s.currentFresh(w, r)
	switch {
	case err != nil:
		return err
	case current == nil && asJSON:
		return errLoggedOut
	case current == nil:
		return seeOther(w, s.loginURL("/login", s.own[0]+s.linkPath(r)))
	}
	to := s.site.Page(r.URL.Query().Get("service"), page)
	if forApp(r) {
		to = to.ForApp()
	}
	link, err := s.signedLink(r, *current, to)
	if err != nil {
		s.countHandoff(w, r, helpcenter.Link, "failed", *current)
		return err
	}
	s.countHandoff(w, r, helpcenter.Link, "ok", *current)
	if asJSON {
		writeJSON(w, http.StatusOK, "application/json", link)
		return nil
	}
	return seeOther(w, link.URL)
}

// A signedLink is a link as an app gets it (CONTRACT 8).
type signedLink struct {
	URL       string    `json:"url"`
	ExpiresAt time.Time `json:"expires_at"` // when the help center stops accepting it
}

// signedLink makes a link for the session's member and remembers its token.
func (s *server) signedLink(r *http.Request, current session.Session, to helpcenter.ReturnURL) (signedLink, error) {
	signed, err := s.sign(r, helpcenter.Link, current, to, session.Round{})
	if err != nil {
		return signedLink{}, err
	}
	location, err := signed.URL()
	return signedLink{location, signed.Expires().UTC().Truncate(time.Second)}, err
}

// linkPath is r's path with what is known of its query, so that the redirect to the login can't
// grow with the request.
func (s *server) linkPath(r *http.Request) string {
	path, query := strings.TrimSuffix(r.URL.Path, "/"), url.Values{}
	if service := r.URL.Query().Get("service"); slices.Contains(s.site.Services(), service) {
		query.Set("service", service)
	}
	if forApp(r) {
		query.Set("app", "1")
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return path
}

// forApp reports whether r asks for a page in the web view of an app.
func forApp(r *http.Request) bool { return r.URL.Query().Get("app") == "1" }

// Errors of the backends' calls.
var (
	errNoKey         = errors.New("no bearer key, or an unknown one")
	errBadJSON       = errors.New("malformed body")
	errUnknownMember = errors.New("no such member")
)

// linkRequest is the body of POST /v1/links. With only a usercode it names a member of the
// directory; with any other field of a member it describes the whole member.
type linkRequest struct {
	member.Member
	Page       string // "home", "ticket" or "tickets"; "" means home
	Path       string // any page, as its path below the service, in place of Page
	Service    string // "" means the default one
	App        bool   // the page is for the web view of an app
	AdditionID string // what the customer has stored at the vendor for this inquiry
}

// readLinkRequest reads a body: one JSON object whose values are text, but for app. Its keys are
// written as here, and none is there twice. The errors hold nothing of the body but such a key.
func readLinkRequest(body io.Reader) (request linkRequest, err error) {
	fields := map[string]any{
		"usercode": &request.UserCode, "username": &request.UserName, "email": &request.Email,
		"phone": &request.Phone, "memberno": &request.MemberNo, "page": &request.Page, "path": &request.Path,
		"service": &request.Service, "app": &request.App, "addition_id": &request.AdditionID,
	}
	object := json.NewDecoder(body)
	next := func() (json.Token, error) {
		value, err := object.Token()
		if _, tooLarge := errors.AsType[*http.MaxBytesError](err); err != nil && !tooLarge {
			err = fmt.Errorf("%w: it is not one JSON object", errBadJSON)
		}
		return value, err
	}
	start, err := next()
	if err == nil && start != json.Delim('{') {
		err = fmt.Errorf("%w: it is not one JSON object", errBadJSON)
	}
	seen := map[string]bool{}
	for err == nil {
		var key, value json.Token
		if key, err = next(); err != nil || key == json.Delim('}') {
			break
		}
		name := key.(string) // as the decoder has checked
		switch lower := strings.ToLower(name); {
		case fields[name] == nil && fields[lower] != nil:
			return request, fmt.Errorf("%w: write the key %s in lower case", errBadJSON, lower)
		case fields[name] == nil:
			return request, fmt.Errorf("%w: it has an unknown key; known are %s", errBadJSON,
				strings.Join(slices.Sorted(maps.Keys(fields)), ", "))
		case seen[name]:
			return request, fmt.Errorf("%w: %s is there twice", errBadJSON, name)
		}
		seen[name] = true
		if value, err = next(); err != nil {
			break
		}
		var ok bool
		switch field := fields[name].(type) {
		case *bool:
			if *field, ok = value.(bool); !ok {
				err = fmt.Errorf("%w: %s is neither true nor false", errBadJSON, name)
			}
		case *string:
			if *field, ok = value.(string); !ok {
				err = fmt.Errorf("%w: %s is not text", errBadJSON, name)
			} else if strings.ContainsRune(*field, utf8.RuneError) {
				// The decoder puts U+FFFD in place of bad UTF-8 and of half a surrogate pair. Two
				// members must not become one by that.
				err = fmt.Errorf("%w: %s is not valid Unicode", errBadJSON, name)
			}
		}
	}
	if err != nil {
		return request, err
	}
	if _, err := object.Token(); !errors.Is(err, io.EOF) {
		return request, fmt.Errorf("%w: something follows the JSON object", errBadJSON)
	}
	if token.Blank(request.UserCode) {
		return request, fmt.Errorf("%w: usercode is missing", errBadJSON)
	}
	return request, nil
}

// requireKey lets callers through that send a bearer key whose hash is configured.
func (s *server) requireKey(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		scheme, key, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		hash, caller := sha256.Sum256([]byte(key)), ""
		for _, configured := range s.LinkKeys {
			if subtle.ConstantTimeCompare(hash[:], configured[:]) == 1 {
				caller = hex.EncodeToString(hash[:4])
			}
		}
		if !strings.EqualFold(scheme, "Bearer") || caller == "" {
			w.Header().Set("WWW-Authenticate", `Bearer realm="ocsso"`)
			s.problemJSON(w, r, errNoKey)
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), callerKey{}, caller)))
	})
}

// makeLink answers a backend with a signed link for a member of its app (CONTRACT 8). The
// verify URL knows the token: it belongs to a session without a cookie.
func (s *server) makeLink(w http.ResponseWriter, r *http.Request) error {
	request, err := readLinkRequest(r.Body)
	if err != nil {
		return err
	}
	to, err := s.linkPage(request)
	if err != nil {
		return err
	}
	who, err := s.linkMember(w, r, request)
	if err != nil {
		return err
	}
	// A request that is refused starts no session: whether the link fits shows without one.
	trial, err := s.center.Sign(helpcenter.Link, who, to, time.Now())
	if err != nil {
		return err
	}
	if location, err := trial.URL(); err != nil || !strings.HasPrefix(location, to.String()) { // but to the home page
		return fmt.Errorf("%w: the link would be longer than %d bytes", errBadJSON, helpcenter.MaxURL)
	}
	current, err := s.sessions.StartWithoutCookie(r.Context(), who)
	if err != nil {
		return unavailable(err)
	}
	link, err := s.signedLink(r, current, to)
	if err != nil {
		return err
	}
	s.countHandoff(w, r, helpcenter.Link, "ok", current)
	writeJSON(w, http.StatusOK, "application/json", link)
	return nil
}

// linkPage is the page of the help center that a request names.
func (s *server) linkPage(request linkRequest) (to helpcenter.ReturnURL, err error) {
	page, known := map[string]helpcenter.Page{
		"": helpcenter.Home, "home": helpcenter.Home, "ticket": helpcenter.Inquiry, "tickets": helpcenter.History,
	}[request.Page]
	switch {
	case !known:
		return to, fmt.Errorf("%w: page is none of home, ticket and tickets", errBadJSON)
	case request.Service != "" && !slices.Contains(s.site.Services(), request.Service):
		return to, fmt.Errorf("%w: service is none of the configured ones", errBadJSON)
	case request.Page != "" && request.Path != "":
		return to, fmt.Errorf("%w: it has both page and path", errBadJSON)
	}
	to = s.site.Page(request.Service, page)
	if request.Path != "" {
		below := s.site.Page(request.Service, "").String()
		to, err = s.site.ReturnURL(below + strings.TrimPrefix(request.Path, "/"))
		if err != nil || strings.Contains(request.Path, "#") {
			return to, fmt.Errorf("%w: path is no page below the service, such as hc/article/", errBadJSON)
		}
		to = to.Bare()
	}
	if request.App {
		to = to.ForApp()
	}
	return to.WithAddition(request.AdditionID), nil
}

// linkMember is the member whom a request names or describes, without the optional fields that the
// help center can't take.
func (s *server) linkMember(w http.ResponseWriter, r *http.Request, request linkRequest) (member.Member, error) {
	who := request.Member
	if err := token.CheckField(token.FieldUserCode, who.UserCode); err != nil {
		return member.Member{}, err
	}
	if who == (member.Member{UserCode: who.UserCode}) {
		account, err := s.members.Account(r.Context(), who.UserCode)
		if errors.Is(err, member.ErrUnknown) {
			return member.Member{}, errUnknownMember
		}
		if err != nil {
			return member.Member{}, unavailable(fmt.Errorf("look the member up: %w", err))
		}
		who = account.Member
	}
	fit, left, err := who.Sendable()
	s.logLeft(w, left)
	return fit, err
}

// endSessions logs a member out everywhere. The tokens issued to the sessions end with them.
func (s *server) endSessions(w http.ResponseWriter, r *http.Request) error {
	usercode := chi.URLParam(r, "usercode")
	if r.URL.RawPath != "" { // chi has matched the escaped path
		var err error
		if usercode, err = url.PathUnescape(usercode); err != nil {
			return errNotFound
		}
	}
	if token.Blank(usercode) {
		return fmt.Errorf("%w: the usercode in the path is empty", errBadJSON)
	}
	if err := token.CheckField(token.FieldUserCode, usercode); err != nil {
		return err
	}
	if err := s.sessions.EndAll(r.Context(), usercode); err != nil {
		return unavailable(err)
	}
	s.audit(w, r, "logout", "api", "ok", usercode, nil)
	w.WriteHeader(http.StatusNoContent)
	return nil
}
