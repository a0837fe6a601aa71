package signing

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"hash"
	"slices"
	"strings"
)

// signing is one way to make a token: the contract's, or one with mistakes.
type signing struct {
	parts  []part
	join   func([]part) string
	text   func(string) string // changes the joined message
	key    string
	digest digest
	// The last mistake, as in Mistake.
	fields, detail string
}

// digest takes the hash of a message with a key.
type digest struct {
	detail string
	size   int // bytes of the hash
	of     func(key, message string) []byte
}

// change is one change of a text. Where it does not apply, it returns the same text.
type change struct {
	detail string
	of     func(string) string
}

// format writes the parts as one text.
type format struct {
	detail string
	join   func([]part) string
}

func rightSigning(c Case) signing {
	return signing{
		parts: signed(c.Call, c.Fields), join: joined("&"), text: func(s string) string { return s },
		key: string(c.Key), digest: hmacOf(hashes[0]),
	}
}

func (s signing) message() string { return s.text(s.join(s.parts)) }

// but returns the signing with one mistake more.
func (s signing) but(detail string, mistake func(*signing)) signing {
	s.parts, s.fields, s.detail = slices.Clone(s.parts), "", detail
	mistake(&s)
	return s
}

// set signs other values of the parts at these positions, also of those that were left out.
func (s signing) set(detail string, positions []int, value func(part) string) signing {
	return s.but(detail, func(s *signing) {
		var names []string
		for _, i := range positions {
			names = append(names, s.parts[i].name)
			s.parts[i].value, s.parts[i].left = value(s.parts[i]), false
		}
		s.fields = strings.Join(names, ", ")
	})
}

func (s signing) without(positions ...int) signing {
	s = s.set("", positions, func(p part) string { return p.value })
	for _, i := range positions {
		s.parts[i].left = true
	}
	return s
}

// where returns the positions of the parts for which want is true.
func (s signing) where(want func(part) bool) (positions []int) {
	for i, p := range s.parts {
		if want(p) {
			positions = append(positions, i)
		}
	}
	return positions
}

func present(p part) bool { return !p.left }

// presentAs is the position of a field that is signed, in a list that is empty if it is not.
func (s signing) presentAs(name string) []int {
	return s.where(func(p part) bool { return p.name == name && !p.left })
}

// allAndEach returns the whole list, and a list of each of its members.
func allAndEach(positions []int) (lists [][]int) {
	if len(positions) > 1 {
		lists = append(lists, positions)
	}
	for _, i := range positions {
		lists = append(lists, []int{i})
	}
	return lists
}

// The functions below make the variants of a row of the table.

// values makes each change in all values at once, and in each value alone.
func values(changes ...change) func(signing) []signing {
	return func(s signing) (all []signing) {
		for _, c := range changes {
			of := func(p part) string { return c.of(p.value) }
			for _, positions := range allAndEach(s.where(func(p part) bool { return !p.left && of(p) != p.value })) {
				all = append(all, s.set(c.detail, positions, of))
			}
		}
		return all
	}
}

// field signs other forms of one field's value.
func field(name string, forms func(value string) []string) func(signing) []signing {
	return func(s signing) (all []signing) {
		for _, i := range s.presentAs(name) {
			for _, form := range forms(s.parts[i].value) {
				all = append(all, s.but("", func(s *signing) { s.parts[i].value = form }))
			}
		}
		return all
	}
}

// leaving leaves out one field.
func leaving(name string) func(signing) []signing {
	return func(s signing) (all []signing) {
		for _, i := range s.presentAs(name) {
			all = append(all, s.but("", func(s *signing) { s.parts[i].left = true }))
		}
		return all
	}
}

// leavingAny leaves out each field, and all the optional ones.
func leavingAny(s signing) (all []signing) {
	for _, i := range s.where(present) {
		all = append(all, s.without(i))
	}
	return append(all, s.without(s.where(func(p part) bool { return p.optional && !p.left })...))
}

// withReturnURL signs a returnUrl that was not sent: in a form, or in a call that signs none.
func withReturnURL(c Case, form bool) func(signing) []signing {
	return func(s signing) (all []signing) {
		place := s.where(func(p part) bool { return p.name == "returnUrl" })
		if form != (place != nil) || form && !s.parts[place[0]].left {
			return nil
		}
		for _, url := range append([]string{c.Fields.ReturnURL}, c.ReturnURLs...) {
			if Blank(url) {
				continue
			}
			all = append(all, s.but("", func(s *signing) {
				last := len(s.parts) - 1
				s.parts = slices.DeleteFunc(s.parts, func(p part) bool { return p.name == "returnUrl" })
				s.parts = slices.Insert(s.parts, min(last, len(s.parts)-1), part{name: "returnUrl", value: url})
			}))
		}
		return all
	}
}

// withBlanks signs the blank fields, as they are or as the word for an absent value: all of them,
// all but the returnUrl, or one.
func withBlanks(s signing) (all []signing) {
	blanks := func(p part) bool { return p.left }
	sets := append(allAndEach(s.where(blanks)), s.where(func(p part) bool { return p.left && p.name != "returnUrl" }))
	for _, word := range []string{"", "null", "undefined", "None", "NaN"} {
		for _, set := range sets {
			all = append(all, s.set(word, set, func(p part) string {
				if word == "" {
					return p.value
				}
				return word
			}))
		}
	}
	return all
}

