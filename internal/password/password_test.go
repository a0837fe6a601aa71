package password

import (
	"strings"
	"testing"
)

// standardCost is the beginning of every hash that Hash returns.
const standardCost = "$argon2id$v=19$m=19456,t=2,p=1$"

func TestAPasswordMatchesItsOwnHash(t *testing.T) {
	for _, password := range []string{" correct ", "비밀번호", "\x00\xff", strings.Repeat("x", maxPassword)} {
		hash, err := Hash(password)
		if err != nil {
			t.Errorf("hash %q: %v", password, err)
			continue
		}
		if !strings.HasPrefix(hash, standardCost) {
			t.Errorf("got %s, want it to begin with %s", hash, standardCost)
		}
		if ok, err := Verify(hash, password); !ok || err != nil {
			t.Errorf("%q against its own hash: got %v, %v, want true", password, ok, err)
		}
		if ok, err := Verify(hash, password[1:]); ok || err != nil {
			t.Errorf("%q without its first byte: got %v, %v, want false", password, ok, err)
		}
	}
}

func TestTwoHashesOfAPasswordDiffer(t *testing.T) {
	first, _ := Hash("correct")
	if second, err := Hash("correct"); first == second {
		t.Errorf("both are %q with error %v, want another salt", first, err)
	}
}

func TestHashRefuses(t *testing.T) {
	for name, password := range map[string]string{"no password": "", "a password too long": strings.Repeat("x", maxPassword+1)} {
		if hash, err := Hash(password); err == nil || hash != "" {
			t.Errorf("%s: got %q and error %v, want an error", name, hash, err)
		}
	}
}

func TestVerifyRefusesAPasswordTooLongEvenIfItMatches(t *testing.T) {
	const hash = "$argon2id$v=19$m=8,t=1,p=1$c2l4dGVlbiBieXRlcyEhIQ$J1wv/7iHV40HEpDa8V+htj6Ivav9E8oGMCWGM7upnPw"
	password := strings.Repeat("x", maxPassword+1)
	f, err := parse(hash)
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := f.matches(password); !ok || err != nil {
		t.Fatalf("the hash is of another password: %v, %v", ok, err)
	}
	if ok, err := Verify(hash, password); ok || err != nil {
		t.Errorf("got %v, %v, want false", ok, err)
	}
}

func TestTheDecoyCostsWhatHashDoes(t *testing.T) {
	made, err := Hash("correct")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(Decoy, standardCost) || len(Decoy) != len(made) || Cost(Decoy) != Cost(made) {
		t.Errorf("got %s, want a hash of the shape of %s", Decoy, made)
	}
}
