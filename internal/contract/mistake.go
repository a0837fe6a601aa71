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

// A signing is one way to make a token: the contract's, or one with mistakes in it. It is not for concurrent use.
type signing struct {
	parts     []part
	separator string
	hash      hash.Hash // used again for every message
}

func (s signing) message() string { return join(s.parts, s.separator) }

func (s signing) mac(message string) []byte {
	s.hash.Reset()
	io.WriteString(s.hash, message)
	return s.hash.Sum(nil)
}

// with is s with other parts.
func (s signing) with(parts []part) signing {
	s.parts = parts
	return s
}

// withValue is s with another value for one part.
func (s signing) withValue(i int, value string) signing {
	parts := slices.Clone(s.parts)
	parts[i].value = value
	return s.with(parts)
}

// A mistake turns a right signing, or one with the mistakes before it, into the wrong ones that people make.
type mistake struct {
	cause    Cause
	variants func(signing) iter.Seq[signing]
}

// mistakes are in the order of a signer's work, so that each can come on top of the ones before it; the order of the
// fields is last, because it has the most variants.
func mistakes(key string, returnURLs []string) []mistake {
	return []mistake{
		{CauseSeconds, otherUnits},
		{CauseReturnURLSigned, withReturnURL(returnURLs)},
		{CauseReturnURLUnsigned, without("returnUrl")},
		{CauseMemberNoUnsigned, without("memberno")},
		{CauseBlankSigned, withBlanks},
		{CauseSpaces, otherSpaces},
		{CausePlusLost, otherPluses},
		{CausePercentEncoded, percentEncoded},
		{CauseKeySpaces, otherKeys(append(spaced(key), strings.TrimSpace(key)))},
		{CauseKeyHex, otherKeys(fromHex(key))},
		{CauseNoKey, noKey},
		{CauseOrder, reordered},
	}
}

// otherUnits signs the time in seconds where it came in milliseconds, and the other way round.
func otherUnits(s signing) iter.Seq[signing] {
	return func(yield func(signing) bool) {
		last := len(s.parts) - 1
		time := s.parts[last].value
		if len(time) > 3 && !yield(s.withValue(last, time[:len(time)-3])) {
			return
		}
		yield(s.withValue(last, time+"000"))
	}
}

// withReturnURL signs one of the returnURLs where the call signs none.
func withReturnURL(returnURLs []string) func(signing) iter.Seq[signing] {
	return func(s signing) iter.Seq[signing] {
		return func(yield func(signing) bool) {
			if slices.ContainsFunc(s.parts, named("returnUrl")) {
				return
			}
			for _, returnURL := range returnURLs {
				returnURL := part{name: "returnUrl", value: returnURL, optional: true}
				if !yield(s.with(slices.Insert(slices.Clone(s.parts), len(s.parts)-1, returnURL))) {
					return
				}
			}
		}
	}
}

// without leaves one field unsigned.
func without(name string) func(signing) iter.Seq[signing] {
	return func(s signing) iter.Seq[signing] {
		return func(yield func(signing) bool) {
			if i := slices.IndexFunc(s.parts, named(name)); i >= 0 && s.parts[i].present() {
				yield(s.with(slices.Delete(slices.Clone(s.parts), i, i+1)))
			}
		}
	}
}

func named(name string) func(part) bool { return func(p part) bool { return p.name == name } }

// withBlanks signs blank optional fields in every choice: as they stand, empty, or as the word that a language prints
// for an absent value.
func withBlanks(s signing) iter.Seq[signing] {
	return func(yield func(signing) bool) {
		var blanks []int
		for i, p := range s.parts {
			if !p.present() {
				blanks = append(blanks, i)
			}
		}
		for choice := range choices(blanks) {
			for _, text := range []func(string) string{
				func(string) string { return "" },
				func(string) string { return "null" },
				func(string) string { return "undefined" },
				func(value string) string { return value },
			} {
				parts := slices.Clone(s.parts)
				for _, i := range choice {
					parts[i].value, parts[i].optional = text(parts[i].value), false
				}
				if !yield(s.with(parts)) {
					return
				}
			}
		}
	}
}

