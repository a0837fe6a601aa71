package password

import (
	"bytes"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"
	"golang.org/x/crypto/scrypt"
)

// forms are the hashes that are read, as their authors write them. A group's name says what the
// part is; see the functions that read them. salt and sum are base64, and text is a salt that is
// used as it is written. What begins with an x is hexadecimal.
var forms = [...]struct {
	pattern func() *regexp.Regexp
	read    func(parts) form
}{
	// PHC: argon2's own program, PHP, Laravel, Node; then Django's and Spring's prefixes
	{pattern(`(argon2|\{argon2(@SpringSecurity_v5_8)?\})?\$argon2(?<kind>id|i)\$v=19\$m=(?<m>N),t=(?<t>N),p=(?<p>N)\$(?<salt>B)\$(?<sum>B)`), readArgon2},
	// bcrypt itself: PHP, Laravel, Rails, Node; Spring; Django; WordPress from 6.8
	{pattern(`(?<before>\{bcrypt\}|bcrypt\$|bcrypt_sha256\$|\$wp)?(?<crypt>\$2[aby]\$(?<cost>0[4-9]|[12][0-9]|3[01])\$[./A-Za-z0-9]{53})`), readBcrypt},
	// PHC and passlib; Django; Werkzeug (Flask); Spring, whose parameters are hexadecimal
	{pattern(`\$scrypt\$ln=(?<ln>[1-9]|[12][0-9]),r=(?<r>N),p=(?<p>N)\$(?<salt>B)\$(?<sum>B)`), readScrypt},
	{pattern(`scrypt\$(?<n>N)\$(?<text>T)\$(?<r>N)\$(?<p>N)\$(?<sum>B)`), readScrypt},
	{pattern(`scrypt:(?<n>N):(?<r>N):(?<p>N)\$(?<text>T)\$(?<xsum>H)`), readScrypt},
	{pattern(`\{scrypt(@SpringSecurity_v5_8)?\}\$(?<xln>[1-9a-f]|1[0-9a-f])(?<xr>[0-9a-f]{2})(?<xp>[0-9a-f]{2})\$(?<salt>B)\$(?<sum>B)`), readScrypt},
	// PHC and passlib; Django; Werkzeug; gnuboard5, XE and Rhymix; Spring; ASP.NET Core Identity
	{pattern(`\$pbkdf2-(?<digest>sha1|sha256|sha512)\$(i=)?(?<i>N)(,l=N)?\$(?<salt>B)\$(?<sum>B)`), readPBKDF2},
	{pattern(`pbkdf2_(?<digest>sha1|sha256)\$(?<i>N)\$(?<text>T)\$(?<sum>B)`), readPBKDF2},
	{pattern(`pbkdf2:(?<digest>sha1|sha256|sha512):(?<i>N)\$(?<text>T)\$(?<xsum>H)`), readPBKDF2},
	{pattern(`(?<digest>sha1|sha256|sha512):0*(?<i>N):(?<text>[^:]{1,64}):(?<sum>B)`), readPBKDF2},
	{pattern(`\{pbkdf2(?<version>@SpringSecurity_v5_8)\}(?<xsalt>[0-9a-f]{32})(?<xsum>[0-9a-f]{64})`), readSpringPBKDF2},
	{pattern(`\{pbkdf2\}(?<xsalt>[0-9a-f]{16})(?<xsum>[0-9a-f]{64})`), readSpringPBKDF2},
	{pattern(`(?<sum>AQAAAA[A-Za-z0-9+/]{34,130}={0,2})`), readIdentity},
}

// pattern compiles a form when it is first needed, with abbreviations: N for a number, B for base64
// (passlib has "." where others have "+"), T for text, and H for hexadecimal.
func pattern(form string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile("^(?:" + strings.NewReplacer(
			">N)", ">[1-9][0-9]{0,6})", "=N)", "=[1-9][0-9]*)", ">B)", ">[A-Za-z0-9+/.]+={0,2})", ">T)", ">[^$]{1,64})", ">H)", ">[0-9a-f]+)",
		).Replace(form) + ")$")
	})
}

// A form is a hash as Verify checks it.
type form struct {
	cost    int64 // see Cost
	memory  int64 // in bytes, if it is much
	matches func(password string) (bool, error)
}

// The dearest check, so that no row of a directory stalls the server for everyone.
const maxCost, maxMemory = 1_000_000_000, 256 << 20

var errForm = errors.New("in no form of hash that ocsso reads: deploy/README.md lists them")

// parse returns the form of a hash.
func parse(text string) (form, error) {
	for _, known := range forms {
		found := known.pattern().FindStringSubmatch(text)
		if found == nil {
			continue
		}
		p := parts{}
		for i, name := range known.pattern().SubexpNames() {
			p[name] = found[i]
		}
		f := known.read(p)
		switch {
		case f.cost <= 0:
			return form{}, errForm
		case f.cost > maxCost || f.memory > maxMemory:
			return form{}, fmt.Errorf("too dear to check: about %.1f s of a core and %d MiB, of at most %d s and %d MiB",
				float64(f.cost)/1e9, f.memory>>20, int(maxCost/1e9), maxMemory>>20)
		}
		return f, nil
	}
	return form{}, errForm
}

// parts are what the groups of a form have found. A group that the form doesn't have is "".
type parts map[string]string

// number returns the number in a group, or 0 when there is none.
func (p parts) number(name string) int64 {
	n, _ := strconv.ParseInt(p[name], 10, 64) // the patterns bound its digits
	x, _ := strconv.ParseInt(p["x"+name], 16, 64)
	return n + x
}

