package check

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/korean"

	"ocsso/internal/secret"
)

// A faithful is an integration as somebody writes it from the vendor's pages alone. It meets every
// must.
type faithful struct {
	name    string
	handler func(*shop) http.Handler
	target  Target   // HelpCenter, Service, UserCode, the key and the times are set by the test
	runs    []string // cases that must run; a group ends in a slash
	warns   []string
	musts   bool // tries the musts alone: another one has the same server
}

// A shop is what the integrations have in common: members, sessions and tokens in memory.
type shop struct {
	center   *Center
	sessions map[string]string // usercode by session id
	tokens   map[string]string // session id by token
	count    int
}

const (
	shopUser, shopPassword = "lee.jiwoo", "s3cret+p&ss=한글"
	shopName, shopEmail    = "이지우 (VIP)", "jiwoo+help@example.com"
)

func (s *shop) newSession() string {
	s.count++
	id := fmt.Sprintf("a3f9c1e07b52d846%08d", s.count)
	s.sessions[id] = shopUser
	return id
}

func (s *shop) session(r *http.Request, name string) string {
	if c, err := r.Cookie(name); err == nil && s.sessions[c.Value] != "" {
		return c.Value
	}
	return ""
}

// sign is the Java of the vendor's page.
func (s *shop) sign(session string, fields ...string) string {
	var message []string
	for _, field := range fields {
		if strings.TrimSpace(field) != "" {
			message = append(message, field)
		}
	}
	mac := hmac.New(sha256.New, []byte(testKey))
	mac.Write([]byte(strings.Join(message, "&")))
	token := base64.StdEncoding.EncodeToString(mac.Sum(nil))
	s.tokens[token] = session
	return token
}

// fields are the inputs of the handoff's form.
func (s *shop) fields(session, returnURL string) string {
	now := strconv.FormatInt(time.Now().UnixMilli(), 10)
	token := s.sign(session, testService, shopUser, shopName, shopEmail, returnURL, now)
	var inputs strings.Builder
	for _, f := range [][2]string{
		{"service", testService}, {"usercode", shopUser}, {"username", shopName}, {"email", shopEmail},
		{"returnUrl", returnURL}, {"time", now}, {"token", token},
	} {
		fmt.Fprintf(&inputs, `<input type="hidden" name="%s" value="%s">`, f[0], html.EscapeString(f[1]))
	}
	return inputs.String()
}

