package nearest

import "testing"

func TestTheWordThatWasMeant(t *testing.T) {
	keys := []string{"usercode", "password_hash", "username", "email", "phone", "memberno"}
	for word, want := range map[string]string{
		"usercode": "usercode", "UserCode": "usercode", "user_code": "usercode", "usercdoe": "usercode",
		"password": "password_hash", "passwordHash": "password_hash", "password-hash": "password_hash", "hash": "password_hash",
		"e-mail": "email", "mail": "email", "name": "username", "phones": "phone", "phonenumber": "phone", "member_no": "memberno",
		"id": "", "": "", "x": "", "hunter2hunter2": "", "김철수": "",
	} {
		if got := Word(word, keys); got != want {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
}

func TestTheWordThatWasMeantIsReturnedAsItIs(t *testing.T) {
	words := []string{"LOG_LEVEL", "HELP_CENTER_ORGANIZATION_KEY", "status/logged-out"}
	for word, want := range map[string]string{
		"log_level": "LOG_LEVEL", "ORGANIZATION_KEY": "HELP_CENTER_ORGANIZATION_KEY", "status": "status/logged-out",
	} {
		if got := Word(word, words); got != want {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
}

func TestDistanceCountsLetters(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"serve", "", 5}, {"serve", "server", 1}, {"kitten", "sitting", 3}, {"ab", "ba", 2}} {
		if got := Distance(test.a, test.b); got != test.want {
			t.Errorf("%q and %q: got %d, want %d", test.a, test.b, got, test.want)
		}
	}
}
