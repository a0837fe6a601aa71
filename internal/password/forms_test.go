package password

import (
	"encoding/base64"
	"encoding/binary"
	"strings"
	"testing"
)

// knownHashes were made by other programs, each of the password beside it.
var knownHashes = []struct{ origin, hash, password string }{
	{"argon2's command line: echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1 -l 32", "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc", "password"},
	{"argon2's tests, of argon2i as PHP and Laravel have it, too", "$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA", "password"},
	{"argon2's command line as Django stores it", "argon2$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc", "password"},
	{"argon2's command line as Spring Security stores it", "{argon2@SpringSecurity_v5_8}$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc", "password"},
	{"argon2's command line as Spring Security before 5.8 stores it", "{argon2}$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc", "password"},

	{"jBCrypt's tests", "$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe", "a"},
	{"crypt_blowfish's tests", "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"},
	{"PHP's manual, password_verify", "$2y$07$BCryptRequires22Chrcte/VlQH0piJtjXl.0t1XkA8pw9dMXTpOq", "rasmuslerdorf"},
	{"jBCrypt's tests as Spring Security stores it", "{bcrypt}$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe", "a"},
	{"libxcrypt as Django's BCryptPasswordHasher does", "bcrypt$$2b$04$abcdefghijklmnopqrstuu9iNcAU6PJAjERtdsP/gxx6kxGLIuLHS", "비밀번호 pa55"},
	{"libxcrypt as Django's BCryptSHA256PasswordHasher does", "bcrypt_sha256$$2b$04$abcdefghijklmnopqrstuu3fWTefJPwIAJFVZBlniRxdbn3MGrTv6", "비밀번호 pa55"},
	{"libxcrypt as WordPress does from 6.8 on", "$wp$2y$04$abcdefghijklmnopqrstuuFPvkn.K0dDlRhipsHsYaRi81nUsE28.", "비밀번호 pa55"},
	{"WordPress trims the password", "$wp$2y$04$abcdefghijklmnopqrstuuFPvkn.K0dDlRhipsHsYaRi81nUsE28.", "\t비밀번호 pa55 \n"},

	{"RFC 7914, section 12", "$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofLVQylVYT8Pz2LUlwUkKpr55h6F3A1lHkDfzwF7RVdYhw", "pleaseletmein"},
	{"passlib's manual", "$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E", "password"},
	{"Django's tests", "scrypt$16384$seasalt$8$1$Qj3+9PPyRjSJIebHnG81TMjsqtaIGxNQG/aEB/NYafTJ7tibgfYz71m0ldQESkXFRkdVCBhhY8mx7rQwite/Pw==", "lètmein"},
	{"hashlib as Werkzeug does", "scrypt:1024:8:2$MWbGpbqeGJIx3JKv$d23991cd270adbd2130618ee01adc3ca0cca37b4f18f6139cfac246642ec7763077924681bb7fcb5d242431fa3de4502980a07ba68c613038516832442b49fc6", "비밀번호 pa55"},
	{"hashlib as Spring Security does", "{scrypt@SpringSecurity_v5_8}$100801$AAECAwQFBgcICQoLDA0ODw==$XAQ1Kjoee9wf5MQxJiT0HRGJA37TMKN2aFahVWJsnus=", "비밀번호 pa55"},
	{"hashlib as Spring Security before 5.8 does", "{scrypt}$e0801$AAECAwQFBgcICQoLDA0ODwABAgMEBQYHCAkKCwwNDg8AAQIDBAUGBwgJCgsMDQ4PAAECAwQFBgcICQoLDA0ODw==$s3x7vZoAdx3VUGGCcx6z2S7wQH0MW0UCNwkLj3Dt9Eg=", "비밀번호 pa55"},

	{"passlib's manual", "$pbkdf2-sha256$29000$N2YMIWQsBWBMae09x1jrPQ$1t8iyB2A.WF/Z5JZv.lfCIhXXN33N23OSgQYThBYRfk", "toomanysecrets"},
	{"hashlib as passlib does", "$pbkdf2-sha512$1000$Y0ea1poJCyWCd.yPum.ZQQ$nsnkrH34p4ZJKqLLZngMUU5KfORMn8yjlqNBsh9tsfZHoakwKseLkfJdNWkQgWTvOw4uYqB8BnZ8sdA64bF7cw", "비밀번호 pa55"},
	{"hashlib", "$pbkdf2-sha256$i=1000,l=32$Y0ea1poJCyWCd+yPum+ZQQ$yOZV3Mjy9cgtSYRFC53vnHzIK3tgWll3YFTgxNFNXqw", "비밀번호 pa55"},
	{"hashlib", "$pbkdf2-sha256$i=1000$Y0ea1poJCyWCd+yPum+ZQQ$yOZV3Mjy9cgtSYRFC53vnHzIK3tgWll3YFTgxNFNXqw", "비밀번호 pa55"},
	{"hashlib", "$pbkdf2-sha512$i=1000,l=32$Y0ea1poJCyWCd+yPum+ZQQ$nsnkrH34p4ZJKqLLZngMUU5KfORMn8yjlqNBsh9tsfY", "비밀번호 pa55"},
	{"Django's tests", "pbkdf2_sha256$20000$seasalt$oBSd886ysm3AqYun62DOdin8YcfbU1z9cksZSuLP9r0=", "lètmein"},
	{"hashlib as Django does with SHA-1", "pbkdf2_sha1$20000$seasalt$PW/H5xF0MPTAW7JTY/RAPV+r8mo=", "lètmein"},
	{"hashlib as Werkzeug does", "pbkdf2:sha256:1000$MWbGpbqeGJIx3JKv$832e0d69df6628c1d5a1bc49cc0cf7e6dc31f180068d18eef2cda56da41264c1", "비밀번호 pa55"},
	{"hashlib as Werkzeug does with SHA-512", "pbkdf2:sha512:1000$MWbGpbqeGJIx3JKv$bbad083078488ba7c5d5c97dfc459b4ecb5082fb94fd33c131b45653990018f60d57141793ee7102e8b6fb8ed72d27c0459ef4082affd56231272f9f22f0b0d2", "비밀번호 pa55"},
	{"hashlib as Spring Security does", "{pbkdf2@SpringSecurity_v5_8}000102030405060708090a0b0c0d0e0f964324c175a09db41d5a2d7f14bd4459da0e1037dde72dde549b6b83938842d9", "비밀번호 pa55"},
	{"hashlib as Spring Security before 5.8 does", "{pbkdf2}0001020304050607ced4c550af3004b4815f3c0d1bff3ccf06b2f1b69572a8eac49d89cb72028cfd", "비밀번호 pa55"},
	{"hashlib as gnuboard5 does", "sha256:12000:AAECAwQFBgcICQoLDA0ODwABAgMEBQYH:KGTr3Kz/oTmUxLaXEz8MwhcXoaK6iE/N", "비밀번호 pa55"},
	{"hashlib as XE and Rhymix do", "sha256:0008192:Xu7cWp0sGh3b:r3d957NpVQFwPeEuNLzuEZvXjOHd/FIV", "비밀번호 pa55"},
	{"hashlib as ASP.NET Core Identity does before .NET 7", "AQAAAAEAACcQAAAAEAABAgMEBQYHCAkKCwwNDg8hsM/Lma9+UmeY8GwFDjyAl7xkkC3l+40EEEKYoSpBJg==", "비밀번호 pa55"},
	{"hashlib as ASP.NET Core Identity does from .NET 7 on", "AQAAAAIAAYagAAAAEAABAgMEBQYHCAkKCwwNDg9sFqAqRGLtzdWw5INjD9B0tfnxnNfu3dDqcGjNhBkrpA==", "비밀번호 pa55"},
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

// The hash is from crypt_blowfish's tests. Every other program lets the longer password in, too.
func TestBcryptSeesTheFirst72Bytes(t *testing.T) {
	const hash = "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui"
	const password = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	for typed, want := range map[string]bool{password: true, password + "chars after 72 are ignored": true, password[:71]: false} {
		if ok, err := Verify(hash, typed); ok != want || err != nil {
			t.Errorf("with %d bytes: got %v, %v, want %v", len(typed), ok, err, want)
		}
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
		"$argon2id$v=19$m=262144,t=5,p=16" + rest,
		"$argon2id$v=19$m=8,t=1,p=1$c2FsdA$" + sum,
		"$2b$04$" + crypted,
		"$2b$14$" + crypted,
		"$scrypt$ln=1,r=1,p=1" + rest,
		"$scrypt$ln=18,r=8,p=1" + rest,
		"$scrypt$ln=14,r=32,p=7" + rest,
		"$pbkdf2-sha256$1" + rest,
		"$pbkdf2-sha256$i=4500000" + rest,
		"$pbkdf2-sha512$i=1400000,l=64$" + salt + "$" + sum512,
		"pbkdf2_sha256$4500000$x$" + sum + "=",
	} {
		if err := CheckHash(hash); err != nil {
			t.Errorf("%s: got error %v, want none", hash, err)
		}
	}
}

func TestVerifyRefusesAHash(t *testing.T) {
	for name, hash := range map[string]string{
		"that is empty":              "",
		"that is only a prefix":      "$argon2id$",
		"of MD5":                     "5f4dcc3b5aa765d61d8327deb882cf99",
		"of MySQL's PASSWORD()":      "*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19",
		"of SHA-512 crypt":           "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjlO/O817G3uBnIFNjnQJuesI68OTLiBFdcbYEdFCoEOfaS35inz1",
		"of phpass":                  "$P$984478476IagS59wHZvyQMArzfx58u.",
		"of Spring that is none":     "{noop}password",
		"of Spring, of SHA-256":      "{sha256}97cde38028ad898ebc02e690819fa220e88c62e0699403e94fff291cfffaf8410849f27605abcbc0",
		"of passlib's bcrypt_sha256": "$bcrypt-sha256$v=2,t=2b,r=12$n79VH.0Q2TMWmt3Oqt9uku$Kq4Noyk3094Y2QlB8NdRT8SvGiI4ft2",
		"behind a space":             " $2b$04$" + crypted,

		"of argon2d":                "$argon2d$v=19$m=8,t=1,p=1" + rest,
		"of another argon2 version": "$argon2id$v=16$m=8,t=1,p=1" + rest,
		"without a version":         "$argon2id$m=8,t=1,p=1" + rest,
		"without a sum":             "$argon2id$v=19$m=8,t=1,p=1$" + salt,
		"with a short sum":          "$argon2id$v=19$m=8,t=1,p=1$" + salt + "$" + sum[:20],
		"with a long sum":           "$argon2id$v=19$m=8,t=1,p=1$" + salt + "$" + sum512 + "AA",
		"with a line break":         "$argon2id$v=19$m=8,t=1,p=1" + rest + "\n",
		"with bits behind the last": "$argon2id$v=19$m=8,t=1,p=1$25OqagC5J4YOhlMHUmFNCx$" + sum,
		"with a leading zero":       "$argon2id$v=19$m=08,t=1,p=1" + rest,
		"with a negative cost":      "$argon2id$v=19$m=8,t=-1,p=1" + rest,
		"with no passes":            "$argon2id$v=19$m=8,t=0,p=1" + rest,
		"with no lanes":             "$argon2id$v=19$m=8,t=1,p=0" + rest,
		"with too many lanes":       "$argon2id$v=19$m=2048,t=1,p=65" + rest,
		"with too little memory":    "$argon2id$v=19$m=7,t=1,p=1" + rest,

		"of bcrypt at too low a cost": "$2b$03$" + crypted,
		"of bcrypt at no real cost":   "$2b$32$" + crypted,
		"of bcrypt's faulty version":  "$2x$10$" + crypted,
		"of bcrypt without a version": "$2$10$" + crypted,
		"of bcrypt, cut off":          "$2b$10$" + crypted[:52],
		"of bcrypt, with a plus":      "$2b$10$" + strings.Replace(crypted, ".", "+", 1),

		"of scrypt with no work":              "$scrypt$ln=0,r=8,p=1" + rest,
		"of scrypt with an r of 0":            "$scrypt$ln=14,r=0,p=1" + rest,
		"of scrypt with an endless r":         "$scrypt$ln=1,r=9999999,p=9999999" + rest,
		"of scrypt with no power of 2":        "scrypt:1000:8:1$salt$" + strings.Repeat("00", 32),
		"of scrypt with an n of 1":            "scrypt:1:8:1$salt$" + strings.Repeat("00", 32),
		"of scrypt in crypt's form":           "$7$C6..../....SodiumChloride$kBGj9fHznVYFQMEn/qDCfrDevf9YDtcDdKvEqHJLV8D",
		"of Spring's scrypt with a p of 0":    "{scrypt}$e0800" + rest,
		"of Werkzeug with half a byte":        "scrypt:1024:8:1$salt$" + strings.Repeat("0", 63),
		"of PBKDF2 with no iterations":        "$pbkdf2-sha256$i=0,l=32" + rest,
		"of PBKDF2 with only a length":        "$pbkdf2-sha256$l=32" + rest,
		"of PBKDF2 with SHA-1 as passlib has": "$pbkdf2$1000" + rest,
		"of PBKDF2 with another digest":       "$pbkdf2-sha3$1000" + rest,
		"of Spring's PBKDF2, cut off":         "{pbkdf2@SpringSecurity_v5_8}" + strings.Repeat("00", 40),
		"of Django with no salt":              "pbkdf2_sha256$1000$$" + sum + "=",
		"of Django with an endless salt":      "pbkdf2_sha256$1000$" + strings.Repeat("x", 65) + "$" + sum + "=",
		"of Django that nothing fits":         "!y8oJ8BdJbTUMYCbPRGEyOGpYzNCVbmW7aEKRzUkS",
		"of Identity with another digest":     identity(3, 1000, 16),
		"of Identity with no iterations":      identity(1, 0, 16),
		"of Identity with no salt":            identity(1, 1000, 0),
		"of Identity with no sum":             identity(1, 1000, 48),
		"of Identity with an endless salt":    identity(1, 1000, 1<<32-1),
	} {
		if ok, err := Verify(hash, "password"); ok || err != errForm || CheckHash(hash) != errForm || Cost(hash) != 0 {
			t.Errorf("a hash %s: got %v, %v, want errForm, from CheckHash too, and no cost", name, ok, err)
		}
	}
}

// identity returns a hash as ASP.NET Core Identity writes it, with 48 bytes of salt and sum.
func identity(digest, iterations, saltSize uint32) string {
	head := []byte{1}
	for _, n := range []uint32{digest, iterations, saltSize} {
		head = binary.BigEndian.AppendUint32(head, n)
	}
	return base64.StdEncoding.EncodeToString(append(head, make([]byte, 48)...))
}

// One such row would otherwise keep everybody waiting.
func TestVerifyRefusesAHashThatIsTooDear(t *testing.T) {
	for _, test := range []struct{ hash, want string }{
		{"$argon2id$v=19$m=262144,t=16,p=1" + rest, "about 2.9 s of a core and 256 MiB"},
		{"$argon2id$v=19$m=262145,t=1,p=1" + rest, "and 256 MiB"},
		{"$argon2id$v=19$m=1048576,t=1,p=4" + rest, "and 1024 MiB"},
		{"$argon2id$v=19$m=9999999,t=9999999,p=1" + rest, "and 9765 MiB"},
		{"{bcrypt}$2b$15$" + crypted, "about 2.0 s of a core"},
		{"$2b$31$" + crypted, "about 128849.0 s of a core"},
		{"$scrypt$ln=19,r=8,p=1" + rest, "and 512 MiB"},
		{"$scrypt$ln=16,r=8,p=16" + rest, "about 2.3 s of a core and 64 MiB"},
		{"$scrypt$ln=29,r=1000,p=1000" + rest, "and 65536000 MiB"},
		{"pbkdf2_sha256$5000000$seasalt$" + sum + "=", "about 1.1 s of a core"},
		{identity(2, 1<<32-1, 16), "about 3006.5 s of a core"},
	} {
		ok, err := Verify(test.hash, "password")
		if ok || err == nil || !strings.HasPrefix(err.Error(), "too dear to check: ") || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v and error %v, want one that says %q", test.hash, ok, err, test.want)
		}
		if CheckHash(test.hash) == nil || Cost(test.hash) != 0 {
			t.Errorf("%s: got no error from CheckHash, or a cost", test.hash)
		}
	}
}

