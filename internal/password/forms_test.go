package password

import (
	"strings"
	"testing"
)

// knownHashes were made by other programs, each of the password beside it.
var knownHashes = []struct{ origin, hash, password string }{
	{"argon2's command line: echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1 -l 32", "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc", "password"},
	{"jBCrypt's tests", "$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe", "a"},
	{"crypt_blowfish's tests", "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"},
	{"PHP's manual, password_verify", "$2y$07$BCryptRequires22Chrcte/VlQH0piJtjXl.0t1XkA8pw9dMXTpOq", "rasmuslerdorf"},
	{"jBCrypt's tests as Spring Security stores it", "{bcrypt}$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe", "a"},
	{"RFC 7914, section 12", "$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofLVQylVYT8Pz2LUlwUkKpr55h6F3A1lHkDfzwF7RVdYhw", "pleaseletmein"},
	{"passlib's manual", "$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E", "password"},
	{"passlib's manual", "$pbkdf2-sha256$29000$N2YMIWQsBWBMae09x1jrPQ$1t8iyB2A.WF/Z5JZv.lfCIhXXN33N23OSgQYThBYRfk", "toomanysecrets"},
	{"Python's hashlib, written as passlib does", "$pbkdf2-sha512$1000$Y0ea1poJCyWCd.yPum.ZQQ$nsnkrH34p4ZJKqLLZngMUU5KfORMn8yjlqNBsh9tsfZHoakwKseLkfJdNWkQgWTvOw4uYqB8BnZ8sdA64bF7cw", "비밀번호 pa55"},
	{"Python's hashlib", "$pbkdf2-sha256$i=1000,l=32$Y0ea1poJCyWCd+yPum+ZQQ$yOZV3Mjy9cgtSYRFC53vnHzIK3tgWll3YFTgxNFNXqw", "비밀번호 pa55"},
	{"Python's hashlib", "$pbkdf2-sha256$i=1000$Y0ea1poJCyWCd+yPum+ZQQ$yOZV3Mjy9cgtSYRFC53vnHzIK3tgWll3YFTgxNFNXqw", "비밀번호 pa55"},
	{"Python's hashlib", "$pbkdf2-sha512$i=1000,l=32$Y0ea1poJCyWCd+yPum+ZQQ$nsnkrH34p4ZJKqLLZngMUU5KfORMn8yjlqNBsh9tsfY", "비밀번호 pa55"},
	{"Django's tests", "pbkdf2_sha256$20000$seasalt$oBSd886ysm3AqYun62DOdin8YcfbU1z9cksZSuLP9r0=", "lètmein"},
}

func TestVerifyKnowsHashesMadeElsewhere(t *testing.T) {
	for _, known := range knownHashes {
		if ok, err := Verify(known.hash, known.password); !ok || err != nil {
			t.Errorf("%s, %s: got %v, %v, want true", known.hash, known.origin, ok, err)
		}
		for _, wrong := range []string{known.password + "x", ""} {
			if ok, err := Verify(known.hash, wrong); ok || err != nil {
				t.Errorf("%s, %s, with password %q: got %v, %v, want false", known.hash, known.origin, wrong, ok, err)
			}
		}
	}
}

// The hash is from crypt_blowfish's tests, which expect it to match the longer password too.
func TestBcryptMatchesNoPasswordThatItWouldCutShort(t *testing.T) {
	const hash = "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui"
	const password = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	if ok, err := Verify(hash, password); !ok || err != nil {
		t.Errorf("with %d bytes: got %v, %v, want true", len(password), ok, err)
	}
	if ok, err := Verify(hash, password+"chars after 72 are ignored"); ok || err != nil {
		t.Errorf("with more bytes after them: got %v, %v, want false", ok, err)
	}
}

// What follows the cost in a hash of each form.
const (
	salt, sum = "25OqagC5J4YOhlMHUmFNCw", "2zzFIodJAHxF+uqU6Qp7psCqBlMC9xFDj7gcesICVCw"
	rest      = "$" + salt + "$" + sum
	crypted   = "CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
	sum512    = sum + sum // 64 bytes
)

func TestCheckHashTakesHashesWithinBounds(t *testing.T) {
	for _, hash := range []string{
		"$argon2id$v=19$m=8,t=1,p=1" + rest,
		"$argon2id$v=19$m=262144,t=16,p=16" + rest,
		"$2b$04$" + crypted,
		"$2b$16$" + crypted,
		"$scrypt$ln=1,r=1,p=1" + rest,
		"$scrypt$ln=18,r=8,p=4" + rest,
		"$scrypt$ln=21,r=1,p=4" + rest,
		"$scrypt$ln=14,r=32,p=16" + rest,
		"$pbkdf2-sha256$1" + rest,
		"$pbkdf2-sha512$i=5000000" + rest,
		"$pbkdf2-sha512$i=5000000,l=64$" + salt + "$" + sum512,
		"pbkdf2_sha256$5000000$x$" + sum + "=",
	} {
		if err := CheckHash(hash); err != nil {
			t.Errorf("%s: got error %v, want none", hash, err)
		}
	}
}