// call is the call to the help center's server, which waits 3 s for an answer.
func (s *shop) call(r *http.Request, values url.Values) (access string, err error) {
	ctx, cancel := context.WithTimeout(r.Context(), 3*time.Second)
	defer cancel()
	call := httptest.NewRequestWithContext(ctx, http.MethodPost, centerOrigin+"/api/v2/enduser/remote.json", strings.NewReader(values.Encode()))
	call.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	s.center.ServeHTTP(w, call)
	var answer struct {
		Header struct{ IsSuccessful bool }
		Result struct{ Content string }
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || !answer.Header.IsSuccessful {
		return "", errors.New("refused")
	}
	return answer.Result.Content, nil
}

func (s *shop) status(w http.ResponseWriter, r *http.Request, cookie string) {
	w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
	w.Header().Set("Access-Control-Allow-Credentials", "true")
	s.json(w, s.sessions[s.session(r, cookie)])
}

func (s *shop) json(w http.ResponseWriter, usercode string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if usercode == "" {
		fmt.Fprint(w, "{\n\"login\": \"false\",\n\"usercode\": null\n}")
		return
	}
	fmt.Fprintf(w, "{\n\"login\": \"true\",\n\"usercode\":%q\n}", usercode)
}

func (s *shop) verify(w http.ResponseWriter, r *http.Request) {
	usercode := s.sessions[s.tokens[r.URL.Query().Get("token")]]
	if usercode != r.URL.Query().Get("usercode") {
		usercode = ""
	}
	s.json(w, usercode)
}

func (s *shop) setSession(w http.ResponseWriter, name string) {
	http.SetCookie(w, &http.Cookie{Name: name, Value: s.newSession(), Path: "/", HttpOnly: true, Secure: true, SameSite: http.SameSiteNoneMode})
}

// login answers a login that a script sends.
func (s *shop) login(w http.ResponseWriter, r *http.Request) {
	if r.FormValue("id") != shopUser || r.FormValue("pw") != shopPassword {
		http.Error(w, "wrong", http.StatusUnauthorized)
		return
	}
	s.setSession(w, "sid")
}

// handOff answers with a form that submits itself.
func (s *shop) handOff(w http.ResponseWriter, session, returnURL string) {
	page200(w, `<form id="f" method="post" action="`+centerOrigin+`/v2/enduser/remote.json">`+s.fields(session, returnURL)+
		`</form><script>document.getElementById("f").submit()</script>`)
}

func page200(w http.ResponseWriter, body string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprint(w, body)
}

func ours(returnURL string) bool { return strings.HasPrefix(returnURL, centerOrigin+"/") }

// express is server-rendered, with a CSRF token, a search form before the login form, helmet's
// policy and a nonce.
func express(s *shop) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /login", func(w http.ResponseWriter, r *http.Request) {
		returnURL := r.URL.Query().Get("returnUrl")
		if !ours(returnURL) {
			http.Error(w, "Bad Request", http.StatusBadRequest)
			return
		}
		if id := s.session(r, "connect.sid"); id != "" {
			w.Header().Set("Content-Security-Policy", "default-src 'self';form-action 'self' "+centerOrigin+";script-src 'self' 'nonce-r4nd0m'")
			page200(w, `<form id="f" action="`+centerOrigin+`/v2/enduser/remote.json" method="POST">`+s.fields(id, returnURL)+
				`</form><script nonce="r4nd0m">document.getElementById("f").submit();</script>`)
			return
		}
		http.SetCookie(w, &http.Cookie{Name: "_csrf", Value: "csrf-4711-0815", Path: "/login", HttpOnly: true})
		page200(w, `<header><form action="/search"><input type="text" name="q" placeholder="검색"><button>검색</button></form></header>
			<form method="post" action="/login"><input type="hidden" name="_csrf" value="csrf-4711-0815">
			<input type="hidden" name="returnUrl" value="`+html.EscapeString(returnURL)+`">
			<input name="email" type="email"><input name="pw" type="password">
			<input type="checkbox" name="remember" value="1"><button type="submit" name="go" value="login">로그인</button></form>`)
	})
	mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		c, err := r.Cookie("_csrf")
		if err != nil || r.FormValue("_csrf") != c.Value || r.FormValue("go") != "login" || r.Form.Has("remember") {
			http.Error(w, "Forbidden", http.StatusForbidden)
			return
		}
		back := "/login?returnUrl=" + url.QueryEscape(r.FormValue("returnUrl"))
		if r.FormValue("email") == shopEmail && r.FormValue("pw") == shopPassword {
			http.SetCookie(w, &http.Cookie{Name: "connect.sid", Value: s.newSession(), Path: "/", HttpOnly: true, Secure: true, SameSite: http.SameSiteNoneMode})
		}
		http.Redirect(w, r, back, http.StatusFound)
	})
	mux.HandleFunc("GET /api/login-status", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Origin") == centerOrigin {
			w.Header().Set("Access-Control-Allow-Origin", centerOrigin)
			w.Header().Set("Access-Control-Allow-Credentials", "true")
		}
		s.json(w, s.sessions[s.session(r, "connect.sid")])
	})
	return mux
}