// The hashes are far enough apart for any server to check them in this order.
func TestCostOrdersHashesOfAllForms(t *testing.T) {
	before := int64(0)
	for i, hash := range []string{
		"$pbkdf2-sha256$29000" + rest,
		Decoy,
		"{bcrypt}$2a$10$" + crypted,
		"pbkdf2_sha256$600000$seasalt$" + sum + "=",
		"$scrypt$ln=17,r=8,p=1" + rest,
		"$2b$13$" + crypted,
		"$argon2id$v=19$m=262144,t=5,p=16" + rest,
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
		{"$argon2id$v=19$m=16,t=1,p=1" + rest, "argon2$argon2i$v=19$m=16,t=3,p=2" + rest, 3},
		{"$2b$05$" + crypted, "$2b$08$" + crypted, 8},
		{"$2b$14$" + crypted, "{bcrypt}$2y$14$" + crypted, 1},
		{"$scrypt$ln=1,r=1,p=1" + rest, "$scrypt$ln=3,r=2,p=5" + rest, 40},
		{"$scrypt$ln=10,r=8,p=1" + rest, "scrypt:1024:8:3$salt$" + strings.Repeat("00", 32), 3},
		{"$scrypt$ln=10,r=8,p=1" + rest, "{scrypt}$e0801" + rest, 16},
		{"$pbkdf2-sha256$1000" + rest, "$pbkdf2-sha256$i=5000,l=32" + rest, 5},
		{"$pbkdf2-sha256$1000" + rest, "$pbkdf2-sha256$1000$" + salt + "$" + sum512, 2}, // two blocks
		{"$pbkdf2-sha256$1000" + rest, "pbkdf2_sha256$1000$seasalt$" + sum + "=", 1},
		{"$pbkdf2-sha256$1000" + rest, "{pbkdf2@SpringSecurity_v5_8}" + strings.Repeat("00", 48), 310},
		{"$pbkdf2-sha256$1000" + rest, identity(1, 7000, 16), 7},
		{"$pbkdf2-sha512$1000" + rest, "$pbkdf2-sha512$1000$" + salt + "$" + sum512, 1}, // one block
	} {
		one, other := Cost(test.one), Cost(test.other)
		if one <= 0 || other != one*test.times {
			t.Errorf("%s costs %d and %s costs %d, want %d times as much", test.one, one, test.other, other, test.times)
		}
	}
}

// A hash comes out of a customer's database: no text of it makes a check panic or take for ever.
func FuzzVerify(f *testing.F) {
	for _, known := range knownHashes {
		f.Add(known.hash)
	}
	f.Fuzz(func(t *testing.T, text string) {
		cost := Cost(text)
		if err := CheckHash(text); (err == nil) != (cost > 0) || cost > maxCost {
			t.Errorf("%q costs %d, and CheckHash gives %v", text, cost, err)
		}
		if cost > maxCost/1000 {
			return // is right, and takes too long to try many of
		}
		if _, err := Verify(text, "password"); err != nil && cost > 0 {
			t.Errorf("%q passes CheckHash, and Verify gives %v", text, err)
		}
	})
}
