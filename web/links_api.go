package web

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"

	"ocsso/internal/helpcenter"
	"ocsso/internal/member"
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
	UserCode string `json:"usercode"`
	UserName string `json:"username"`
	Email    string `json:"email"`
	Phone    string `json:"phone"`
	MemberNo string `json:"memberno"`
	Page     string `json:"page"`    // "home", "ticket" or "tickets"; "" means home
	Service  string `json:"service"` // "" means the default one
}

// requireKey lets callers through that send a bearer key whose hash is configured.
func (s *server) requireKey(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		scheme, key, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		if !strings.EqualFold(scheme, "Bearer") || !s.knowsKey(key) {
			w.Header().Set("WWW-Authenticate", `Bearer realm="ocsso"`)
			s.problemJSON(w, r, errNoKey)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (s *server) knowsKey(key string) bool {
	hash := sha256.Sum256([]byte(key))
	known := 0
	for _, configured := range s.LinkKeys {
		known |= subtle.ConstantTimeCompare(hash[:], configured[:])
	}
	return known == 1
}

// makeLink answers a backend with a signed link for a member of its app (PROTOCOL section 8). The
// verify URL knows the token: it belongs to a session without a cookie.
func (s *server) makeLink(w http.ResponseWriter, r *http.Request) error {
	var request linkRequest
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&request); err != nil {
		return errors.Join(errBadJSON, err)
	}
	page, ok := map[string]helpcenter.Page{
		"": helpcenter.Home, "home": helpcenter.Home, "ticket": helpcenter.Inquiry, "tickets": helpcenter.History,
	}[request.Page]
	if !ok {
		return fmt.Errorf("%w: page is none of home, ticket and tickets", errBadJSON)
	}
	if request.Service != "" && !slices.Contains(s.site.Services(), request.Service) {
		return fmt.Errorf("%w: service is none of the configured ones", errBadJSON)
	}
	who, err := s.linkMember(r, request)
	if err != nil {
		return err
	}
	link, err := s.center.Link(helpcenter.Member(who), s.site.Page(request.Service, page))
	if err != nil {
		return err
	}
	current, err := s.sessions.StartWithoutCookie(r.Context(), who, s.tokens.Lifetime())
	if err != nil {
		return unavailable(err)
	}
	if err := s.issue(r, current, link.Token); err != nil {
		return err
	}
	s.countHandoff(w, r, Link, "ok", current)
	writeJSON(w, http.StatusOK, "application/json", newLinkAnswer(link))
	return nil
}

// linkMember is the member whom a request names or describes.
func (s *server) linkMember(r *http.Request, request linkRequest) (member.Member, error) {
	who := member.Member{
		UserCode: request.UserCode, UserName: request.UserName, Email: request.Email,
		Phone: request.Phone, MemberNo: request.MemberNo,
	}
	if who != (member.Member{UserCode: request.UserCode}) {
		return who, who.Validate()
	}
	account, err := s.members.Account(r.Context(), request.UserCode)
	if errors.Is(err, member.ErrUnknown) {
		return member.Member{}, errUnknownMember
	}
	if err != nil {
		return member.Member{}, unavailable(fmt.Errorf("look the member up: %w", err))
	}
	return account.Member, nil
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
	if err := s.sessions.EndAll(r.Context(), usercode); err != nil {
		return unavailable(err)
	}
	s.audit.write(w, r, "logout", "api", "ok", usercode)
	w.WriteHeader(http.StatusNoContent)
	return nil
}
