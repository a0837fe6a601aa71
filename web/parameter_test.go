package web

import (
	"net/http"
	"net/url"
	"testing"
)

// FuzzParameter holds parameter to net/url.
func FuzzParameter(f *testing.F) {
	for _, query := range []string{"", "a=1", "b=2&a=1&a=3", "a", "a=%zz&a=1", "%61=1", "a=1;b=2", "a=x+y%2B", "a==1", "&&a=1", "a=1&b=%"} {
		f.Add(query)
	}
	f.Fuzz(func(t *testing.T, query string) {
		r := &http.Request{URL: &url.URL{RawQuery: query}}
		for name := range r.URL.Query() {
			if name == "" {
				continue // nobody asks for it
			}
			if got, want := parameter(r, name), r.URL.Query().Get(name); got != want {
				t.Errorf("%q in %q: got %q, want %q", name, query, got, want)
			}
		}
		if got := parameter(r, "a"); got != r.URL.Query().Get("a") {
			t.Errorf("a in %q: got %q, want %q", query, got, r.URL.Query().Get("a"))
		}
	})
}
