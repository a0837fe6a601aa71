package contract

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"iter"
	"net/url"
	"slices"
	"strings"
)

// Cause is the likely mistake behind a wrong token. The text is stable: tests and tools may compare
// it.
type Cause string

// The mistakes that integrators make. CauseKey stands for every mistake that is not known.
const (
	CauseSeconds           Cause = "seconds for milliseconds"
	CauseReturnURLSigned   Cause = "returnUrl signed in an api call"
	CauseReturnURLUnsigned Cause = "returnUrl sent in a form but not signed"
	CauseMemberNoUnsigned  Cause = "memberno left out"
	CauseBlankSigned       Cause = "a blank signed"
	CauseSpaces            Cause = "other spaces around a value"
	CausePlusLost          Cause = "+ lost to a space"
	CausePercentEncoded    Cause = "text percent-encoded before signing"
	CauseOrder             Cause = "fields in another order"
	CauseEncoding          Cause = "token not in standard Base64"
	CauseKeySpaces         Cause = "other spaces or a newline around the key"
	CauseKeyHex            Cause = "key decoded from hex"
	CauseNoKey             Cause = "SHA-256 without a key"
	CauseKey               Cause = "another key"
)

// hints say how to fix each mistake.
var hints = map[Cause]string{
	CauseSeconds:           "time is in milliseconds since the epoch, in the message and in what is sent",
	CauseReturnURLSigned:   "an api call and a link sign no returnUrl, only a form does",
	CauseReturnURLUnsigned: "sign the returnUrl that a form sends, right before time; an api call and a link sign none",
	CauseMemberNoUnsigned:  "sign memberno after phone; the vendor's older page does not mention it",
	CauseBlankSigned:       "leave a blank field out of the message, together with its &",
	CauseSpaces:            "sign each value exactly as you send it: trim it before both, or not at all",
	CausePlusLost:          "write + as %2B in URLs and forms",
	CausePercentEncoded:    "sign the plain text, and percent-encode only what you send",
	CauseOrder:             "use this order: service, usercode, username, email, phone, memberno, returnUrl, time",
	CauseEncoding:          "write the 32 bytes of the signature in standard Base64, with + and /, and = at the end",
	CauseKeySpaces:         "use the key exactly as the console shows it, without spaces or a newline from a file or a form",
	CauseKeyHex:            "use the bytes of the key's text; it looks like hex, but must not be decoded",
	CauseNoKey:             "use HMAC-SHA256 with the organization key, not SHA-256 of the message",
	CauseKey:               "no known mistake, or pair of mistakes, gives this token: compare the key, then each value that your code signs",
}

// signing is one way to make a token: the contract's, or one with mistakes. It is not safe for
// concurrent use.
type signing struct {
	parts     []part
	separator string
	hash      hash.Hash // reused for every message
}

func (s signing) message() string { return join(s.parts, s.separator) }

func (s signing) mac(message string) []byte {
	s.hash.Reset()
	io.WriteString(s.hash, message)
	return s.hash.Sum(nil)
}

func (s signing) withParts(parts []part) signing {
	s.parts = parts
	return s
}

func (s signing) withValue(i int, value string) signing {
	parts := slices.Clone(s.parts)
	parts[i].value = value
	return s.withParts(parts)
}

// mistake turns a signing into the wrong ones that people make instead.
type mistake struct {
	cause    Cause
	variants func(signing) iter.Seq[signing]
}

// mistakes lists the known mistakes in the order in which a signer works, so that a later one can
// be added to an earlier one. The order of the fields comes last, because it has the most variants.
func mistakes(key string, returnURLs []string) []mistake {
	return []mistake{
		{CauseSeconds, list(otherUnits)},
		{CauseReturnURLSigned, list(withReturnURL(returnURLs))},
		{CauseReturnURLUnsigned, list(without("returnUrl"))},
		{CauseMemberNoUnsigned, list(without("memberno"))},
		{CauseBlankSigned, list(withBlanks)},
		{CauseSpaces, list(otherSpaces)},
		{CausePlusLost, list(otherPluses)},
		{CausePercentEncoded, list(percentEncoded)},
		{CauseKeySpaces, list(otherKeys(append(spaced(key), strings.TrimSpace(key))))},
		{CauseKeyHex, list(otherKeys(fromHex(key)))},
		{CauseNoKey, list(noKey)},
		{CauseOrder, reordered},
	}
}

// list adapts a function that returns all of its variants at once.
func list(variants func(signing) []signing) func(signing) iter.Seq[signing] {
	return func(s signing) iter.Seq[signing] { return slices.Values(variants(s)) }
}

// otherUnits signs seconds if the time came in milliseconds, and the reverse.
func otherUnits(s signing) []signing {
	last := len(s.parts) - 1
	time := s.parts[last].value
	variants := []signing{s.withValue(last, time+"000")}
	if len(time) > 3 {
		variants = append(variants, s.withValue(last, time[:len(time)-3]))
	}
	return variants
}

// withReturnURL signs one of the returnURLs before the time, in a call that signs none.
func withReturnURL(returnURLs []string) func(signing) []signing {
	return func(s signing) (variants []signing) {
		if slices.ContainsFunc(s.parts, named("returnUrl")) {
			return nil
		}
		for _, returnURL := range returnURLs {
			added := part{name: "returnUrl", value: returnURL, optional: true}
			variants = append(variants, s.withParts(slices.Insert(slices.Clone(s.parts), len(s.parts)-1, added)))
		}
		return variants
	}
}