// saltSum returns the salt and the sum. It is not ok when one can't be decoded or has a wrong
// length: what is cut short would match more than one password.
func (p parts) saltSum() (salt []byte, sum checksum, ok bool) {
	salt, errSalt := decode(p["salt"])
	if p["text"] != "" {
		salt = []byte(p["text"])
	}
	sum, errSum := decode(p["sum"])
	if p["xsum"] != "" {
		sum, errSum = hex.DecodeString(p["xsum"])
	}
	return salt, sum, errSalt == nil && errSum == nil && len(salt) > 0 && len(salt) <= 64 && len(sum) >= 16 && len(sum) <= 64
}

func decode(text string) ([]byte, error) {
	return base64.RawStdEncoding.Strict().DecodeString(strings.ReplaceAll(strings.TrimRight(text, "="), ".", "+"))
}

// A checksum is what an algorithm makes of the right password.
type checksum []byte

// is compares it with what the algorithm has made of another one.
func (c checksum) is(got []byte, err error) (bool, error) {
	return err == nil && subtle.ConstantTimeCompare(got, c) == 1, err
}

// readArgon2: m is the memory in KiB, t the passes, p the lanes.
func readArgon2(p parts) form {
	salt, sum, ok := p.saltSum()
	memory, passes, lanes := p.number("m"), p.number("t"), p.number("p")
	if !ok || lanes > 64 || memory < 8*lanes {
		return form{}
	}
	key := argon2.IDKey
	if p["kind"] == "i" {
		key = argon2.Key
	}
	return form{700 * memory * passes, memory << 10, func(password string) (bool, error) {
		return sum.is(key([]byte(password), salt, uint32(passes), uint32(memory), uint8(lanes), uint32(len(sum))), nil)
	}}
}

// readBcrypt: cost is the binary logarithm of the rounds. bcrypt cuts the password after 72
// bytes, so Django and WordPress hash it before.
func readBcrypt(p parts) form {
	crypt, before := []byte(p["crypt"]), p["before"]
	return form{60_000 << p.number("cost"), 0, func(password string) (bool, error) {
		text := []byte(password)
		switch before {
		case "bcrypt_sha256$":
			text = fmt.Appendf(nil, "%x", sha256.Sum256(text))
		case "$wp":
			mac := hmac.New(sha512.New384, []byte("wp-sha384"))
			mac.Write(bytes.Trim(text, " \n\r\t\v\x00"))
			text = []byte(base64.StdEncoding.EncodeToString(mac.Sum(nil)))
		}
		err := bcrypt.CompareHashAndPassword(crypt, text)
		if errors.Is(err, bcrypt.ErrMismatchedHashAndPassword) {
			return false, nil
		}
		return err == nil, err
	}}
}

// readScrypt: ln is the binary logarithm of n.
func readScrypt(p parts) form {
	salt, sum, ok := p.saltSum()
	n, r, lanes := p.number("n"), p.number("r"), p.number("p")
	if ln := p.number("ln"); ln > 0 {
		n = 1 << ln
	}
	if !ok || n < 2 || n&(n-1) != 0 || r > 1000 || lanes > 1000 {
		return form{}
	}
	return form{270 * n * r * lanes, 128 * n * r, func(password string) (bool, error) {
		return sum.is(scrypt.Key([]byte(password), salt, int(n), int(r), int(lanes), len(sum)))
	}}
}

// digests are PBKDF2's. cost is that of an iteration for one length of the digest.
var digests = map[string]struct {
	new  func() hash.Hash
	cost int64
}{"sha1": {sha1.New, 200}, "sha256": {sha256.New, 220}, "sha512": {sha512.New, 700}}

// readPBKDF2: i is the number of iterations.
func readPBKDF2(p parts) form {
	salt, sum, ok := p.saltSum()
	if !ok {
		return form{}
	}
	digest, iterations := digests[p["digest"]], p.number("i")
	size := digest.new().Size()
	blocks := (len(sum) + size - 1) / size // each takes all iterations
	return form{digest.cost * iterations * int64(blocks), 0, func(password string) (bool, error) {
		return sum.is(pbkdf2.Key(digest.new, password, salt, int(iterations), len(sum)))
	}}
}

// readSpringPBKDF2: the version says everything but salt and sum.
func readSpringPBKDF2(p parts) form {
	salt, _ := hex.DecodeString(p["xsalt"])
	p["text"], p["digest"], p["i"] = string(salt), "sha1", "185000"
	if p["version"] != "" {
		p["digest"], p["i"] = "sha256", "310000"
	}
	return readPBKDF2(p)
}

// readIdentity reads version 3: a byte 1; the digest, the iterations and the length of the salt as
// 32 bits each; the salt, and the sum.
func readIdentity(p parts) form {
	all, err := decode(p["sum"])
	if err != nil || len(all) < 13 {
		return form{}
	}
	number := binary.BigEndian.Uint32
	digest, iterations, saltSize, rest := number(all[1:]), number(all[5:]), number(all[9:]), all[13:]
	if digest > 2 || int64(saltSize) > int64(len(rest)) {
		return form{}
	}
	p["digest"], p["i"] = [...]string{"sha1", "sha256", "sha512"}[digest], fmt.Sprint(iterations)
	p["text"], p["sum"] = string(rest[:saltSize]), base64.StdEncoding.EncodeToString(rest[saltSize:])
	return readPBKDF2(p)
}
