package web_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"ocsso/internal/audit"
	"ocsso/internal/helpcenter"
	"ocsso/internal/i18n"
	"ocsso/internal/kv"
	"ocsso/internal/member"
	"ocsso/internal/member/membertest"
	"ocsso/internal/metrics"
	passwords "ocsso/internal/password"
	"ocsso/internal/secret"
	"ocsso/internal/session"
	"ocsso/web"
)

const (
	own      = "https://sso.example.com"
	center   = "https://example.oc.alpha-nhncloud.com"
	extra    = "https://intranet.example.com"
	key      = "an organization key for tests"
	password = membertest.Password
)

// The members: one with every field, one with only the required one, one with a field that can't be
// sent.
var (
	minji  = member.Member{UserCode: "minji", UserName: "김민지", Email: "minji@example.com", Phone: "010-1234-5678", MemberNo: "M-1"}
	simple = member.Member{UserCode: "simple"}
	broken = member.Member{UserCode: "broken", Email: "a&b@example.com"}
)

// directory has the members, or returns err. account replaces the one with its usercode.
type directory struct {
	err     error
	account *member.Member
}

func (d directory) Account(_ context.Context, usercode string) (member.Account, error) {
	for _, m := range []member.Member{minji, simple, broken} {
		if d.account != nil && m.UserCode == d.account.UserCode {
			m = *d.account
		}
		if d.err == nil && m.UserCode == usercode {
			return member.Account{Member: m, PasswordHash: membertest.Hash}, nil
		}
	}
	if d.err != nil {
		return member.Account{}, d.err
	}
	return member.Account{}, member.ErrUnknown
}

// DecoyHash is as cheap as the members' hashes, for quick tests.
func (directory) DecoyHash() string { return membertest.Hash }

var testKey = audit.NewKey([]byte("a session key"))

// A site is a server under test.
type site struct {
	t       testing.TB
	handler http.Handler
	center  helpcenter.Origin
	log     *strings.Builder
	counts  *metrics.Metrics
	seen    *web.Seen
}

// An option changes what a test's server is made of.
type option func(*parts)

type parts struct {
	settings web.Settings
	store    kv.Store
	members  member.Directory
	login    web.Login
	limits   web.Limits
	recheck  session.Recheck
	center   helpcenter.Origin
	timeout  time.Duration
	seen     *web.Seen
}

func withHandoff(way helpcenter.Way) option { return func(p *parts) { p.settings.Handoff = way } }
func withStore(s kv.Store) option           { return func(p *parts) { p.store = s } }
func withMembers(d directory) option        { return func(p *parts) { p.members = d } }
func withLogin(l web.Login) option          { return func(p *parts) { p.login = l } }
func withOwn(o helpcenter.Origin) option    { return func(p *parts) { p.settings.Own = o } }

func withProxies(networks ...string) option {
	return func(p *parts) {
		for _, text := range networks {
			p.settings.TrustedProxies = append(p.settings.TrustedProxies, netip.MustParsePrefix(text))
		}
	}
}

func withCenter(o string) option {
	return func(p *parts) { p.center = helpcenter.Origin(o) }
}

func newSite(t testing.TB, options ...option) *site {
	t.Helper()
	p := parts{
		settings: web.Settings{Own: own, Handoff: helpcenter.Form, ExtraOrigins: []helpcenter.Origin{extra}, AuditKey: testKey, Language: i18n.KO},
		store:    kv.NewMemory(time.Now, 10_000_000),
		members:  directory{},
		login:    web.PasswordLogin{Passwords: passwords.NewGate(4, 0)},
		limits: web.Limits{
			Counter:    kv.NewMemory(time.Now, 10_000_000),
			PerAddress: web.Limit{Count: 1000, Window: time.Minute}, PerMember: web.Limit{Count: 1000, Window: time.Minute},
		},
		center:  center,
		timeout: time.Minute,
		seen:    &web.Seen{},
	}
	for _, o := range options {
		o(&p)
	}
	if l, ok := p.login.(web.PasswordLogin); ok {
		l.Members = p.members
		p.login = l
	}
	s := helpcenter.NewSite(p.center, "hangame", "second")
	sessions, err := session.NewManager(p.store, session.CookieName(string(p.settings.Own)+p.settings.BasePath), [][]byte{[]byte(strings.Repeat("k", 64))},
		session.Limits{Lifetime: 12 * time.Hour, Idle: 2 * time.Hour, Token: time.Hour}, p.recheck, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	counts := metrics.New("test")
	client := helpcenter.NewClient(s, secret.New(key), &http.Transport{}, p.timeout, time.Now)
	p.settings.LoginWith = loginWith(p.login)
	handler := web.New(p.settings, slog.New(slog.NewTextHandler(&log, nil)), counts, client,
		p.members, p.login, p.limits, sessions, p.seen)
	t.Cleanup(func() { wantAllSeriesFromTheStart(t, counts) })
	return &site{t, handler, p.center, &log, counts, p.seen}
}

// loginWith is the way to log in for the audit log.
func loginWith(login web.Login) string {
	way := strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%T", login), "web."), "Login")
	return strings.ToLower(way)
}

// do sends a request with headers given as name, value, name, value. Peer is its client's address.
func (s *site) do(method, target string, body io.Reader, headers ...string) *http.Response {
	s.t.Helper()
	r := httptest.NewRequest(method, own+target, body)
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Peer" {
			r.RemoteAddr = headers[i+1]
		} else {
			r.Header.Add(headers[i], headers[i+1])
		}
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w.Result()
}