func TestVerifyRefusesAHash(t *testing.T) {
	for name, hash := range map[string]string{
		"that is empty":         "",
		"that is only a prefix": "$argon2id$",
		"of MD5":                "5f4dcc3b5aa765d61d8327deb882cf99",
		"of SHA-512 crypt":      "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjlO/O817G3uBnIFNjnQJuesI68OTLiBFdcbYEdFCoEOfaS35inz1",
		"behind a space":        " $2b$04$" + crypted,

		"of argon2i":                 "$argon2i$v=19$m=8,t=1,p=1" + rest,
		"of another argon2 version":  "$argon2id$v=16$m=8,t=1,p=1" + rest,
		"without a version":          "$argon2id$m=8,t=1,p=1" + rest,
		"without a sum":              "$argon2id$v=19$m=8,t=1,p=1$" + salt,
		"with a short sum":           "$argon2id$v=19$m=8,t=1,p=1$" + salt + "$" + sum[:20],
		"with a long sum":            "$argon2id$v=19$m=8,t=1,p=1$" + salt + "$" + sum512 + "AA",
		"with a short salt":          "$argon2id$v=19$m=8,t=1,p=1$c2FsdA$" + sum,
		"with padding":               "$argon2id$v=19$m=8,t=1,p=1$" + salt + "==$" + sum,
		"with a line break":          "$argon2id$v=19$m=8,t=1,p=1" + rest + "\n",
		"with bits behind the last":  "$argon2id$v=19$m=8,t=1,p=1$25OqagC5J4YOhlMHUmFNCx$" + sum,
		"with passlib's dot":         "$argon2id$v=19$m=8,t=1,p=1$" + salt + "$" + strings.Replace(sum, "+", ".", 1),
		"with a leading zero":        "$argon2id$v=19$m=08,t=1,p=1" + rest,
		"with a negative cost":       "$argon2id$v=19$m=8,t=-1,p=1" + rest,
		"with no passes":             "$argon2id$v=19$m=8,t=0,p=1" + rest,
		"with too many passes":       "$argon2id$v=19$m=8,t=17,p=1" + rest,
		"with no lanes":              "$argon2id$v=19$m=8,t=1,p=0" + rest,
		"with too many lanes":        "$argon2id$v=19$m=256,t=1,p=17" + rest,
		"with too little memory":     "$argon2id$v=19$m=7,t=1,p=1" + rest,
		"with too much memory":       "$argon2id$v=19$m=262145,t=1,p=1" + rest,
		"with memory that overflows": "$argon2id$v=19$m=4294967304,t=1,p=1" + rest,

		"of bcrypt at too low a cost":  "$2b$03$" + crypted,
		"of bcrypt at too high a cost": "$2b$17$" + crypted,
		"of bcrypt's faulty version":   "$2x$10$" + crypted,
		"of bcrypt without a version":  "$2$10$" + crypted,
		"of bcrypt, cut off":           "$2b$10$" + crypted[:52],
		"of bcrypt, with a plus":       "$2b$10$" + strings.Replace(crypted, ".", "+", 1),

		"of scrypt with no work":          "$scrypt$ln=0,r=8,p=1" + rest,
		"of scrypt with too much memory":  "$scrypt$ln=19,r=8,p=1" + rest,
		"of scrypt with too much work":    "$scrypt$ln=18,r=8,p=5" + rest,
		"of scrypt with too large an n":   "$scrypt$ln=22,r=1,p=1" + rest,
		"of scrypt with too large an r":   "$scrypt$ln=1,r=33,p=1" + rest,
		"of scrypt with too large a p":    "$scrypt$ln=1,r=8,p=17" + rest,
		"of scrypt with an r of 0":        "$scrypt$ln=14,r=0,p=1" + rest,
		"of scrypt in crypt's form":       "$7$C6..../....SodiumChloride$kBGj9fHznVYFQMEn/qDCfrDevf9YDtcDdKvEqHJLV8D",
		"of PBKDF2 with no iterations":    "$pbkdf2-sha256$i=0,l=32" + rest,
		"of PBKDF2 with too many":         "$pbkdf2-sha256$i=5000001,l=32" + rest,
		"of PBKDF2 with another length":   "$pbkdf2-sha256$i=1000,l=31" + rest,
		"of PBKDF2 with only a length":    "$pbkdf2-sha256$l=32" + rest,
		"of PBKDF2, of two forms at once": "$pbkdf2-sha256$1000,l=32" + rest,
		"of PBKDF2 with SHA-1":            "$pbkdf2$1000" + rest,
		"of PBKDF2 with another digest":   "$pbkdf2-sha3$1000" + rest,
		"of Django with too many":         "pbkdf2_sha256$5000001$seasalt$" + sum + "=",
		"of Django with no salt":          "pbkdf2_sha256$1000$$" + sum + "=",
		"of Django with an endless salt":  "pbkdf2_sha256$1000$" + strings.Repeat("x", 65) + "$" + sum + "=",
		"of Django without padding":       "pbkdf2_sha256$1000$seasalt$" + sum,
		"of Django that nothing fits":     "!y8oJ8BdJbTUMYCbPRGEyOGpYzNCVbmW7aEKRzUkS",
	} {
		if ok, err := Verify(hash, "password"); ok || err != errHash || CheckHash(hash) != errHash {
			t.Errorf("a hash %s: got %v, %v, want errHash, from CheckHash too", name, ok, err)
		}
	}
}

