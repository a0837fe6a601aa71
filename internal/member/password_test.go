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

// The reference implementation's command line made this one:
// echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1 -l 32.
func TestVerifyPasswordReadsTheReferenceImplementationsHash(t *testing.T) {
	const hash = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	if ok, err := VerifyPassword(hash, "password"); !ok || err != nil {
		t.Errorf("got %v, %v, want true", ok, err)
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
	h := passwordHash{memory: 8, passes: 1, lanes: 1, salt: make([]byte, saltSize)}
	h.sum = h.of(password, sumSize)
	if ok, err := VerifyPassword(h.String(), password); ok || err != nil {
		t.Errorf("got %v, %v, want false", ok, err)
	}
}

func TestVerifyPasswordRefusesAHash(t *testing.T) {
	const salt, sum = "25OqagC5J4YOhlMHUmFNCw", "2zzFIodJAHxF+uqU6Qp7psCqBlMC9xFDj7gcesICVCw"
	if _, err := parseHash("$argon2id$v=19$m=8,t=1,p=1$" + salt + "$" + sum); err != nil {
		t.Fatalf("the hash that the others are made from gives %v", err)
	}
	for name, hash := range map[string]string{
		"that is empty":                "",
		"of bcrypt":                    "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy",
		"of argon2i":                   "$argon2i$v=19$m=8,t=1,p=1$" + salt + "$" + sum,
		"of another version":           "$argon2id$v=16$m=8,t=1,p=1$" + salt + "$" + sum,
		"without a version":            "$argon2id$m=8,t=1,p=1$" + salt + "$" + sum,
		"without a sum":                "$argon2id$v=19$m=8,t=1,p=1$" + salt,
		"with an empty sum":            "$argon2id$v=19$m=8,t=1,p=1$" + salt + "$",
		"with a short salt":            "$argon2id$v=19$m=8,t=1,p=1$c2FsdA$" + sum,
		"with padding":                 "$argon2id$v=19$m=8,t=1,p=1$" + salt + "==$" + sum,
		"with a line break":            "$argon2id$v=19$m=8,t=1,p=1$" + salt + "$" + sum + "\n",
		"with bits behind the last":    "$argon2id$v=19$m=8,t=1,p=1$25OqagC5J4YOhlMHUmFNCx$" + sum,
		"with parameters out of order": "$argon2id$v=19$t=1,m=8,p=1$" + salt + "$" + sum,
		"with a leading zero":          "$argon2id$v=19$m=08,t=1,p=1$" + salt + "$" + sum,
		"with a negative cost":         "$argon2id$v=19$m=8,t=-1,p=1$" + salt + "$" + sum,
		"with text behind the cost":    "$argon2id$v=19$m=8,t=1,p=1,x=1$" + salt + "$" + sum,
		"with no passes":               "$argon2id$v=19$m=8,t=0,p=1$" + salt + "$" + sum,
		"with too many passes":         "$argon2id$v=19$m=8,t=17,p=1$" + salt + "$" + sum,
		"with no lanes":                "$argon2id$v=19$m=8,t=1,p=0$" + salt + "$" + sum,
		"with too many lanes":          "$argon2id$v=19$m=256,t=1,p=17$" + salt + "$" + sum,
		"with lanes that overflow":     "$argon2id$v=19$m=8,t=1,p=257$" + salt + "$" + sum,
		"with too little memory":       "$argon2id$v=19$m=7,t=1,p=1$" + salt + "$" + sum,
		"with too much memory":         "$argon2id$v=19$m=262145,t=1,p=1$" + salt + "$" + sum,
		"with memory that overflows":   "$argon2id$v=19$m=4294967304,t=1,p=1$" + salt + "$" + sum,
	} {
		if ok, err := VerifyPassword(hash, "password"); ok || err == nil {
			t.Errorf("a hash %s: got %v, %v, want an error", name, ok, err)
		}
	}
}

func TestNobodysHashIsWhatHashPasswordMakes(t *testing.T) {
	made, err := HashPassword("correct")
	if err != nil {
		t.Fatal(err)
	}
	got, err := parseHash(nobodysHash)
	if err != nil {
		t.Fatal(err)
	}
	want, err := parseHash(made)
	if err != nil {
		t.Fatal(err)
	}
	if got.memory != want.memory || got.passes != want.passes || got.lanes != want.lanes ||
		len(got.salt) != len(want.salt) || len(got.sum) != len(want.sum) {
		t.Errorf("nobody's hash is of the shape %s, want that of %s", nobodysHash, made)
	}
}
