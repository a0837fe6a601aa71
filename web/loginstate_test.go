package web

import "testing"

// FuzzLoginState holds the body that is put together by hand to what encoding/json makes.
func FuzzLoginState(f *testing.F) {
	for _, usercode := range []string{"minji", "회원-1", `a"b\c`, "<&>", "\u2028", "\x7f", "\xff", "a\tb", " "} {
		f.Add(usercode)
	}
	f.Fuzz(func(t *testing.T, usercode string) {
		want := struct {
			Login    string  `json:"login"`
			UserCode *string `json:"usercode"`
		}{Login: "false"}
		if usercode != "" {
			want.Login, want.UserCode = "true", &usercode
		}
		if got, want := string(appendLoginState(nil, usercode)), string(marshalJSON(want)); got != want {
			t.Errorf("%q: got %s, want %s", usercode, got, want)
		}
	})
}