func TestADecoyCostsTheSameAndMatchesNothing(t *testing.T) {
	for _, known := range knownHashes {
		decoy := Decoy(known.hash)
		beforeSum := len(known.hash) - 22
		if len(decoy) != len(known.hash) || decoy[:beforeSum] != known.hash[:beforeSum] {
			t.Errorf("Decoy(%q) is %q, want only the sum to differ", known.hash, decoy)
		}
		if ok, err := Verify(decoy, known.password); ok || err != nil {
			t.Errorf("the password of %s against %s: got %v, %v, want false", known.hash, decoy, ok, err)
		}
		if Decoy(known.hash) == decoy {
			t.Errorf("Decoy(%q) is %q twice, want random sums", known.hash, decoy)
		}
	}
}

// The hashes are far enough apart for any server to check them in this order.
func TestCostOrdersHashesOfAllForms(t *testing.T) {
	before := int64(0)
	for i, hash := range []string{
		"$pbkdf2-sha256$29000" + rest,
		"$argon2id$v=19$m=19456,t=2,p=1" + rest,
		"{bcrypt}$2a$10$" + crypted,
		"pbkdf2_sha256$600000$seasalt$" + sum + "=",
		"$scrypt$ln=17,r=8,p=1" + rest,
		"$2b$13$" + crypted,
		"$argon2id$v=19$m=262144,t=16,p=16" + rest,
	} {
		cost := Cost(hash)
		if cost <= before {
			t.Errorf("%d, %s: got cost %d, want more than the %d of the one before", i, hash, cost, before)
		}
		before = cost
	}
}

func TestCostOfAHashKnowsItsParameters(t *testing.T) {
	for _, test := range []struct {
		one, other string
		times      int64
	}{
		{"$argon2id$v=19$m=16,t=1,p=1" + rest, "$argon2id$v=19$m=64,t=1,p=1" + rest, 4},
		{"$argon2id$v=19$m=16,t=1,p=1" + rest, "$argon2id$v=19$m=16,t=3,p=2" + rest, 3},
		{"$2b$05$" + crypted, "$2b$08$" + crypted, 8},
		{"$2b$16$" + crypted, "{bcrypt}$2y$16$" + crypted, 1},
		{"$scrypt$ln=1,r=1,p=1" + rest, "$scrypt$ln=3,r=2,p=5" + rest, 40},
		{"$pbkdf2-sha256$1000" + rest, "$pbkdf2-sha256$i=5000,l=32" + rest, 5},
		{"$pbkdf2-sha256$1000" + rest, "$pbkdf2-sha256$1000$" + salt + "$" + sum512, 2}, // two blocks
		{"$pbkdf2-sha256$1000" + rest, "pbkdf2_sha256$1000$seasalt$" + sum + "=", 1},
		{"$pbkdf2-sha512$1000" + rest, "$pbkdf2-sha512$1000$" + salt + "$" + sum512, 1}, // one block
	} {
		one, other := Cost(test.one), Cost(test.other)
		if one <= 0 || other != one*test.times {
			t.Errorf("%s costs %d and %s costs %d, want %d times as much", test.one, one, test.other, other, test.times)
		}
	}
	for _, hash := range []string{"", "!", "5f4dcc3b5aa765d61d8327deb882cf99", "$2b$31$" + crypted} {
		if got := Cost(hash); got != 0 {
			t.Errorf("%q: got cost %d, want 0", hash, got)
		}
	}
}

func FuzzDecoy(f *testing.F) {
	for _, known := range knownHashes {
		f.Add(known.hash)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if CheckHash(text) != nil {
			return
		}
		if decoy := Decoy(text); len(decoy) != len(text) || decoy == text {
			t.Errorf("Decoy(%q) = %q, want another of the same length", text, decoy)
		} else if Cost(decoy) != Cost(text) {
			t.Errorf("Decoy(%q) = %q at cost %d, want cost %d", text, decoy, Cost(decoy), Cost(text))
		}
	})
}