// javaSample follows the vendor's sample: pages in EUC-KR, radio buttons, cookies that its scripts
// read, a form that a script builds, any origin.
func javaSample(s *shop) http.Handler {
	mux := http.NewServeMux()
	euckr := func(w http.ResponseWriter, body string) {
		w.Header().Set("Content-Type", "text/html")
		encoded, _ := korean.EUCKR.NewEncoder().String(`<html><head><meta charset="euc-kr"></head><body>` + body)
		fmt.Fprint(w, encoded)
	}
	form := func(returnURL, message string) string {
		return `<p>회원 로그인 ` + message + `</p><form action="login.nhn" method="post" name="loginForm">
			<input type="radio" name="kind" value="company"> 기업 <input type="radio" name="kind" value="person" checked> 개인
			<select name="site"><option value="kr">한국<option value="jp" selected>일본</select>
			<input type="hidden" name="returnUrl" value="` + html.EscapeString(returnURL) + `">
			<table><tr><td><input type="text" name="id"></td></tr><tr><td><input type="password" name="password"></td></tr></table>
			<input type="submit" value="로그인"></form>`
	}
	mux.HandleFunc("/sso/login.nhn", func(w http.ResponseWriter, r *http.Request) {
		r.ParseForm()
		returnURL, id := r.Form.Get("returnUrl"), s.session(r, "sso_test_login")
		if r.Method == http.MethodPost {
			password, _ := korean.EUCKR.NewDecoder().String(r.Form.Get("password"))
			if r.Form.Get("id") != shopUser || password != shopPassword || r.Form.Get("kind") != "person" || r.Form.Get("site") != "jp" {
				euckr(w, form(returnURL, "실패"))
				return
			}
			id = s.newSession()
			http.SetCookie(w, &http.Cookie{Name: "sso_test_login", Value: id, Path: "/", Secure: true, SameSite: http.SameSiteNoneMode})
			http.SetCookie(w, &http.Cookie{Name: "usercode", Value: shopUser, Path: "/", Secure: true, SameSite: http.SameSiteNoneMode})
		}
		if id == "" {
			euckr(w, form(returnURL, ""))
			return
		}
		now := strconv.FormatInt(time.Now().UnixMilli(), 10)
		token := s.sign(id, testService, shopUser, returnURL, now)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<body><script>var form = document.createElement("form"); form.method = "POST";
			form.action = "%s/v2/enduser/remote.json";
			var values = {service: %q, usercode: %q, returnUrl: %q, time: %s, token: %q};
			for (var name in values) { var i = document.createElement("input"); i.name = name; i.value = values[name]; form.appendChild(i); }
			document.body.appendChild(form); form.submit();</script>`, centerOrigin, testService, shopUser, returnURL, now, token)
	})
	mux.HandleFunc("/sso/loginStatus.nhn", func(w http.ResponseWriter, r *http.Request) { s.status(w, r, "sso_test_login") })
	return mux
}

// metaRefresh goes from page to page by meta refresh, a literal location and 307, over two hosts of
// one company.
func metaRefresh(s *shop) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("shop.example/login", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "https://auth.shop.example/signin?"+r.URL.RawQuery)
		w.WriteHeader(http.StatusTemporaryRedirect)
	})
	mux.HandleFunc("auth.shop.example/signin", func(w http.ResponseWriter, r *http.Request) {
		returnURL, id := r.FormValue("returnUrl"), s.session(r, "__Secure-auth")
		if !ours(returnURL) {
			http.NotFound(w, r)
			return
		}
		if r.Method == http.MethodPost && r.FormValue("member_id") == shopUser && r.FormValue("member_pw") == shopPassword {
			id = s.newSession()
			w.Header().Add("Set-Cookie", "__Secure-auth="+id+"; domain=.shop.example; path=/; secure; samesite=none; max-age=3600; httponly")
			page200(w, `<p>로그인했습니다.</p><script>location.replace("\/hop?u=`+strings.ReplaceAll(url.QueryEscape(returnURL), "%", "\\x25")+`");</script>`)
			return
		}
		if id != "" {
			page200(w, `<meta http-equiv="Refresh" content="0;URL='/hop?u=`+url.QueryEscape(returnURL)+`'"><p>이동 중입니다.</p>`)
			return
		}
		// The form of old pages: a table takes its inputs out of it.
		page200(w, `<table><form method="POST" action="/moved"><tr><td><input name=member_id><tr><td><input type=password name=member_pw>
			<input type=hidden name=returnUrl value="`+html.EscapeString(returnURL)+`"><tr><td><input type=image src=login.gif></form></table>`)
	})
	mux.HandleFunc("auth.shop.example/moved", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "/signin")
		w.WriteHeader(http.StatusPermanentRedirect)
	})
	mux.HandleFunc("auth.shop.example/hop", func(w http.ResponseWriter, r *http.Request) {
		page200(w, `<body onload="document.remote.submit()"><form name="remote" method="post" action="`+centerOrigin+`/v2/enduser/remote.json">`+
			s.fields(s.session(r, "__Secure-auth"), r.URL.Query().Get("u"))+`<noscript><button>계속</button></noscript></form>`)
	})
	mux.HandleFunc("shop.example/status", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", centerOrigin)
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		http.Redirect(w, r, "/status/", http.StatusMovedPermanently)
	})
	mux.HandleFunc("shop.example/status/", func(w http.ResponseWriter, r *http.Request) { s.status(w, r, "__Secure-auth") })
	return mux
}

// phpGET is of the GET type: the login hands nobody off, and the app opens signed links, which look
// like the vendor's example.
func phpGET(s *shop) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/login.php", func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodPost && r.FormValue("userid") == shopUser && r.FormValue("passwd") == shopPassword:
			w.Header().Add("Set-Cookie", "PHPSESSID="+s.newSession()+"; path=/; secure; HttpOnly; SameSite=None")
			http.Redirect(w, r, "/mypage.php", http.StatusFound)
		case s.session(r, "PHPSESSID") != "":
			http.Redirect(w, r, "/mypage.php", http.StatusFound)
		default:
			page200(w, `<form method="post"><input type="text" name="userid"><input type="password" name="passwd"><input type="submit"></form>`)
		}
	})
	mux.HandleFunc("/mypage.php", func(w http.ResponseWriter, _ *http.Request) { page200(w, "<h1>마이페이지</h1>") })
	mux.HandleFunc("/help.php", func(w http.ResponseWriter, r *http.Request) {
		id := s.session(r, "PHPSESSID")
		if id == "" {
			http.Redirect(w, r, "/login.php", http.StatusFound)
			return
		}
		now := strconv.FormatInt(time.Now().UnixMilli(), 10)
		token := url.QueryEscape(s.sign(id, testService, shopUser, shopName, "jiwoo@example.com", now))
		w.Header().Set("Location", centerOrigin+"/hangame/hc/?usercode="+shopUser+"&username="+url.QueryEscape(shopName)+
			"&email=jiwoo@example.com&time="+now+"&token="+strings.NewReplacer("%3D", "%3d", "%2B", "%2b", "%2F", "%2f").Replace(token))
		w.WriteHeader(http.StatusFound)
	})
	mux.HandleFunc("/verify.php", s.verify)
	mux.HandleFunc("/logout.php", func(w http.ResponseWriter, r *http.Request) {
		delete(s.sessions, s.session(r, "PHPSESSID"))
		http.Redirect(w, r, "/login.php", http.StatusFound)
	})
	return mux
}

// flask hands off by the server's call, and answers with a Boolean and one more key.
func flask(s *shop) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/login", func(w http.ResponseWriter, r *http.Request) {
		returnURL, id := r.FormValue("returnUrl"), s.session(r, "session")
		if !ours(returnURL) {
			http.Error(w, "bad returnUrl", http.StatusBadRequest)
			return
		}
		if r.Method == http.MethodPost && r.FormValue("username") == shopUser && r.FormValue("password") == shopPassword {
			id = s.newSession()
			http.SetCookie(w, &http.Cookie{Name: "session", Value: id, Path: "/", HttpOnly: true, Secure: true, SameSite: http.SameSiteNoneMode})
		}
		if id == "" {
			page200(w, `<form method=post><label>ID<input name=username autocomplete=username></label><input type=password name=password><button>Go</button></form>
				<form method=post action=/join><input name=newid><input type=password name=p1><input type=password name=p2><button>가입</button></form>`)
			return
		}
		now := strconv.FormatInt(time.Now().UnixMilli(), 10)
		values := url.Values{"service": {testService}, "usercode": {shopUser}, "time": {now}, "token": {s.sign(id, testService, shopUser, now)}}
		access, err := s.call(r, values)
		if err != nil {
			http.Error(w, "<h1>Internal Server Error</h1>", http.StatusInternalServerError)
			return
		}
		to, _ := url.Parse(returnURL)
		query := to.Query()
		for name, value := range map[string]string{"usercode": shopUser, "time": now, "accessToken": access} {
			query.Set(name, value)
		}
		to.RawQuery = query.Encode() // sorts the parameters
		http.Redirect(w, r, to.String(), http.StatusFound)
	})
	mux.HandleFunc("/status", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", centerOrigin)
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		w.Header().Set("Content-Type", "application/json")
		usercode := s.sessions[s.session(r, "session")]
		fmt.Fprintf(w, `{"login": %t, "usercode": %q, "ts": 1}`, usercode != "", usercode)
	})
	return mux
}

// singlePage logs in by fetch. Its pages are an empty shell.
func singlePage(s *shop) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) {
		page200(w, `<!doctype html><div id="root"></div><noscript>JavaScript를 켜 주세요.</noscript><script type="module" src="/app.js"></script>`)
	})
	mux.HandleFunc("/app.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		fmt.Fprint(w, `const root = document.getElementById("root"), returnUrl = new URLSearchParams(location.search).get("returnUrl");
			async function start() {
				const fields = await (await fetch("/api/handoff?returnUrl=" + encodeURIComponent(returnUrl))).json();
				return fields ? handOff(fields) : render();
			}
			function render(message = "") {
				root.innerHTML = "<h1>로그인</h1><p></p><input placeholder=아이디><input type=password><div role=button tabindex=0>로그인</div>";
				root.querySelector("p").textContent = message;
				const [id, pw] = root.querySelectorAll("input");
				root.querySelector("[role=button]").onclick = async () => {
					const headers = {"Content-Type": "application/json"}, body = JSON.stringify({id: id.value, pw: pw.value});
					const r = await fetch("/api/login", {method: "POST", headers, body});
					r.ok ? start() : render("아이디나 비밀번호가 맞지 않습니다.");
				};
			}
			function handOff(fields) {
				const form = document.createElement("form");
				form.method = "post"; form.action = "`+centerOrigin+`/v2/enduser/remote.json";
				for (const [name, value] of Object.entries(fields)) {
					const input = document.createElement("input");
					input.type = "hidden"; input.name = name; input.value = value; form.append(input);
				}
				document.body.append(form); form.submit();
			}
			start();`)
	})
	mux.HandleFunc("POST /api/login", func(w http.ResponseWriter, r *http.Request) {
		var login struct{ ID, PW string }
		json.NewDecoder(r.Body).Decode(&login)
		if login.ID != shopUser || login.PW != shopPassword {
			http.Error(w, "{}", http.StatusUnauthorized)
			return
		}
		s.setSession(w, "sid")
	})
	mux.HandleFunc("GET /api/handoff", func(w http.ResponseWriter, r *http.Request) {
		id, returnURL := s.session(r, "sid"), r.URL.Query().Get("returnUrl")
		if id == "" || !ours(returnURL) {
			fmt.Fprint(w, "null")
			return
		}
		now := strconv.FormatInt(time.Now().UnixMilli(), 10)
		json.NewEncoder(w).Encode(map[string]string{
			"service": testService, "usercode": shopUser, "returnUrl": returnURL, "time": now,
			"token": s.sign(id, testService, shopUser, returnURL, now),
		})
	})
	mux.HandleFunc("/api/status", func(w http.ResponseWriter, r *http.Request) { s.status(w, r, "sid") })
	mux.HandleFunc("/verify", s.verify)
	return mux
}

// sentByFetch has a login form that a script sends, beside the shell's markup.
func sentByFetch(s *shop) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/login", func(w http.ResponseWriter, r *http.Request) {
		if id, returnURL := s.session(r, "sid"), r.URL.Query().Get("returnUrl"); id != "" && ours(returnURL) {
			s.handOff(w, id, returnURL)
			return
		}
		page200(w, `<h1>로그인</h1><form id="login"><input name="id"><input name="pw" type="password"><button>로그인</button></form>
			<script>document.getElementById("login").addEventListener("submit", async e => { e.preventDefault();
			const r = await fetch("/api/login", {method: "POST", body: new FormData(e.target)}); if (r.ok) location.reload(); });</script>`)
	})
	mux.HandleFunc("POST /api/login", s.login)
	mux.HandleFunc("/status", func(w http.ResponseWriter, r *http.Request) { s.status(w, r, "sid") })
	return mux
}

// indexForAll answers every path with the same page, whose script sends the form.
func indexForAll(s *shop) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if id, returnURL := s.session(r, "sid"), r.URL.Query().Get("returnUrl"); id != "" && ours(returnURL) {
			s.handOff(w, id, returnURL)
			return
		}
		page200(w, `<h1>로그인</h1><form id="login" method="post" onsubmit="return send(event)"><input name="id"><input name="pw" type="password">
			<button>로그인</button></form><script src="/assets/app.js"></script>`)
	})
	mux.HandleFunc("/assets/app.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/javascript")
		fmt.Fprint(w, `const axios = {post: (url, body) => fetch(url, {method: "POST", body}).then(r => r.ok ? r : Promise.reject(r))};
			function send(e) { e.preventDefault(); axios.post("/api/session", new FormData(e.target)).then(() => location.reload()).catch(() => alert("다시 시도하세요.")); return false }`)
	})
	mux.HandleFunc("POST /api/session", s.login)
	mux.HandleFunc("/api/status", func(w http.ResponseWriter, r *http.Request) { s.status(w, r, "sid") })
	return mux
}

// calledByPage has pages whose scripts ask for where the server's call leads to.
func calledByPage(s *shop) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /login", func(w http.ResponseWriter, r *http.Request) {
		if s.session(r, "sid") == "" {
			page200(w, `<form method="post"><input name="id"><input type="password" name="pw"><button>로그인</button></form>`)
			return
		}
		page200(w, `<p>고객센터로 이동합니다.</p><script>
			fetch("/api/handoff" + location.search).then(r => r.text()).then(to => location.replace(to));</script>`)
	})
	mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("id") != shopUser || r.FormValue("pw") != shopPassword {
			page200(w, `<p>다시 입력하세요.</p><form method="post"><input name="id"><input type="password" name="pw"><button>로그인</button></form>`)
			return
		}
		s.setSession(w, "sid")
		http.Redirect(w, r, r.URL.String(), http.StatusSeeOther)
	})
	mux.HandleFunc("GET /api/handoff", func(w http.ResponseWriter, r *http.Request) {
		now, id, returnURL := strconv.FormatInt(time.Now().UnixMilli(), 10), s.session(r, "sid"), r.URL.Query().Get("returnUrl")
		values := url.Values{"service": {testService}, "usercode": {shopUser}, "time": {now}, "token": {s.sign(id, testService, shopUser, now)}}
		access, err := s.call(r, values)
		if id == "" || !ours(returnURL) || err != nil {
			http.Error(w, "refused", http.StatusForbidden)
			return
		}
		page, fragment, _ := strings.Cut(returnURL, "#")
		between := "?"
		if strings.Contains(page, "?") {
			between = "&"
		}
		fmt.Fprint(w, page+between+"usercode="+shopUser+"&time="+now+"&accessToken="+url.QueryEscape(access)+"#"+fragment)
	})
	mux.HandleFunc("/status", func(w http.ResponseWriter, r *http.Request) { s.status(w, r, "sid") })
	return mux
}

// A spa is a login page made by script. Its body draws the fields with draw(root), and sends them
// with send(id, password).
func spa(script string) func(*shop) http.Handler {
	return func(s *shop) http.Handler {
		mux := http.NewServeMux()
		mux.HandleFunc("GET /login", func(w http.ResponseWriter, r *http.Request) {
			if id, returnURL := s.session(r, "sid"), r.URL.Query().Get("returnUrl"); id != "" && ours(returnURL) {
				s.handOff(w, id, returnURL)
				return
			}
			page200(w, `<!doctype html><div id="root"></div><script>
				const root = document.getElementById("root");
				async function send(id, pw) {
					const r = await fetch("/api/login", {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify({id, pw})});
					if (r.ok) location.reload(); else alert("아이디나 비밀번호가 맞지 않습니다.");
				}
				`+script+`</script>`)
		})
		mux.HandleFunc("POST /api/login", func(w http.ResponseWriter, r *http.Request) {
			var login struct{ ID, PW string }
			if json.NewDecoder(r.Body).Decode(&login); login.ID != shopUser || login.PW != shopPassword {
				w.Header().Set("Cache-Control", "no-store")
				http.Error(w, "{}", http.StatusUnauthorized)
				return
			}
			s.setSession(w, "sid")
		})
		mux.HandleFunc("GET /api/news", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "[]") })
		mux.HandleFunc("/status", func(w http.ResponseWriter, r *http.Request) { s.status(w, r, "sid") })
		return mux
	}
}

const (
	twoSteps = `root.innerHTML = '<form><label>아이디 <input id="user" autocomplete="username"></label><button>다음</button></form>';
		root.querySelector("form").onsubmit = e => {
			e.preventDefault();
			const id = root.querySelector("#user").value;
			setTimeout(() => {
				root.innerHTML = '<form><label>비밀번호 <input type="password"></label><button>로그인</button></form>';
				root.querySelector("form").onsubmit = e => { e.preventDefault(); send(id, root.querySelector("input").value); };
			}, 300);
		};`
	inShadow = `customElements.define("log-in", class extends HTMLElement { connectedCallback() {
			const shadow = this.attachShadow({mode: "closed"});
			shadow.innerHTML = '<input aria-label="아이디"><input type="password"><button>로그인</button>';
			const [id, pw] = shadow.querySelectorAll("input");
			shadow.querySelector("button").onclick = () => send(id.value, pw.value);
		} });
		root.innerHTML = "<log-in></log-in>";`
	plain = `root.innerHTML = '<form><input name="id"><input name="pw" type="password"><button>로그인</button></form>';
		root.querySelector("form").onsubmit = e => { e.preventDefault(); send(e.target.id.value, e.target.pw.value); };`
	drawsLate = `root.textContent = "불러오는 중"; setTimeout(() => { ` + plain + ` }, 3500);`
	polls     = plain + `setInterval(() => fetch("/api/news"), 200);`
)

// guestWarnings are the shoulds that the vendor's pages don't mention and few think of.
var guestWarnings = []string{"status/preflight", "status/no-store", "login/no-store"}

var (
	echoWarnings   = []string{"status/foreign-origin", "status/null-origin", "status/look-alike-origin", "status/vary-origin"}
	scriptWarnings = slices.Concat(echoWarnings, guestWarnings, []string{"login/cross-site-post"})
)

// byForm are cases that a handoff by a form must have shown.
var byForm = []string{"login/works", "login/return-url", "login/return-url-kept", "login/wrong-password", "login/already-logged-in", "status/logged-in",
	"handoff/form-endpoint", "handoff/form-submits", "handoff/form-required", "handoff/form-token", "handoff/form-fresh", "handoff/form-return-url"}

// byReplay are cases that send the login again.
var byReplay = []string{"login/session-id", "login/same-failure", "login/cross-site-post", "login/hostile-return-url-posted"}

var at = Target{LoginURL: siteOrigin + "/login", LoginStatusURL: siteOrigin + "/status"}

var faithfuls = []faithful{
	{
		name: "Express, server-rendered", handler: express,
		target: Target{LoginURL: siteOrigin + "/login", LoginStatusURL: siteOrigin + "/api/login-status", LoginID: shopEmail},
		runs:   slices.Concat(byForm, byReplay), warns: append([]string{"status/vary-origin"}, guestWarnings...),
	}, {
		name: "Java, after the sample", handler: javaSample,
		target: Target{LoginURL: siteOrigin + "/sso/login.nhn", LoginStatusURL: siteOrigin + "/sso/loginStatus.nhn"},
		runs:   byForm, warns: slices.Concat(echoWarnings, guestWarnings, []string{"status/cookie-http-only", "login/markup", "login/hostile-return-url-member"}),
	}, {
		name: "meta refresh over two hosts", handler: metaRefresh,
		target: Target{LoginURL: siteOrigin + "/login", LoginStatusURL: siteOrigin + "/status", AlsoOrigins: []string{"https://auth.shop.example"}},
		runs:   append(byForm, "status/no-redirect"), warns: slices.Concat(guestWarnings, []string{"login/cross-site-post"}),
	}, {
		name: "PHP of GET type", handler: phpGET,
		target: Target{LoginURL: siteOrigin + "/login.php", LinkURL: siteOrigin + "/help.php", TokenVerifyURL: siteOrigin + "/verify.php", LogoutURL: siteOrigin + "/logout.php"},
		runs:   []string{"login/works", "link/", "verify/", "logout/token"}, warns: []string{"link/encoding-strict", "login/no-store"},
	}, {
		name: "Python with the server's call", handler: flask, target: at,
		runs:  []string{"login/works", "login/return-url", "handoff/api-redirect", "handoff/api-return-url", "handoff/api-token", "handoff/api-passed-on"},
		warns: slices.Concat(guestWarnings, []string{"status/strings", "status/keys", "login/cross-site-post"}),
	}, {
		name: "single page, with a cookie", handler: singlePage,
		target: Target{LoginURL: siteOrigin + "/", LoginStatusURL: siteOrigin + "/api/status", TokenVerifyURL: siteOrigin + "/verify", Cookie: secret.New("sid=brought-along")},
		runs:   []string{"status/logged-in", "status/usercode-cookie", "login/already-logged-in", "handoff/form-token", "verify/issued"},
		warns:  slices.Concat(echoWarnings, guestWarnings),
	}, {
		name: "single page, with a password", handler: singlePage,
		target: Target{LoginURL: siteOrigin + "/", LoginStatusURL: siteOrigin + "/api/status"},
		runs:   append(byForm, "login/same-failure"), warns: scriptWarnings,
	}, {
		name: "a form that is sent by fetch", handler: sentByFetch, target: at, runs: byForm, warns: scriptWarnings,
	}, {
		name: "a page that asks for the server's call", handler: calledByPage, target: at,
		runs:  []string{"login/works", "login/return-url", "login/already-logged-in", "handoff/api-redirect", "handoff/api-return-url", "handoff/api-fresh", "handoff/api-token"},
		warns: scriptWarnings,
	}, {
		name: "one page for all paths", handler: indexForAll,
		target: Target{LoginURL: siteOrigin + "/login", LoginStatusURL: siteOrigin + "/api/status"},
		runs:   byForm, warns: scriptWarnings,
	},
	{name: "login in two steps", handler: spa(twoSteps), target: at, runs: byForm, warns: scriptWarnings},
	{name: "login in a closed shadow root", handler: spa(inShadow), target: at, runs: byForm, musts: true},
	{name: "login drawn after 3.5 s", handler: spa(drawsLate), target: at, runs: byForm, musts: true},
	{name: "login page that polls", handler: spa(polls), target: at, runs: byForm, musts: true},
}

func TestFaithfulIntegrationsPassEveryMust(t *testing.T) {
	sharedBrowser(t)
	for _, f := range faithfuls {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			s := &shop{center: &Center{Listens: true}, sessions: map[string]string{"brought-along": shopUser}, tokens: map[string]string{}}
			target := f.target
			target.HelpCenter, target.Service, target.UserCode, target.OrganizationKey = centerOrigin, testService, shopUser, testKey
			target.Timeout, target.Patience, target.Browser = 30*time.Second, time.Minute, sharedBrowser(t)
			if target.Cookie.Reveal() == "" {
				target.Password = secret.New(shopPassword)
			}
			cases := Cases()
			if f.musts {
				cases = slices.DeleteFunc(cases, func(c Case) bool { return c.Level != Must })
			}
			report := runIn(t, newWorld(t, s.center, f.handler(s)), target, EN, cases)
			f.compare(t, report)
			for _, step := range report.Steps {
				if step.Name == "wrong password" && f.name != "login page that polls" && step.Seconds >= target.Timeout.Seconds() {
					t.Errorf("%s: got %.1f s, want no wait for an answer that the page doesn't read", step.Name, step.Seconds)
				}
			}
			wantNoSecrets(t, report, append(slices.Collect(maps.Keys(s.tokens)), shopPassword, shopEmail, shopName))
		})
	}
}

func (f faithful) compare(t *testing.T, report Report) {
	t.Helper()
	var warns []string
	for _, result := range report.Results {
		mustRun := slices.ContainsFunc(f.runs, func(id string) bool {
			return id == result.ID || strings.HasSuffix(id, "/") && strings.HasPrefix(result.ID, id)
		})
		switch {
		case result.Outcome == Fail:
			t.Errorf("%s: got a false alarm:\n%s", result.ID, report.detail(result))
		case mustRun && result.Outcome == Skip:
			t.Errorf("%s: got skip %s, want it to run", result.ID, result.Reason)
		case result.Outcome == Warn:
			warns = append(warns, result.ID)
		}
	}
	if diff := cmp.Diff(slices.Sorted(slices.Values(f.warns)), slices.Sorted(slices.Values(warns))); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}
