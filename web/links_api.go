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
	"ocsso/internal/token"
)

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
	tokens := json.NewDecoder(body)
	next := func() (json.Token, error) {
		value, err := tokens.Token()
		if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
			return nil, tooLarge
		}
		if err != nil {
			return nil, fmt.Errorf("%w: it is not one JSON object", errBadJSON)
		}
		return value, nil
	}
	if start, err := next(); err != nil {
		return request, err
	} else if start != json.Delim('{') {
		return request, fmt.Errorf("%w: it is not one JSON object", errBadJSON)
	}
	seen := map[string]bool{}
	for {
		key, err := next()
		if err != nil {
			return request, err
		}
		name, ok := key.(string)
		if !ok {
			break // the end of the object
		}
		field := fields[name]
		switch lower := strings.ToLower(name); {
		case field == nil && fields[lower] != nil:
			return request, fmt.Errorf("%w: write the key %s in lower case", errBadJSON, lower)
		case field == nil:
			return request, fmt.Errorf("%w: it has an unknown key; known are %s", errBadJSON,
				strings.Join(slices.Sorted(maps.Keys(fields)), ", "))
		case seen[name]:
			return request, fmt.Errorf("%w: %s is there twice", errBadJSON, name)
		}
		seen[name] = true
		value, err := next()
		if err != nil {
			return request, err
		}
		switch field := field.(type) {
		case *bool:
			if *field, ok = value.(bool); !ok {
				return request, fmt.Errorf("%w: %s is neither true nor false", errBadJSON, name)
			}
		case *string:
			if *field, ok = value.(string); !ok {
				return request, fmt.Errorf("%w: %s is not text", errBadJSON, name)
			}
			// The decoder puts U+FFFD in place of bad UTF-8 and of half a surrogate pair. Two
			// members must not become one by that.
			if strings.ContainsRune(*field, utf8.RuneError) {
				return request, fmt.Errorf("%w: %s is not valid Unicode", errBadJSON, name)
			}
		}
	}
	switch _, err := tokens.Token(); {
	case !errors.Is(err, io.EOF):
		return request, fmt.Errorf("%w: something follows the JSON object", errBadJSON)
	case token.Blank(request.UserCode):
		return request, fmt.Errorf("%w: usercode is missing", errBadJSON)
	}
	return request, nil
}

// requireKey lets callers through that send a bearer key whose hash is configured.
func (s *server) requireKey(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		scheme, key, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		caller := s.callerWith(key)
		if !strings.EqualFold(scheme, "Bearer") || caller == "" {
			w.Header().Set("WWW-Authenticate", `Bearer realm="ocsso"`)
			s.problemJSON(w, r, errNoKey)
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), callerKey{}, caller)))
	})
}

// callerWith returns who has a key: the first digits of its hash, as links_api.keys has it, or "".
func (s *server) callerWith(key string) (caller string) {
	hash := sha256.Sum256([]byte(key))
	for _, configured := range s.LinkKeys {
		if subtle.ConstantTimeCompare(hash[:], configured[:]) == 1 {
			caller = hex.EncodeToString(hash[:4])
		}
	}
	return caller
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
	link, err := s.center.Link(who, to, time.Now())
	if err != nil {
		return err
	}
	if !strings.HasPrefix(link.URL, to.String()) { // it would lead to the home page
		return fmt.Errorf("%w: the link would be longer than %d bytes", errBadJSON, helpcenter.MaxURL)
	}
	current, err := s.sessions.StartWithoutCookie(r.Context(), who)
	if err != nil {
		return unavailable(err)
	}
	if link, err = s.signedLink(r, current, to); err != nil {
		return err
	}
	s.countHandoff(w, r, Link, "ok", current)
	writeJSON(w, http.StatusOK, "application/json", newLinkAnswer(link))
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
	return s.sendable(w, r, who)
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
	s.audit.write(w, r, "logout", "api", "ok", usercode, nil)
	w.WriteHeader(http.StatusNoContent)
	return nil
}
