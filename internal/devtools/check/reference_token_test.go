package check

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
)

// A pair is a field of a handoff, in the order of the signed message.
type pair struct{ name, value string }

// signed returns the fields of a handoff with the token last. An empty returnURL is not signed.
func (r *reference) signed(session, returnURL string) []pair {
	if kept, ok := r.signedAt[session+returnURL]; ok && r.is("handoffs are kept") {
		return kept
	}
	at := time.Now()
	list := []pair{
		{"service", testService}, {"usercode", minji.usercode}, {"username", minji.username}, {"email", minji.email},
		{"phone", minji.phone}, {"memberno", ""}, {"returnUrl", returnURL}, {"time", strconv.FormatInt(at.UnixMilli(), 10)},
	}
	if change, ok := wrongFields[r.mutant]; ok {
		change(list)
		if returnURL == "" {
			list[6].value = ""
		}
	}
	var message []string
	for _, p := range list {
		if p.value == "" || p.name == "returnUrl" && r.is("returnUrl is not signed") {
			continue
		}
		message = append(message, p.value)
	}
	sign := standardToken
	if wrong, ok := wrongSigners[r.mutant]; ok {
		sign = wrong
	}
	token := sign(message)
	r.tokens[token], r.lastToken = session, token
	list = append(list, pair{"token", token})
	r.signedAt[session+returnURL] = list
	return list
}

func keyed(hashed func() hash.Hash, key, message string) []byte {
	mac := hmac.New(hashed, []byte(key))
	mac.Write([]byte(message))
	return mac.Sum(nil)
}

func standardToken(message []string) string { return tokenOf(strings.Join(message, "&")) }

func tokenOf(message string) string {
	return base64.StdEncoding.EncodeToString(keyed(sha256.New, testKey, message))
}

// wrongSigners are signers with one mistake, by the name of their mutant.
var wrongSigners = map[string]func(message []string) string{
	"no token":       func([]string) string { return "" },
	"hex for Base64": func(m []string) string { return hex.EncodeToString(keyed(sha256.New, testKey, strings.Join(m, "&"))) },
	"email before username": func(m []string) string {
		return standardToken(slices.Concat(m[:2], []string{m[3], m[2]}, m[4:]))
	},
	"another letter case": func(m []string) string {
		return standardToken(slices.Concat(m[:3], []string{strings.ToUpper(m[3])}, m[4:]))
	},
	"decomposed Korean": func(m []string) string {
		return standardToken(slices.Concat(m[:2], []string{norm.NFD.String(m[2])}, m[3:]))
	},
	"another key": func(m []string) string {
		return base64.StdEncoding.EncodeToString(keyed(sha256.New, "a key of before", strings.Join(m, "&")))
	},
	"time first": func(m []string) string { return standardToken(slices.Concat(m[len(m)-1:], m[:len(m)-1])) },
}

// wrongFields change fields before they are signed, by the name of their mutant.
var wrongFields = map[string]func(list []pair){
	"another service":  func(list []pair) { list[0].value = "other" },
	"another usercode": func(list []pair) { list[1].value = "somebody" },
	"long username":    func(list []pair) { list[2].value = strings.Repeat("가", 51) },
	"no email":         func(list []pair) { list[3].value = "" },
	"time in seconds":  func(list []pair) { list[7].value = strconv.FormatInt(time.Now().Unix(), 10) },
	"time of ten minutes ago": func(list []pair) {
		list[7].value = strconv.FormatInt(time.Now().Add(-10*time.Minute).UnixMilli(), 10)
	},
	"time of an hour ago": func(list []pair) {
		list[7].value = strconv.FormatInt(time.Now().Add(-time.Hour).UnixMilli(), 10)
	},
}

func (r *reference) verify(w http.ResponseWriter, req *http.Request) {
	usercode, token := req.URL.Query().Get("usercode"), req.URL.Query().Get("token")
	session, issued := r.tokens[token]
	valid := issued && token != "" && usercode == minji.usercode && (r.sessions[session] || r.is("verify never forgets"))
	switch r.mutant {
	case "verify knows the last token alone":
		valid = valid && token == r.lastToken
	case "verify uses a token up":
		if valid {
			delete(r.tokens, token)
		}
	case "verify decodes twice":
		decoded, _ := url.QueryUnescape(token)
		session, issued := r.tokens[decoded]
		valid = issued && usercode == minji.usercode && r.sessions[session]
	case "verify ignores case":
		for known, session := range r.tokens {
			valid = valid || strings.EqualFold(known, token) && usercode == minji.usercode && r.sessions[session]
		}
	case "verify ignores spaces at the end":
		session, issued := r.tokens[strings.TrimRight(token, " ")]
		valid = issued && token != "" && usercode == minji.usercode && r.sessions[session]
	case "verify ignores the usercode's case":
		valid = issued && token != "" && strings.EqualFold(usercode, minji.usercode) && r.sessions[session]
	case "verify by LIKE":
		valid = valid || token == "%" && usercode == minji.usercode
	case "verify is always false":
		valid = false
	case "verify is always true":
		valid = true
	case "verify without usercode":
		valid = issued && token != "" && r.sessions[session]
	case "verify without token":
		valid = valid || token == "" && usercode == minji.usercode
	case "verify signs again":
		for ms := time.Now().Add(-24*time.Hour - time.Second).UnixMilli(); ms <= time.Now().Add(-24*time.Hour).UnixMilli(); ms++ {
			valid = valid || token == tokenOf("hangame&minji&"+strconv.FormatInt(ms, 10))
		}
	}
	if !valid {
		usercode = ""
	}
	r.answer(w, usercode)
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
	if r.is("links for guests") && session == "" {
		session = "guest"
	}
	if session == "" {
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
		if p.name != "returnUrl" && value != "" {
			query = append(query, p.name+"="+value)
		}
	}
	w.Header().Set("Location", centerOrigin+"/hangame/hc/ticket/?"+strings.Join(query, "&"))
	w.WriteHeader(http.StatusFound)
}

func (r *reference) help(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set(csp, "default-src 'self'; script-src 'nonce-frame'; frame-src "+centerOrigin)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(w, `<iframe id="ocPage" src="%s/hangame/hc/?iframe=true"></iframe>
		<script nonce=frame>addEventListener("message", e => { document.querySelector("iframe").height = e.data + 70 })</script>`, centerOrigin)
}
