package simulator

import (
	"crypto/hmac"
	"encoding/base64"
	"encoding/hex"
	"iter"
	"net/url"
	"slices"
	"strings"
)

// Cause is the likely mistake behind a refused handoff. The text is stable, so that tests can compare it.
type Cause string

// The mistakes that integrators make.
const (
	CauseSeconds           Cause = "seconds for milliseconds"
	CauseReturnURLSigned   Cause = "returnUrl signed in an api call"
	CauseReturnURLUnsigned Cause = "returnUrl sent in a form but not signed"
	CauseBlankSigned       Cause = "a blank signed"
	CausePlusLost          Cause = "+ lost to a space"
	CausePercentEncoded    Cause = "text percent-encoded before signing"
	CauseOrder             Cause = "fields in another order"
	CauseEncoding          Cause = "token not in standard Base64"
	CauseKey               Cause = "another key"
)

// explain finds the one mistake that makes the fields' token out of a message and key that differ from the contract's.
// CauseKey is what remains when no mistake explains it.
func explain(call Call, key Key, f Fields, returnURLs []string) Cause {
	expected := Sign(key, Message(call, f))
	if strings.ReplaceAll(f.Token, " ", "+") == expected {
		return CausePlusLost
	}
	if slices.Contains(otherEncodings(expected), f.Token) {
		return CauseEncoding
	}
	suspects := []struct {
		cause    Cause
		messages iter.Seq[string]
	}{
		{CauseSeconds, otherUnits(call, f)},
		{CauseReturnURLSigned, withReturnURL(call, f, returnURLs)},
		{CauseReturnURLUnsigned, withoutReturnURL(call, f)},
		{CauseBlankSigned, withBlanks(call, f)},
		{CausePlusLost, withPluses(call, f)},
		{CausePercentEncoded, percentEncoded(call, f)},
		{CauseOrder, reordered(call, f)}, // last: the most messages to try
	}
	for _, suspect := range suspects {
		for message := range suspect.messages {
			if hmac.Equal([]byte(Sign(key, message)), []byte(f.Token)) {
				return suspect.cause
			}
		}
	}
	return CauseKey
}

// otherEncodings are the ways to write a token's bytes that the contract does not know.
func otherEncodings(token string) []string {
	mac, err := base64.StdEncoding.DecodeString(token)
	if err != nil {
		return nil
	}
	return []string{
		hex.EncodeToString(mac),
		strings.ToUpper(hex.EncodeToString(mac)),
		base64.URLEncoding.EncodeToString(mac),
		base64.RawURLEncoding.EncodeToString(mac),
		base64.RawStdEncoding.EncodeToString(mac),
	}
}

// otherUnits signs the time in seconds where it came in milliseconds, and the other way round.
func otherUnits(call Call, f Fields) iter.Seq[string] {
	return func(yield func(string) bool) {
		milliseconds := f
		milliseconds.Time = f.Time + "000"
		if !yield(Message(call, milliseconds)) || len(f.Time) <= 3 {
			return
		}
		seconds := f
		seconds.Time = f.Time[:len(f.Time)-3]
		yield(Message(call, seconds))
	}
}

func withReturnURL(call Call, f Fields, returnURLs []string) iter.Seq[string] {
	return func(yield func(string) bool) {
		if call == CallForm {
			return
		}
		for _, returnURL := range append([]string{f.ReturnURL}, returnURLs...) {
			f.ReturnURL = returnURL
			if !yield(Message(CallForm, f)) {
				return
			}
		}
	}
}

func withoutReturnURL(call Call, f Fields) iter.Seq[string] {
	return func(yield func(string) bool) {
		if call == CallForm {
			yield(Message(CallAPI, f)) // an api call's message is a form's without returnUrl
		}
	}
}

// withBlanks signs blank optional fields in every choice: as they stand, empty, or as the word that a language prints
// for an absent value.
func withBlanks(call Call, f Fields) iter.Seq[string] {
	parts := signed(call, f)
	var blanks []int
	for i, p := range parts {
		if p.optional && isBlank(p.value) {
			blanks = append(blanks, i)
		}
	}
	return func(yield func(string) bool) {
		for _, text := range []func(string) string{
			func(value string) string { return value },
			func(string) string { return "" },
			func(string) string { return "null" },
			func(string) string { return "undefined" },
		} {
			for choice := range choices(blanks) {
				filled := slices.Clone(parts)
				for _, i := range choice {
					filled[i] = part{value: text(parts[i].value)}
				}
				if !yield(strings.Join(present(filled), "&")) {
					return
				}
			}
		}
	}
}

// withPluses undoes the reading of an unencoded "+" as a space.
func withPluses(call Call, f Fields) iter.Seq[string] {
	return rewritten(call, f, func(value string) string { return strings.ReplaceAll(value, " ", "+") })
}

func percentEncoded(call Call, f Fields) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, encode := range []func(string) string{
			encodeURIComponent, lowerHex(encodeURIComponent),
			url.QueryEscape, lowerHex(url.QueryEscape),
		} {
			if !yield(encode(Message(call, f))) {
				return
			}
			for message := range rewritten(call, f, encode) {
				if !yield(message) {
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

// rewritten applies a change to every choice of the signed values that it changes.
func rewritten(call Call, f Fields, change func(string) string) iter.Seq[string] {
	values := present(signed(call, f))
	var changed []int
	for i, value := range values {
		if change(value) != value {
			changed = append(changed, i)
		}
	}
	return func(yield func(string) bool) {
		for choice := range choices(changed) {
			result := slices.Clone(values)
			for _, i := range choice {
				result[i] = change(values[i])
			}
			if !yield(strings.Join(result, "&")) {
				return
			}
		}
	}
}

// reordered joins the signed values in every order: 8 values at most, so 40,320 orders.
func reordered(call Call, f Fields) iter.Seq[string] {
	values := present(signed(call, f))
	return func(yield func(string) bool) {
		permute(values, len(values), yield)
	}
}

// permute is Heap's algorithm; it stops, and says so by false, when yield does.
func permute(values []string, n int, yield func(string) bool) bool {
	if n <= 1 {
		return yield(strings.Join(values, "&"))
	}
	for i := range n {
		if !permute(values, n-1, yield) {
			return false
		}
		if n%2 == 0 {
			values[i], values[n-1] = values[n-1], values[i]
		} else {
			values[0], values[n-1] = values[n-1], values[0]
		}
	}
	return true
}

// choices yields every choice of one or more of the given positions.
func choices(positions []int) iter.Seq[[]int] {
	return func(yield func([]int) bool) {
		for mask := 1; mask < 1<<len(positions); mask++ {
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
