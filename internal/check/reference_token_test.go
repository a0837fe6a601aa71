package check

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// A pair is a field of a handoff, in the order of the signed message.
type pair struct{ name, value string }

// signed returns the fields of a handoff with the token last. An empty returnURL is not signed.
func (r *reference) signed(session, returnURL string) []pair {
	at := strconv.FormatInt(time.Now().UnixMilli(), 10)
	list := []pair{
		{"service", testService}, {"usercode", minji.usercode}, {"username", minji.username}, {"email", minji.email},
		{"phone", minji.phone}, {"memberno", ""}, {"returnUrl", returnURL}, {"time", at},
	}
	r.breakFields(list)
	var message []string
	for _, p := range list {
		unsigned := p.value == "" && !r.is("blanks are signed") || p.name == "returnUrl" && r.is("returnUrl is not signed")
		switch {
		case unsigned:
		case r.is("percent-encoded before signing"):
			message = append(message, url.QueryEscape(p.value))
		default:
			message = append(message, p.value)
		}
	}
	if r.is("email before username") {
		message[2], message[3] = message[3], message[2]
	}
	mac := hmac.New(sha256.New, []byte(testKey))
	if r.is("key with a line break") {
		mac = hmac.New(sha256.New, []byte(testKey+"\n"))
	}
	mac.Write([]byte(strings.Join(message, "&")))
	token := base64.StdEncoding.EncodeToString(mac.Sum(nil))
	switch r.mutant {
	case "hex for Base64":
		token = hex.EncodeToString(mac.Sum(nil))
	case "no token":
		token = ""
	}
	r.tokens[token] = session
	return append(list, pair{"token", token})
}

// breakFields changes fields before they are signed.
func (r *reference) breakFields(list []pair) {
	switch r.mutant {
	case "another service":
		list[0].value = "other"
	case "another usercode":
		list[1].value = "somebody"
	case "long username":
		list[2].value = strings.Repeat("가", 51)
	case "no email":
		list[3].value = ""
	case "time in seconds":
		list[7].value = strconv.FormatInt(time.Now().Unix(), 10)
	case "time of an hour ago":
		list[7].value = strconv.FormatInt(time.Now().Add(-time.Hour).UnixMilli(), 10)
	}
}

func (r *reference) verify(w http.ResponseWriter, req *http.Request) {
	usercode, token := req.URL.Query().Get("usercode"), req.URL.Query().Get("token")
	if r.is("a lost + is mended") {
		token = strings.ReplaceAll(token, " ", "+")
	}
	session, issued := r.tokens[token]
	valid := issued && token != "" && usercode == minji.usercode && (r.sessions[session] || r.is("verify never forgets"))
	switch r.mutant {
	case "verify is always false":
		valid = false
	case "verify is always true":
		valid = true
	case "verify without usercode":
		valid = issued && token != "" && r.sessions[session]
	case "verify without token":
		valid = valid || token == "" && usercode == minji.usercode
	case "verify signs again":
		old := "hangame&minji&" + strconv.FormatInt(time.Now().Add(-24*time.Hour).UnixMilli(), 10)
		mac := hmac.New(sha256.New, []byte(testKey))
		mac.Write([]byte(old))
		valid = valid || token == base64.StdEncoding.EncodeToString(mac.Sum(nil))
	case "verify is 404 for false":
		if !valid {
			http.NotFound(w, req)
			return
		}
	}
	if !valid {
		usercode = ""
	}
	r.answer(w, http.StatusOK, usercode)
}

func (r *reference) logout(w http.ResponseWriter, req *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if req.Method != http.MethodPost {
		fmt.Fprint(w, `<form method="post" action="/logout"><button>Log out</button></form>`)
		return
	}
	if !r.is("logout does nothing") {
		if !r.is("logout deletes the cookie alone") {
			delete(r.sessions, r.session(req))
		}
		http.SetCookie(w, &http.Cookie{Name: "sid", Path: "/", MaxAge: -1})
	}
}

func (r *reference) link(w http.ResponseWriter, req *http.Request) {
	session := r.session(req)
	if session == "" || r.is("no link") {
		http.NotFound(w, req)
		return
	}
	returnURL := ""
	if r.is("returnUrl signed in a link") {
		returnURL = centerOrigin + "/hangame/hc/"
	}
	var query []string
	for _, p := range r.signed(session, returnURL)[1:] {
		value := strings.NewReplacer("+", "%20", "%21", "!", "%27", "'", "%28", "(", "%29", ")", "%2A", "*").Replace(url.QueryEscape(p.value))
		if r.is("a space as + in a link") {
			value = url.QueryEscape(p.value)
		}
		if p.name != "returnUrl" && (value != "" || r.is("blanks in a link") && p.name == "memberno") {
			query = append(query, p.name+"="+value)
		}
	}
	path := "/hangame/hc/ticket/"
	if r.is("link without the last slash") {
		path = "/hangame/hc/ticket"
	}
	w.Header().Set("Location", centerOrigin+path+"?"+strings.Join(query, "&"))
	w.WriteHeader(http.StatusFound)
}

func (r *reference) help(w http.ResponseWriter, _ *http.Request) {
	id, src, policy := "ocPage", centerOrigin+"/hangame/hc/?iframe=true", "default-src 'self'; frame-src "+centerOrigin
	switch r.mutant {
	case "frame with another id":
		id = "helpCenter"
	case "frame without iframe=true":
		src = centerOrigin + "/hangame/hc/"
	case "policy without the help center":
		policy = "default-src 'self'"
	}
	w.Header().Set("Content-Security-Policy", policy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(w, `<iframe id=%q src=%q></iframe>`, id, src)
}