func (s *site) get(target string, headers ...string) *http.Response {
	s.t.Helper()
	return s.do("GET", target, nil, headers...)
}

func (s *site) post(target string, form url.Values, headers ...string) *http.Response {
	s.t.Helper()
	headers = append([]string{"Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin"}, headers...)
	return s.do("POST", target, strings.NewReader(form.Encode()), headers...)
}

// logIn logs a member in and returns the Cookie header of the browser.
func (s *site) logIn(m member.Member) string {
	s.t.Helper()
	resp := right(s, m.UserCode)
	wantStatus(s.t, resp, http.StatusSeeOther)
	return cookieOf(s.t, resp)
}

// cookieOf returns the Cookie header of a browser that got resp.
func cookieOf(t testing.TB, resp *http.Response) string {
	t.Helper()
	for _, c := range resp.Cookies() {
		if strings.HasPrefix(c.Name, "__Host-ocsso") && c.Value != "" {
			return c.Name + "=" + c.Value
		}
	}
	t.Fatalf("got %d and no session", resp.StatusCode)
	return ""
}

// scrape returns the metrics.
func scrape(s *site) string { return scraped(s.counts) }

func scraped(counts *metrics.Metrics) string {
	w := httptest.NewRecorder()
	counts.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	return w.Body.String()
}

// issue hands minji off and returns the token that the page sends.
func (s *site) issue(cookie string) string {
	s.t.Helper()
	_, fields := handoffForm(s.t, s.get("/login/form", "Cookie", cookie))
	return fields.Get("token")
}

func wantStatus(t testing.TB, resp *http.Response, want int) {
	t.Helper()
	if resp.StatusCode != want {
		t.Fatalf("got status %d, want %d", resp.StatusCode, want)
	}
}

func wantHeader(t testing.TB, resp *http.Response, name, want string) {
	t.Helper()
	if got := strings.Join(resp.Header.Values(name), ", "); got != want {
		t.Errorf("%s: got %q, want %q", name, got, want)
	}
}

func body(t testing.TB, resp *http.Response) string {
	t.Helper()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

var (
	formTag  = regexp.MustCompile(`<form id="handoff" method="post" action="([^"]*)">`)
	inputTag = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)
)

// handoffForm returns the form of the handoff page.
func handoffForm(t testing.TB, resp *http.Response) (action string, fields url.Values) {
	t.Helper()
	wantStatus(t, resp, http.StatusOK)
	page := body(t, resp)
	form := formTag.FindStringSubmatch(page)
	if form == nil {
		t.Fatalf("no handoff form in %s", page)
	}
	fields = url.Values{}
	for _, input := range inputTag.FindAllStringSubmatch(page, -1) {
		fields.Add(input[1], unescape(input[2]))
	}
	return form[1], fields
}

func unescape(s string) string {
	return strings.NewReplacer("&amp;", "&", "&#39;", "'", "&#34;", `"`, "&lt;", "<", "&gt;", ">").Replace(s)
}

var errStore = errors.New("store on fire")

// A testStore is a store in memory that counts what it is asked, and fails as one on a network
// does: when the client has gone, and when fails says so.
type testStore struct {
	*kv.Memory
	fails          func(call, key string) error // nil for never
	reads, changes int
}

func newTestStore() *testStore { return &testStore{Memory: kv.NewMemory(time.Now, 10_000_000)} }

func withBrokenStore(p *parts) {
	store := newTestStore()
	store.fails = onFire
	p.store = store
}

// onFire fails at every call.
func onFire(string, string) error { return errStore }

func (s *testStore) ask(ctx context.Context, call, key string) error {
	if call == "get" {
		s.reads++
	} else {
		s.changes++
	}
	if s.fails != nil && ctx.Err() == nil {
		return s.fails(call, key)
	}
	return ctx.Err()
}

func (s *testStore) Get(ctx context.Context, key string) ([]byte, error) {
	if err := s.ask(ctx, "get", key); err != nil {
		return nil, err
	}
	return s.Memory.Get(ctx, key)
}

func (s *testStore) Put(ctx context.Context, key string, value []byte, lifetime time.Duration) error {
	if err := s.ask(ctx, "put", key); err != nil {
		return err
	}
	return s.Memory.Put(ctx, key, value, lifetime)
}

func (s *testStore) Replace(ctx context.Context, key string, old, value []byte, lifetime time.Duration) (bool, error) {
	if err := s.ask(ctx, "replace", key); err != nil {
		return false, err
	}
	return s.Memory.Replace(ctx, key, old, value, lifetime)
}

func (s *testStore) Increment(ctx context.Context, key string, by int, window time.Duration) (int, time.Duration, error) {
	if err := s.ask(ctx, "increment", key); err != nil {
		return 0, 0, err
	}
	n, left, err := s.Memory.Increment(ctx, key, by, window)
	return n, left, cmp.Or(err, ctx.Err()) // the client may have gone meanwhile
}

func (s *testStore) Delete(ctx context.Context, key string) error {
	if err := s.ask(ctx, "delete", key); err != nil {
		return err
	}
	return s.Memory.Delete(ctx, key)
}

// answering is a help center that gives every call this answer.
func answering(t testing.TB, status int, answer string) option {
	return answeringWith(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		fmt.Fprint(w, answer)
	})
}

// answeringWith is a help center with this handler.
func answeringWith(t testing.TB, handler http.HandlerFunc) option {
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return withCenter(server.URL)
}
