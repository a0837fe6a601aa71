package check

import (
	"cmp"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ocsso/internal/secret"
)

// installedChromium is skipped where there is none.
func installedChromium(t *testing.T) *Chromium {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "microsoft-edge"} {
		if path, err := exec.LookPath(name); err == nil {
			return &Chromium{Path: path}
		}
	}
	t.Skip("no Chromium is installed")
	return nil
}

func TestABrowserThatDoesNotStartIsNamed(t *testing.T) {
	wantNoProfile := useTemporary(t)
	defer wantNoProfile()
	for _, test := range []struct{ program, want string }{
		{"/nonexistent/chromium", "start the browser /nonexistent/chromium: "},
		{writeScript(t, "echo 'No usable sandbox!' >&2\nexit 1"), "the browser has ended: No usable sandbox!"},
	} {
		target := Target{HelpCenter: centerOrigin, Service: testService, UserCode: shopUser, LoginURL: siteOrigin + "/login", Timeout: time.Second}
		target.Chromium = &Chromium{Path: test.program}
		_, err := Run(t.Context(), target, Cases(), served{http.NotFoundHandler()}, time.Now, Reader{})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got error %v, want %q", test.program, err, test.want)
		}
	}
}

// useTemporary makes a folder for temporary files, and returns a check that no profile is left in
// it. Chromium needs a short path.
func useTemporary(t *testing.T) (wantNoProfile func()) {
	t.Helper()
	folder, err := os.MkdirTemp("", "c")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	t.Setenv("TMPDIR", folder)
	return func() {
		if left, _ := filepath.Glob(filepath.Join(folder, "ocsso-check-*")); left != nil {
			t.Errorf("got profiles left behind: %v", left)
		}
	}
}

func writeScript(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "browser")
	if err := os.WriteFile(file, []byte("#!/bin/sh\n"+text+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return file
}

// checkInChromium runs cases against a shop that listens on the network.
func checkInChromium(t *testing.T, target Target, handler func(*shop) http.Handler, ids ...string) (Report, *shop) {
	t.Helper()
	target.Chromium = installedChromium(t)
	wantNoProfile := useTemporary(t)
	defer wantNoProfile()
	s := &shop{center: &Center{}, sessions: map[string]string{"brought-along": shopUser}, tokens: map[string]string{}}
	var mu sync.Mutex // a shop is not safe for concurrent use
	inner := handler(s)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		inner.ServeHTTP(w, r)
	}))
	defer server.Close()
	target.LoginURL = strings.Replace(target.LoginURL, siteOrigin, server.URL, 1)
	target.LoginStatusURL = strings.Replace(target.LoginStatusURL, siteOrigin, server.URL, 1)
	target.FrameURL = strings.Replace(target.FrameURL, siteOrigin, server.URL, 1)
	target.TokenVerifyURL = strings.Replace(target.TokenVerifyURL, siteOrigin, server.URL, 1)
	target.Service, target.UserCode, target.OrganizationKey = testService, shopUser, testKey
	target.HelpCenter, target.Timeout = cmp.Or(target.HelpCenter, centerOrigin), cmp.Or(target.Timeout, 10*time.Second)
	if target.Cookie.Reveal() == "" {
		target.Password = secret.New(shopPassword)
	}
	cases, err := Select(ids...)
	if err != nil {
		t.Fatal(err)
	}
	// This one asks the real help center.
	cases = slices.DeleteFunc(cases, func(c Case) bool { return c.ID == "clock/help-center" })
	report, err := Run(t.Context(), target, cases, http.DefaultTransport, time.Now, Reader{})
	if err != nil {
		t.Fatal(err)
	}
	return report, s
}

func TestChromiumShowsHowALoginGoesOnByScript(t *testing.T) {
	var musts []string
	for _, c := range Cases() {
		if c.Level == Must {
			musts = append(musts, c.ID)
		}
	}
	for _, f := range faithfuls {
		if f.skips == nil {
			continue
		}
		t.Run(f.name, func(t *testing.T) {
			report, s := checkInChromium(t, f.target, f.handler, musts...)
			f.runs = append(f.runs, f.skips...)
			f.runs = append(f.runs, "login/page", "login/already-logged-in", "status/logged-in")
			if !slices.Contains(f.skips, "handoff/api-redirect") {
				f.runs = append(f.runs, "handoff/form-endpoint", "handoff/form-submits", "handoff/form-required", "handoff/form-token",
					"handoff/form-fresh", "handoff/form-return-url")
			}
			if f.target.Cookie.Reveal() == "" {
				f.runs = append(f.runs, "login/works", "login/policy", "login/wrong-password", "login/return-url-kept", "login/return-url")
			}
			f.skips, f.warns = nil, nil
			f.compare(t, report)
			wantNoSecrets(t, report, append(slices.Collect(maps.Keys(s.tokens)), shopPassword, shopEmail, shopName))
		})
	}
}