// swappedFields signs one field's value in the place of another.
func swappedFields(s signing) (all []signing) {
	for _, to := range s.where(func(p part) bool { return slices.Contains([]string{"usercode", "username", "memberno"}, p.name) }) {
		for _, from := range s.where(func(p part) bool { return !p.left && p.name != s.parts[to].name }) {
			value := s.parts[from]
			all = append(all, s.set("= "+value.name, []int{to}, func(part) string { return value.value }))
		}
	}
	return all
}

// moved returns the signed values by name, backwards, and with one of them moved: to the front, to
// the end, or before its neighbour.
func moved(s signing) (all []signing) {
	var kept []part
	for _, i := range s.where(present) {
		kept = append(kept, s.parts[i])
	}
	backwards := slices.Clone(kept)
	slices.Reverse(backwards)
	orders := [][]part{sortedByName(kept), backwards}
	for from, p := range kept {
		for _, to := range []int{0, len(kept) - 1, max(from-1, 0)} {
			orders = append(orders, slices.Insert(slices.Delete(slices.Clone(kept), from, from+1), to, p))
		}
	}
	for _, order := range orders {
		all = append(all, s.but("", func(s *signing) { s.parts = order }))
	}
	return all
}

func sortedByName(parts []part) []part {
	return slices.SortedStableFunc(slices.Values(parts), func(a, b part) int {
		return strings.Compare(strings.ToLower(a.name), strings.ToLower(b.name))
	})
}

// separatorLost leaves out one &.
func separatorLost(s signing) (all []signing) {
	positions := s.where(present)
	for n := 1; n < len(positions); n++ {
		before := s.parts[positions[n-1]].value
		lost := s.without(positions[n-1])
		all = append(all, lost.set("", positions[n:n+1], func(p part) string { return before + p.value }))
	}
	return all
}

func formats(all ...format) func(signing) []signing {
	return func(s signing) (variants []signing) {
		for _, f := range all {
			variants = append(variants, s.but(f.detail, func(s *signing) { s.join = f.join }))
		}
		return variants
	}
}

// texts changes the whole message.
func texts(changes ...change) func(signing) []signing {
	return func(s signing) (all []signing) {
		for _, c := range changes {
			all = append(all, s.but(c.detail, func(changed *signing) {
				changed.text = func(message string) string { return c.of(s.text(message)) }
			}))
		}
		return all
	}
}

// keys signs with other keys.
func keys(changes ...change) func(signing) []signing {
	return func(s signing) (all []signing) {
		for _, c := range changes {
			if key := c.of(s.key); key != s.key {
				all = append(all, s.but(c.detail, func(s *signing) { s.key = key }))
			}
		}
		return all
	}
}

func digests(all ...digest) func(signing) []signing {
	return func(s signing) (variants []signing) {
		for _, d := range all {
			variants = append(variants, s.but(d.detail, func(s *signing) { s.digest = d }))
		}
		return variants
	}
}

// hashFunction is one that libraries offer.
type hashFunction struct {
	name string
	new  func() hash.Hash
}

// hashes has the contract's first.
var hashes = []hashFunction{{"SHA-256", sha256.New}, {"SHA-1", sha1.New}, {"SHA-512", sha512.New}, {"MD5", md5.New}, {"SHA-384", sha512.New384}}

func hmacOf(h hashFunction) digest {
	mac, last := hmac.New(h.new, nil), "" // kept, because most signings have the same key
	return digest{"HMAC-" + h.name, mac.Size(), func(key, message string) []byte {
		if key != last {
			mac, last = hmac.New(h.new, []byte(key)), key
		}
		mac.Reset()
		mac.Write([]byte(message))
		return mac.Sum(nil)
	}}
}

func otherHMACs() (all []digest) {
	for _, h := range hashes[1:] {
		all = append(all, hmacOf(h))
	}
	return all
}

// arrangements put the key and the message into one text.
var arrangements = []struct {
	name string
	of   func(key, message string) string
}{
	{"message", func(_, message string) string { return message }},
	{"key+message", func(key, message string) string { return key + message }},
	{"message+key", func(key, message string) string { return message + key }},
	{"key&message", func(key, message string) string { return key + "&" + message }},
	{"message&key", func(key, message string) string { return message + "&" + key }},
}

// plainHashes are no HMACs.
func plainHashes() (all []digest) {
	for _, h := range hashes {
		for _, a := range arrangements {
			all = append(all, digest{h.name + "(" + a.name + ")", h.new().Size(), func(key, message string) []byte {
				sum := h.new()
				sum.Write([]byte(a.of(key, message)))
				return sum.Sum(nil)
			}})
		}
	}
	return all
}

// keyInside are HMACs of a message that has the key in it.
func keyInside() (all []digest) {
	mac := hmacOf(hashes[0])
	for _, a := range arrangements[1:] {
		all = append(all, digest{a.name, mac.size, func(key, message string) []byte { return mac.of(key, a.of(key, message)) }})
	}
	return all
}

// swapped takes the message for the key.
func swapped() digest {
	mac := hmacOf(hashes[0])
	return digest{"", mac.size, func(key, message string) []byte { return mac.of(message, key) }}
}
