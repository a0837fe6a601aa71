package enginetest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// wantCookiePolicy shows how the engines differ: whether a page's request to another site carries
// the cookies that the other site set when it was visited, and whether it carries those that the
// other site set in answers to such requests.
func (v *visit) wantCookiePolicy() {
	want := map[string]map[string]bool{
		"chromium": {"visited": false, "embedded": false},
		"firefox":  {"visited": false, "embedded": true}, // kept for this pair of sites
		"webkit":   {"visited": true, "embedded": false},
	}[v.engine.name]
	if v.settings.allowThirdPartyCookies {
		want = map[string]bool{"visited": true, "embedded": true}
	}
	server := v.serve(serveCookies)
	v.open(strings.Replace(server.URL, "127.0.0.1", "localhost", 1) + "/visited")
	v.open(server.URL)
	v.until("", "document.title")
	v.want("", "JSON.parse(document.title)", want)
}

// serveCookies sets a cookie named like the path, and tells which came. The page at / asks
// for /embedded of the other site twice and puts the second answer into its title.
func serveCookies(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/" {
		fmt.Fprint(w, `<!doctype html><title></title><script>
			const other = location.origin.replace("127.0.0.1", "localhost");
			const ask = () => fetch(other + "/embedded", {credentials: "include"});
			ask().then(ask).then((answer) => answer.text()).then((text) => { document.title = text; });
		</script>`)
		return
	}
	name := strings.TrimPrefix(r.URL.Path, "/")
	w.Header().Set("Set-Cookie", name+"=1; Secure; SameSite=None")
	w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
	w.Header().Set("Access-Control-Allow-Credentials", "true")
	came := map[string]bool{}
	for _, name := range []string{"visited", "embedded"} {
		_, err := r.Cookie(name)
		came[name] = err == nil
	}
	json.NewEncoder(w).Encode(came)
}