func TestChromiumShowsAFrameThatAScriptBuilds(t *testing.T) {
	page := `<div id="help"></div><script>const f = document.createElement("iframe"); f.id = "ocPage";
		f.src = "` + centerOrigin + `/hangame/hc/?iframe=true"; document.getElementById("help").append(f)</script>`
	target := Target{LoginURL: siteOrigin + "/login", FrameURL: siteOrigin + "/help"}
	report, _ := checkInChromium(t, target, func(*shop) http.Handler {
		mux := http.NewServeMux()
		mux.HandleFunc("/login", func(w http.ResponseWriter, _ *http.Request) { page200(w, "<p>점검 중입니다.</p>") })
		mux.HandleFunc("/help", func(w http.ResponseWriter, _ *http.Request) { page200(w, page) })
		return mux
	}, "frame/")
	if got := report.Count(OK); got != 3 {
		t.Errorf("got %d of 3 cases ok: %+v", got, report.Results)
	}
}

// The pages have one mistake each that only a browser can show. None of them reaches the help
// center.
func TestChromiumNamesPagesThatHandNobodyOff(t *testing.T) {
	const build = `const f = document.createElement("form"); f.method = "post"; f.action = "CENTER/v2/enduser/remote.json";
		for (const n of ["service", "usercode", "time", "token"]) { const i = document.createElement("input"); i.name = n; i.value = "1"; f.append(i); }
		document.body.append(f);`
	for _, test := range []struct{ name, login, page, policy, id, got, hint string }{
		{
			name: "a form that is never submitted", page: `<body><p>이동 중입니다.</p><script>` + build + `</script>`,
			id: "handoff/form-submits", got: "nothing was posted; the browser showed: 이동 중입니다.", hint: hintSubmits.text.EN,
		},
		{
			name: "a page that does nothing", page: `<div id=root></div><script>fetch("/nothing")</script>`,
			id: "login/works", got: "200 OK; the browser showed: an empty page", hint: hintNoHandoff.text.EN,
		},
		{
			name: "a script that throws", page: `<body>잠시만요<script>document.createElement("form"); missing.submit()</script>`,
			id: "login/works", got: "the browser showed: 잠시만요; and said: ReferenceError: missing is not defined",
			hint: hintNoHandoff.text.EN,
		},
		{
			name: "an alert", page: `<body><script>document.createElement("form"); alert("세션이 없습니다")</script>`,
			id: "login/works", got: "200 OK; the browser showed: an empty page; and said: 세션이 없습니다", hint: hintNoHandoff.text.EN,
		},
		{
			name: "a script that never ends", page: `<body><script>document.createElement("form"); for (;;) {}</script>`,
			id: "login/works", got: "the page keeps the browser busy", hint: hintNoAnswer.text.EN,
		},
		{
			name: "a policy that blocks the form", page: `<body><script>` + build + `f.submit()</script>`, policy: "form-action 'self'",
			id: "handoff/form-submits", got: `form-action 'self'`, hint: hintSubmits.text.EN,
		},
		{
			name: "a call by the script", page: `<body><script>const url = "CENTER/v2/enduser/remote.json", body = new URLSearchParams({usercode: "1"});
				fetch(url, {method: "POST", mode: "no-cors", body})</script>`,
			id: "login/works", got: "a script that fetches remote.json", hint: hintNotByFetch.text.EN,
		},
		{
			name: "another window", page: `<body><script>` + build + `f.target = "_blank"; f.submit()</script>`,
			id: "handoff/form-submits", got: "a form with the target _blank", hint: hintTarget.text.EN,
		},
		{
			name: "another window, after a key", login: `<form onsubmit="event.preventDefault(); send(this)">
				<input name=id><input name=pw type=password></form>
				<script>` + build + `f.target = "_blank"
				function send(form) { fetch("/login", {method: "POST", body: new FormData(form)}).then(() => f.submit()) }</script>`,
			id: "handoff/form-submits", got: "a form with the target _blank", hint: hintTarget.text.EN,
		},
		{
			name: "a frame", page: `<body><iframe name=f></iframe><script>` + build + `f.target = "f"; f.submit()</script>`,
			id: "handoff/form-submits", got: "a form with the target f", hint: hintTarget.text.EN,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			asked := make(chan string, 20)
			center := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { asked <- r.Method + " " + r.URL.Path }))
			defer center.Close()
			target := Target{HelpCenter: center.URL, LoginURL: siteOrigin + "/login", LoginStatusURL: siteOrigin + "/status", Timeout: 2 * time.Second}
			report, _ := checkInChromium(t, target, func(s *shop) http.Handler {
				mux := http.NewServeMux()
				mux.HandleFunc("GET /login", func(w http.ResponseWriter, r *http.Request) {
					if s.session(r, "sid") == "" {
						plain := `<form method="post"><input name="id"><input type="password" name="pw"><button>로그인</button></form>`
						page200(w, cmp.Or(strings.ReplaceAll(test.login, "CENTER", center.URL), plain))
						return
					}
					if test.policy != "" {
						w.Header().Set("Content-Security-Policy", test.policy)
					}
					page200(w, strings.ReplaceAll(test.page, "CENTER", center.URL))
				})
				mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
					s.login(w, r)
					http.Redirect(w, r, r.URL.String(), http.StatusSeeOther)
				})
				mux.HandleFunc("/status", func(w http.ResponseWriter, r *http.Request) { s.status(w, r, "sid") })
				return mux
			}, "login/works", "handoff/form-submits")
			for _, r := range report.Results {
				if r.ID == test.id && (r.Outcome != Fail || !strings.Contains(r.Got, test.got) || r.Hint != test.hint) {
					t.Errorf("got %s %q, hint %q; want FAIL %q, hint %q", r.Outcome, r.Got, r.Hint, test.got, test.hint)
				}
			}
			select {
			case got := <-asked:
				t.Errorf("the help center got %s, want nothing", got)
			default:
			}
		})
	}
}

