package standin

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"ocsso/internal/devtools/signing"
)

// Settings are what an administrator sets in the vendor's console (CONTRACT 10a), and the
// organization key. Errors use the names of the JSON form.
type Settings struct {
	// Enabled turns member integration on. When it is off, everyone is a guest.
	Enabled bool `json:"enabled"`
	// Guests lets people who are not logged in open inquiries.
	Guests bool `json:"guests"`
	// Type is the login type; it decides which URLs below are required.
	Type LoginType `json:"type"`
	// LoginURL and LoginStatusURL are used in type POST. A form login may return to LoginURL's
	// origin.
	LoginURL       string `json:"login_url"`
	LoginStatusURL string `json:"login_status_url"`
	// TokenVerifyURL is used in type GET.
	TokenVerifyURL string `json:"token_verify_url"`
	// Parameters are the fields that the login status call sends back, each at most once.
	Parameters []Parameter `json:"parameters"`
	// Service is the id that the start page links to. The other pages answer for any service.
	Service         string      `json:"service"`
	OrganizationKey signing.Key `json:"organization_key"`
}

// LoginType is the way in which the customer logs members in.
type LoginType string

// The two types of the vendor's console.
const (
	TypePOST LoginType = "POST" // remote login, by form or api
	TypeGET  LoginType = "GET"  // signed links
)

// Parameter is one field to send back on the login status call.
type Parameter struct {
	Name string `json:"name"` // as in CONTRACT 2
	In   Place  `json:"in"`
}

// Place is the part of the request that carries a parameter.
type Place string

// The two places of the vendor's console.
const (
	InQuery  Place = "query"
	InHeader Place = "header"
)

// problems are those of settings or faults.
type problems []fieldError

type fieldError struct {
	Field   string // as in JSON
	Problem words
}

func (found *problems) add(wrong bool, field, en, ko string) {
	if wrong {
		*found = append(*found, fieldError{field, words{EN: en, KO: ko}})
	}
}

// err joins the problems, one per line. It is nil if there are none.
func (found problems) err() error {
	var all []error
	for _, p := range found {
		all = append(all, fmt.Errorf("%s: %s", p.Field, p.Problem.EN))
	}
	return errors.Join(all...)
}

// problems lists every problem of the settings.
func (s Settings) problems() (found problems) {
	found.add(s.Type != TypePOST && s.Type != TypeGET, "type", "must be POST or GET", "POST와 GET 중에서 선택하세요.")
	for _, u := range []struct {
		field, url string
		kind       LoginType
	}{{"login_url", s.LoginURL, TypePOST}, {"login_status_url", s.LoginStatusURL, TypePOST}, {"token_verify_url", s.TokenVerifyURL, TypeGET}} {
		found.add(u.url == "" && s.Enabled && s.Type == u.kind, u.field, "is required", "값을 입력하세요.")
		found.add(u.url != "" && (originOf(u.url) == "" || strings.Contains(u.url, "#")), u.field,
			"must be an http or https URL without user name and fragment", "http 또는 https 주소여야 하며 사용자 이름과 #을 포함할 수 없습니다.")
	}
	seen := map[string]bool{}
	for _, p := range s.Parameters {
		found.add(!slices.Contains(signing.FieldNames, p.Name) || seen[p.Name], "parameters",
			"must name a field of the remote login, each at most once", "원격 로그인의 필드 이름이어야 하며 한 번만 쓸 수 있습니다.")
		found.add(p.In != InQuery && p.In != InHeader, "parameters", "must be in query or header", "쿼리와 헤더 중에서 선택하세요.")
		seen[p.Name] = true
	}
	found.add(!validService(s.Service), "service", "must be one path segment of at most 50 characters", "50자 이하의 경로 하나여야 합니다.")
	found.add(s.OrganizationKey == "", "organization_key", "is required", "값을 입력하세요.")
	return found
}

// validService reports whether a service id is valid and can be part of a path (CONTRACT 1, 2).
func validService(service string) bool {
	return !signing.Blank(service) && signing.Length(service) <= 50 && !strings.Contains(service, "/") && service != "." && service != ".."
}

// needsLogin reports whether a page is for members only. Nobody can log in while member integration
// is off, so only the history is for members then.
func (s Settings) needsLogin(page Kind) bool {
	return page == KindHistory || page == KindInquiry && s.Enabled && !s.Guests
}

// asksStatus reports whether the pages call the login status URL.
func (s Settings) asksStatus() bool { return s.Enabled && s.Type == TypePOST }

// customerOrigins returns the origins of all URLs that are set, without repeats.
func (s Settings) customerOrigins() []string {
	var origins []string
	for _, raw := range []string{s.LoginURL, s.LoginStatusURL, s.TokenVerifyURL} {
		if origin := originOf(raw); origin != "" && !slices.Contains(origins, origin) {
			origins = append(origins, origin)
		}
	}
	return origins
}

// originOf returns the origin of an absolute http or https URL, without a default port. It returns
// "" for anything else, and for URLs that browsers and Go may parse differently.
func originOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.User != nil || strings.ContainsAny(raw, "\\ \t\r\n") {
		return ""
	}
	port := map[string]string{"http": ":80", "https": ":443"}[u.Scheme]
	host := strings.TrimSuffix(strings.ToLower(u.Host), port)
	if port == "" || host == "" {
		return ""
	}
	return u.Scheme + "://" + host
}

// loginURL is the login page that returns to the given page (CONTRACT 6); "" if nobody can log in.
func (s Settings) loginURL(page string) string {
	if !s.asksStatus() {
		return ""
	}
	return withQuery(s.LoginURL, "returnUrl", page)
}

// withQuery adds one parameter to a URL, encoded by EncodeURIComponent.
func withQuery(raw, name, value string) string {
	separator := "?"
	if strings.Contains(raw, "?") {
		separator = "&"
	}
	return raw + separator + name + "=" + signing.EncodeURIComponent(value)
}
