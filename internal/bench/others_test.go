package bench

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"maps"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"ocsso/internal/kv/redis/redistest"
)

// The servers to compare with run in processes of their own, as this test binary with one of these
// in the environment.
const (
	bareAnswer   = "OCSSO_BENCH_ANSWER" // the file with the answer to send
	byHandCookie = "OCSSO_BENCH_COOKIE" // the session cookie that the server by hand knows
	byHandToken  = "OCSSO_BENCH_TOKEN"  // the token that it has issued
)

func TestMain(m *testing.M) {
	switch {
	case os.Getenv(bareAnswer) != "":
		fmt.Fprintln(os.Stderr, serveBare(os.Args[1], os.Getenv(bareAnswer)))
	case os.Getenv(byHandCookie) != "":
		handler := byHand(os.Getenv(byHandCookie), os.Getenv(byHandToken))
		fmt.Fprintln(os.Stderr, http.ListenAndServe(os.Args[1], handler))
	default:
		os.Exit(m.Run())
	}
	os.Exit(1)
}

// startOther starts a server to compare with. Its settings are in its environment.
func startOther(b testing.TB, env ...string) *process {
	address := "127.0.0.1:" + redistest.FreePort(b)
	p := &process{b: b, address: address, cores: oneCore, args: []string{os.Args[0], address}, env: env}
	p.start()
	return p
}

// serveBare sends the header and the body in file, with the timeouts that `ocsso serve` has.
func serveBare(address, file string) error {
	answer, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	response, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(answer)), nil)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	response.Header.Del("Date") // net/http adds it
	server := &http.Server{
		Addr:           address,
		ReadTimeout:    10 * time.Second,
		WriteTimeout:   75 * time.Second,
		IdleTimeout:    2 * time.Minute,
		MaxHeaderBytes: 32 << 10,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			maps.Copy(w.Header(), response.Header)
			w.Write(body)
		}),
	}
	return server.ListenAndServe()
}

// byHand answers the three requests in the fewest lines: sessions and tokens in maps, five headers
// at most, no timeouts, no log.
func byHand(cookie, token string) http.Handler {
	name, value, _ := strings.Cut(cookie, "=")
	sessions, tokens := map[string]string{value: "minji"}, map[string]string{token: "minji"}
	answer := func(w http.ResponseWriter, usercode string) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		json.NewEncoder(w).Encode(map[string]string{"login": fmt.Sprint(usercode != ""), "usercode": usercode})
	}
	page := template.Must(template.New("").Parse(`<!doctype html><title>Help center</title>
<form method="post" action="{{.Action}}">{{range $name, $value := .Fields}}
<input type="hidden" name="{{$name}}" value="{{$value}}">{{end}}
<button>Go on</button></form>`))
	mux := http.NewServeMux()
	mux.HandleFunc("GET /login/status", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", helpCenter)
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		w.Header().Set("Vary", "Origin")
		session, _ := r.Cookie(name)
		answer(w, sessions[session.Value])
	})
	mux.HandleFunc("GET /token/verify", func(w http.ResponseWriter, r *http.Request) {
		answer(w, tokens[r.URL.Query().Get("token")])
	})
	mux.HandleFunc("GET /login", func(w http.ResponseWriter, r *http.Request) {
		session, _ := r.Cookie(name)
		fields := map[string]string{
			"service": "hangame", "usercode": sessions[session.Value], "username": "김민지", "memberno": "1001",
			"phone": "010-1234-5678", "email": "minji@example.com", "time": fmt.Sprint(time.Now().UnixMilli()),
		}
		mac := hmac.New(sha256.New, []byte("4f1d0c6b9e7a48f2a3c5d8e1b2f60718"))
		for _, field := range []string{"service", "usercode", "username", "email", "phone", "memberno", "time"} {
			fmt.Fprint(mac, fields[field], "&")
		}
		fields["token"] = base64.StdEncoding.EncodeToString(mac.Sum(nil))
		fields["returnUrl"] = r.URL.Query().Get("returnUrl")
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		page.Execute(w, map[string]any{"Action": helpCenter + "/v2/enduser/remote.json", "Fields": fields})
	})
	return mux
}