// otherSpaces trims the values, or puts around one what a form, a file or a database column leaves there.
func otherSpaces(s signing) iter.Seq[signing] {
	return func(yield func(signing) bool) {
		for variant := range rewritten(s, strings.TrimSpace) {
			if !yield(variant) {
				return
			}
		}
		for i, p := range s.parts {
			if !p.present() {
				continue
			}
			for _, value := range spaced(p.value) {
				if !yield(s.withValue(i, value)) {
					return
				}
			}
		}
	}
}

func spaced(value string) []string {
	return []string{value + "\n", value + "\r\n", value + " ", " " + value}
}

// otherPluses undoes the reading of an unencoded "+" as a space, or does it.
func otherPluses(s signing) iter.Seq[signing] {
	return func(yield func(signing) bool) {
		for _, change := range []*strings.Replacer{strings.NewReplacer(" ", "+"), strings.NewReplacer("+", " ")} {
			for variant := range rewritten(s, change.Replace) {
				if !yield(variant) {
					return
				}
			}
		}
	}
}

// percentEncoded encodes every value, the whole message, or some of the values.
func percentEncoded(s signing) iter.Seq[signing] {
	encoders := []func(string) string{
		EncodeURIComponent, url.QueryEscape, lowerHex(EncodeURIComponent), lowerHex(url.QueryEscape),
	}
	return func(yield func(signing) bool) {
		for _, encode := range encoders {
			every := s.with(required(s.parts)) // an encoded blank is not blank any more
			for i := range every.parts {
				every.parts[i].value = encode(every.parts[i].value)
			}
			if !yield(every) {
				return
			}
			whole := every
			whole.separator = encode(s.separator)
			if !yield(whole) {
				return
			}
		}
		for _, encode := range encoders {
			for variant := range rewritten(s, encode) {
				if !yield(variant) {
					return
				}
			}
		}
	}
}

// lowerHex makes an encoder that writes %3d where the given one writes %3D.
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

// rewritten applies a change to every choice of the signed values that it changes; all of them come first.
func rewritten(s signing, change func(string) string) iter.Seq[signing] {
	return func(yield func(signing) bool) {
		all := slices.Clone(s.parts)
		var changed []int
		for i, p := range s.parts {
			if all[i].value = change(p.value); p.present() && all[i].value != p.value {
				changed = append(changed, i)
			}
		}
		for choice := range choices(changed) {
			parts := slices.Clone(s.parts)
			for _, i := range choice {
				parts[i].value = all[i].value
			}
			if !yield(s.with(parts)) {
				return
			}
		}
	}
}

// choices yields every choice of one or more of the given positions, the largest first.
func choices(positions []int) iter.Seq[[]int] {
	return func(yield func([]int) bool) {
		for mask := 1<<len(positions) - 1; mask > 0; mask-- {
			var choice []int
			for bit, position := range positions {
				if mask&(1<<bit) != 0 {
					choice = append(choice, position)
				}
			}
			if !yield(choice) {
				return
			}
		}
	}
}

// fromHex is the bytes that the key's text is the hex of, if it is.
func fromHex(key string) []string {
	decoded, err := hex.DecodeString(strings.TrimSpace(key))
	if err != nil {
		return nil
	}
	return []string{string(decoded)}
}

// otherKeys signs with each of the keys.
func otherKeys(keys []string) func(signing) iter.Seq[signing] {
	return func(s signing) iter.Seq[signing] {
		return func(yield func(signing) bool) {
			for _, key := range keys {
				s.hash = hmac.New(sha256.New, []byte(key))
				if !yield(s) {
					return
				}
			}
		}
	}
}

// noKey takes the hash of the message, which anybody can.
func noKey(s signing) iter.Seq[signing] {
	return func(yield func(signing) bool) {
		s.hash = sha256.New()
		yield(s)
	}
}

// reordered puts the signed values in every order: 8 values at most, so 40,320 orders. The parts that it yields are
// good until the next ones.
func reordered(s signing) iter.Seq[signing] {
	return func(yield func(signing) bool) {
		parts := required(s.parts)
		permute(parts, len(parts), func() bool { return yield(s.with(parts)) })
	}
}

// required are the parts that the message holds, none of them optional any more.
func required(parts []part) []part {
	var kept []part
	for _, p := range parts {
		if p.present() {
			kept = append(kept, part{name: p.name, value: p.value})
		}
	}
	return kept
}

// permute is Heap's algorithm; it stops, and says so by false, when yield does.
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