// without leaves out one field.
func without(name string) func(signing) []signing {
	return func(s signing) []signing {
		i := slices.IndexFunc(s.parts, named(name))
		if i < 0 || !s.parts[i].present() {
			return nil
		}
		return []signing{s.withParts(slices.Delete(slices.Clone(s.parts), i, i+1))}
	}
}

func named(name string) func(part) bool { return func(p part) bool { return p.name == name } }

// withBlanks signs some or all of the blank optional fields: as they are, as "", or as the word
// that a language prints for an absent value.
func withBlanks(s signing) (variants []signing) {
	var blanks []int
	for i, p := range s.parts {
		if !p.present() {
			blanks = append(blanks, i)
		}
	}
	for _, subset := range subsets(blanks) {
		for _, text := range []func(string) string{
			func(string) string { return "" },
			func(string) string { return "null" },
			func(string) string { return "undefined" },
			func(value string) string { return value },
		} {
			parts := slices.Clone(s.parts)
			for _, i := range subset {
				parts[i].value, parts[i].optional = text(parts[i].value), false
			}
			variants = append(variants, s.withParts(parts))
		}
	}
	return variants
}

// otherSpaces trims values, or adds to one value the spaces and line ends that forms, files and
// databases leave there.
func otherSpaces(s signing) []signing {
	variants := rewritten(s, strings.TrimSpace)
	for i, p := range s.parts {
		if p.present() {
			for _, value := range spaced(p.value) {
				variants = append(variants, s.withValue(i, value))
			}
		}
	}
	return variants
}

func spaced(value string) []string {
	return []string{value + "\n", value + "\r\n", value + " ", " " + value}
}

// otherPluses signs a "+" where a space came, or a space where a "+" came.
func otherPluses(s signing) []signing {
	return append(rewritten(s, strings.NewReplacer(" ", "+").Replace), rewritten(s, strings.NewReplacer("+", " ").Replace)...)
}

// percentEncoded encodes every value, the whole message, or some of the values.
func percentEncoded(s signing) (variants []signing) {
	encoders := []func(string) string{
		EncodeURIComponent, url.QueryEscape, lowerHex(EncodeURIComponent), lowerHex(url.QueryEscape),
	}
	for _, encode := range encoders {
		every := s.withParts(required(s.parts)) // an encoded blank is no longer blank
		for i := range every.parts {
			every.parts[i].value = encode(every.parts[i].value)
		}
		whole := every
		whole.separator = encode(s.separator)
		variants = append(variants, every, whole)
	}
	for _, encode := range encoders {
		variants = append(variants, rewritten(s, encode)...)
	}
	return variants
}

// lowerHex changes an encoder to write %3d instead of %3D.
func lowerHex(encode func(string) string) func(string) string {
	return func(s string) string {
		encoded := []byte(encode(s))
		for i := 0; i+2 < len(encoded); i++ {
			if encoded[i] == '%' {
				copy(encoded[i:], strings.ToLower(string(encoded[i:i+3])))
			}
		}
		return string(encoded)
	}
}

// rewritten applies a change to each subset of the values that the change affects, starting with
// all of them.
func rewritten(s signing, change func(string) string) (variants []signing) {
	all := slices.Clone(s.parts)
	var changed []int
	for i, p := range s.parts {
		if all[i].value = change(p.value); p.present() && all[i].value != p.value {
			changed = append(changed, i)
		}
	}
	for _, subset := range subsets(changed) {
		parts := slices.Clone(s.parts)
		for _, i := range subset {
			parts[i].value = all[i].value
		}
		variants = append(variants, s.withParts(parts))
	}
	return variants
}

// subsets returns every non-empty subset of the positions, starting with all of them.
func subsets(positions []int) (found [][]int) {
	for bits := 1<<len(positions) - 1; bits > 0; bits-- {
		var subset []int
		for i, position := range positions {
			if bits&(1<<i) != 0 {
				subset = append(subset, position)
			}
		}
		found = append(found, subset)
	}
	return found
}

// fromHex decodes a key whose text is hex. It returns nil for any other key.
func fromHex(key string) []string {
	decoded, err := hex.DecodeString(strings.TrimSpace(key))
	if err != nil {
		return nil
	}
	return []string{string(decoded)}
}

// otherKeys signs with each of the keys.
func otherKeys(keys []string) func(signing) []signing {
	return func(s signing) (variants []signing) {
		for _, key := range keys {
			s.hash = hmac.New(sha256.New, []byte(key))
			variants = append(variants, s)
		}
		return variants
	}
}

// noKey takes the plain hash of the message.
func noKey(s signing) []signing {
	s.hash = sha256.New()
	return []signing{s}
}

// reordered puts the signed values in every order. There can be 8 values, so 40,320 orders. Each
// variant is valid only until the next one, because they share their parts.
func reordered(s signing) iter.Seq[signing] {
	return func(yield func(signing) bool) {
		parts := required(s.parts)
		permute(parts, len(parts), func() bool { return yield(s.withParts(parts)) })
	}
}

// required returns the parts that are present, none of them optional any more.
func required(parts []part) []part {
	var kept []part
	for _, p := range parts {
		if p.present() {
			kept = append(kept, part{name: p.name, value: p.value})
		}
	}
	return kept
}

// permute is Heap's algorithm. It stops and returns false when yield returns false.
func permute(parts []part, n int, yield func() bool) bool {
	if n <= 1 {
		return yield()
	}
	for i := range n {
		if !permute(parts, n-1, yield) {
			return false
		}
		if n%2 == 0 {
			parts[i], parts[n-1] = parts[n-1], parts[i]
		} else {
			parts[0], parts[n-1] = parts[n-1], parts[0]
		}
	}
	return true
}