func TestChromiumFindsMistakesOfALoginByScript(t *testing.T) {
	cookie := func(set string) func(*shop, http.ResponseWriter, *http.Request) {
		return func(s *shop, w http.ResponseWriter, r *http.Request) {
			if r.FormValue("pw") == shopPassword {
				w.Header().Set("Set-Cookie", "sid="+s.newSession()+set)
			}
		}
	}
	for _, test := range []struct {
		name, call, id, got string
		outcome             Outcome
		login               func(*shop, http.ResponseWriter, *http.Request)
	}{
		{
			name: "a cookie without Secure", login: cookie("; Path=/; HttpOnly; SameSite=None"),
			id: "status/cookie-secure", outcome: Fail, got: "sid=***; Path=/; HttpOnly; SameSite=None",
		},
		{
			name: "a cookie of another path", login: cookie("; Path=/member; Secure; SameSite=None"),
			id: "status/logged-in", outcome: Fail, got: "the cookie sid is not sent to /login: its Path is /member",
		},
		{
			name: "a wrong password that is accepted", id: "login/wrong-password", outcome: Fail, got: "a handoff by form",
			login: func(s *shop, w http.ResponseWriter, r *http.Request) { s.setSession(w, "sid") },
		},
		{
			name: "a right password that is refused", id: "login/works", outcome: Fail, got: "the browser showed: 로그인 비밀번호가 맞지 않습니다.",
			login: func(_ *shop, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) },
		},
		{
			name: "a session id that is kept", id: "login/session-id", outcome: Warn, got: "the one from before",
			login: func(s *shop, w http.ResponseWriter, r *http.Request) {
				if c, err := r.Cookie("sid"); err == nil && r.FormValue("pw") == shopPassword {
					s.sessions[c.Value] = shopUser
				} else if r.FormValue("pw") == shopPassword {
					s.setSession(w, "sid")
				}
			},
		},
		{
			name: "a password in the URL", call: `fetch("/api/login?" + new URLSearchParams(new FormData(this)), {method: "POST"})`,
			id: "login/secret-in-url", outcome: Warn, got: "a request with it in its URL",
			login: func(s *shop, w http.ResponseWriter, r *http.Request) { s.login(w, r) },
		},
		{
			name: "a limit of logins", id: "login/works", outcome: Skip, got: "429",
			login: func(_ *shop, w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", "3600")
				w.WriteHeader(http.StatusTooManyRequests)
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			call := cmp.Or(test.call, `fetch("/api/login", {method: "POST", body: new FormData(this)})`)
			target := Target{LoginURL: siteOrigin + "/login", LoginStatusURL: siteOrigin + "/status", Timeout: 3 * time.Second}
			report, _ := checkInChromium(t, target, func(s *shop) http.Handler {
				mux := http.NewServeMux()
				mux.HandleFunc("/login", func(w http.ResponseWriter, r *http.Request) {
					if id := s.session(r, "sid"); id != "" {
						s.handOff(w, id, r.URL.Query().Get("returnUrl"))
						return
					}
					page200(w, `<h1>로그인</h1><form><p></p><input name="id"><input name="pw" type="password"><button>로그인</button></form>
						<script>document.forms[0].onsubmit = async function (e) { e.preventDefault(); const r = await `+call+`;
						if (r.ok) location.reload(); else document.querySelector("p").textContent = "비밀번호가 맞지 않습니다."; }</script>`)
				})
				mux.HandleFunc("/api/login", func(w http.ResponseWriter, r *http.Request) { test.login(s, w, r) })
				mux.HandleFunc("/status", func(w http.ResponseWriter, r *http.Request) { s.status(w, r, "sid") })
				return mux
			}, test.id)
			for _, r := range report.Results {
				if r.Outcome != test.outcome || !strings.Contains(r.Got+r.Reason, test.got) {
					t.Errorf("%s: got %s %q; want %s %q", r.ID, r.Outcome, r.Got+r.Reason, test.outcome, test.got)
				}
			}
		})
	}
}
