package main

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestOnlyTheDemosLoginPageOffersItsMembers, also when it comes again with an error.
func TestOnlyTheDemosLoginPageOffersItsMembers(t *testing.T) {
	d := startDemo(t)
	text := func(resp *http.Response, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	const script = `<script src="/demo.js" defer></script></body>`
	for name, page := range map[string]string{
		"login":          text(http.Get(d.Site + "/login")),
		"wrong password": text(http.PostForm(d.Site+"/login", url.Values{"usercode": {"simple"}, "password": {"wrong"}})),
	} {
		if strings.Count(page, script) != 1 || !strings.HasSuffix(strings.TrimSpace(page), "</html>") {
			t.Errorf("%s: got %s, want the whole page with the script", name, page)
		}
	}
	if home := text(http.Get(d.Site + "/")); strings.Contains(home, "demo.js") {
		t.Errorf("home: got %s, want no script of the demo", home)
	}
	members := text(http.Get(d.Site + "/demo.js"))
	for _, m := range d.Members {
		if want := `{"usercode":"` + m.UserCode + `","password":"` + m.Password + `"}`; !strings.Contains(members, want) {
			t.Errorf("got %s, want %s in it", members, want)
		}
	}
}
