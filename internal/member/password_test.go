package member

import (
	"strings"
	"testing"
)

func TestAPasswordFitsItsOwnHash(t *testing.T) {
	for _, password := range []string{"correct", " correct ", "비밀번호", "\x00\xff", strings.Repeat("x", maxPassword)} {
		hash, err := HashPassword(password)
		if err != nil {
			t.Errorf("hash %q: %v", password, err)
			continue
		}
		if ok, err := VerifyPassword(hash, password); !ok || err != nil {
			t.Errorf("%q against its own hash: got %v, %v, want true", password, ok, err)
		}
		if ok, err := VerifyPassword(hash, password+"x"); ok || err != nil {
			t.Errorf("%q with an x behind it: got %v, %v, want false", password, ok, err)
		}
	}
}

func TestAHashSaysHowItWasMade(t *testing.T) {
	first, err := HashPassword("correct")
	if err != nil {
		t.Fatal(err)
	}
	if want := "$argon2id$v=19$m=19456,t=2,p=1$"; !strings.HasPrefix(first, want) {
		t.Errorf("got %s, want it to begin with %s", first, want)
	}
	if second, _ := HashPassword("correct"); first == second {
		t.Errorf("two hashes of a password are both %s, want another salt", first)
	}
}

func TestHashPasswordRefuses(t *testing.T) {
	for name, password := range map[string]string{"no password": "", "an endless one": strings.Repeat("x", maxPassword+1)} {
		if hash, err := HashPassword(password); err == nil || hash != "" {
			t.Errorf("%s: got %q and error %v, want an error", name, hash, err)
		}
	}
}

func TestVerifyPasswordRefusesAnEndlessPasswordEvenIfItFits(t *testing.T) {
	password := strings.Repeat("x", maxPassword+1)
	h := argon2idHash{memory: 8, passes: 1, lanes: 1, salt: make([]byte, saltSize)}
	h.sum = h.of(password, sumSize)
	if ok, err := VerifyPassword(h.String(), password); ok || err != nil {
		t.Errorf("got %v, %v, want false", ok, err)
	}
}

func TestNobodysHashIsWhatHashPasswordMakes(t *testing.T) {
	made, err := HashPassword("correct")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := costOf(t, nobodysHash), costOf(t, made); got != want {
		t.Errorf("nobody's hash costs %s, want %s", got, want)
	}
	if len(nobodysHash) != len(made) {
		t.Errorf("nobody's hash is of the shape %s, want that of %s", nobodysHash, made)
	}
}
