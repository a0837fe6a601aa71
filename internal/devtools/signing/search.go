package signing

import (
	"bytes"
	"context"
	"iter"
	"slices"
	"strings"
)

const (
	// maxSignings bounds the work of one search. The usual search takes half of it.
	maxSignings = 5_000_000
	// longMessage is the length from which a message counts as more than one, in bytes. Without it
	// someone could keep the stand-in busy with long fields.
	longMessage = 256
)

// signing is one way to make a token: the contract's, or one with mistakes. Signing takes three
// steps: the format writes the parts as a text, the text is turned into bytes, and the digest takes
// their hash with the key.
type signing struct {
	parts  []part
	format func(buf []byte, parts []part) []byte
	text   func([]byte) []byte // nil: the bytes as they are
	key    string
	digest *digest
}

func (s signing) message(buf []byte) []byte {
	message := s.format(buf[:0], s.parts)
	if s.text != nil {
		message = s.text(message)
	}
	return message
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

// withText changes the text on top of the changes that it already has.
func (s signing) withText(change func([]byte) []byte) signing {
	before := s.text
	s.text = func(message []byte) []byte {
		if before != nil {
			message = before(message)
		}
		return change(message)
	}
	return s
}

func (s signing) withKey(key string) signing {
	s.key = key
	return s
}

// value returns the value of the field, and its place; -1 if the field is not signed.
func (s signing) value(name string) (string, int) {
	i := slices.IndexFunc(s.parts, func(p part) bool { return p.name == name })
	if i < 0 || s.parts[i].left {
		return "", -1
	}
	return s.parts[i].value, i
}

// separated joins the parts with a separator.
func separated(separator string) func([]byte, []part) []byte {
	return func(buf []byte, parts []part) []byte {
		first := true
		for _, p := range parts {
			if p.left {
				continue
			}
			if !first {
				buf = append(buf, separator...)
			}
			first = false
			buf = append(buf, p.value...)
		}
		return buf
	}
}

// variant is a signing with one mistake more, and where the mistake is.
type variant struct {
	signing
	fields string // the names of the changed fields; "" when it is no field, or always the same one
	detail string // such as the name of a character set; the same in every language
}

// search looks for the signing that gives one of the macs.
type search struct {
	ctx     context.Context
	macs    [][]byte
	fits    int // place of the mac that was found
	left    int // signings to try before giving up
	tried   int
	digests map[digestKey]func(message []byte) []byte
	buf     []byte
}

type digestKey struct{ name, key string }

func newSearch(ctx context.Context, macs [][]byte, most int) *search {
	return &search{ctx: ctx, macs: macs, left: most, digests: map[digestKey]func([]byte) []byte{}}
}

// gives reports whether the signing gives one of the macs.
func (look *search) gives(s signing) bool {
	fits := func(mac []byte) bool { return len(mac) == s.digest.size }
	if !slices.ContainsFunc(look.macs, fits) {
		return false
	}
	look.tried++
	if look.tried%4096 == 0 && look.ctx.Err() != nil {
		look.left = 0
	}
	sum, ok := look.digests[digestKey{s.digest.name, s.key}]
	if !ok {
		sum = s.digest.with(s.key)
		look.digests[digestKey{s.digest.name, s.key}] = sum
	}
	message := s.message(look.buf)
	look.left -= 1 + len(message)/longMessage
	if cap(message) > cap(look.buf) {
		look.buf = message[:0]
	}
	mac := sum(message)
	i := slices.IndexFunc(look.macs, func(wanted []byte) bool { return bytes.Equal(mac, wanted) })
	look.fits = max(i, 0)
	return i >= 0
}

// find returns the smallest number of mistakes, up to the given maximum of one or two, that give
// one of the macs.
func (look *search) find(contract signing, rows []row, most int) (found []Mistake, signed signing, ok bool) {
	if look.gives(contract) {
		return nil, contract, true
	}
	rows = slices.DeleteFunc(slices.Clone(rows), func(r row) bool { return r.variants == nil })
	for i := range rows {
		if v, ok := look.among(&rows[i], contract, 0); ok {
			return []Mistake{rows[i].mistake(v)}, v.signing, true
		}
	}
	if most < 2 {
		return nil, signing{}, false
	}
	for _, round := range []round{quick, usual, lateClock} {
		if found, signed, ok = look.pairs(contract, rows, round); ok {
			return found, signed, true
		}
	}
	return nil, signing{}, false
}

// round is a part of the search for pairs. A later round has pairs that are less likely, or too
// many.
type round int

const (
	// quick has the first few variants of each mistake. It finds most pairs at once.
	quick round = iota
	// usual has all variants that are common.
	usual
	// lateClock has every reading of a clock that was read twice, with the first variants of the
	// other mistakes.
	lateClock
)

// most is how many variants of a row the round combines, as the earlier or the later of two
// mistakes. It is 0 for all, and -1 for none.
func (r round) most(of *row, later bool) int {
	switch {
	case r == usual:
		return of.common
	case r == quick && of.common >= 100:
		return 100
	case r == quick:
		return 8
	case later && of.cause == causeReadTwice:
		return 0
	case later || of.cause == causeReadTwice:
		return -1
	default:
		return 2
	}
}

// pairs combines each mistake with each later one of the table, on top of each other.
func (look *search) pairs(contract signing, rows []row, round round) (found []Mistake, signed signing, ok bool) {
	for i := range rows {
		first := &rows[i]
		for v := range head(first.variants(contract), round.most(first, false)) {
			for j := i + 1; j < len(rows); j++ {
				second := &rows[j]
				if first.step == second.step && first.step.exclusive() {
					continue
				}
				if w, ok := look.among(second, v.signing, round.most(second, true)); ok {
					return inOrderOfSigning(first, v, second, w), w.signing, true
				}
			}
			if look.left <= 0 {
				return nil, signing{}, false
			}
		}
	}
	return nil, signing{}, false
}

// among looks for a variant that gives one of the macs, among the first n as in head.
func (look *search) among(r *row, s signing, n int) (variant, bool) {
	for v := range head(r.variants(s), n) {
		if look.left <= 0 {
			break
		}
		if look.gives(v.signing) {
			return v, true
		}
	}
	return variant{}, false
}

func inOrderOfSigning(first *row, v variant, second *row, w variant) []Mistake {
	if second.step < first.step {
		return []Mistake{second.mistake(w), first.mistake(v)}
	}
	return []Mistake{first.mistake(v), second.mistake(w)}
}

// head yields the first n of a sequence: all of it if n is 0, and nothing if n is -1.
func head[T any](all iter.Seq[T], n int) iter.Seq[T] {
	switch n {
	case 0:
		return all
	case -1:
		return func(func(T) bool) {}
	}
	return func(yield func(T) bool) {
		left := n
		for item := range all {
			if !yield(item) {
				return
			}
			if left--; left == 0 {
				return
			}
		}
	}
}

// The functions below make the variants of a row.

// list makes variants from a function that returns all of them at once.
func list(all func(signing) []variant) func(signing) iter.Seq[variant] {
	return func(s signing) iter.Seq[variant] { return slices.Values(all(s)) }
}

// field changes the value of one field into each of the values that forms returns.
func field(name string, forms func(value string) []string) func(signing) iter.Seq[variant] {
	return func(s signing) iter.Seq[variant] {
		return func(yield func(variant) bool) {
			value, i := s.value(name)
			if i < 0 {
				return
			}
			for _, form := range forms(value) {
				if form != value && !yield(variant{signing: s.withValue(i, form)}) {
					return
				}
			}
		}
	}
}

// named is a change with a name for the detail of a mistake. It returns "" or the same value where
// it does not apply.
type named struct {
	name  string
	apply func(string) string
}

// except leaves out the variants that change one field alone.
func except(name string, all func(signing) iter.Seq[variant]) func(signing) iter.Seq[variant] {
	return func(s signing) iter.Seq[variant] {
		return func(yield func(variant) bool) {
			for v := range all(s) {
				if v.fields != name && !yield(v) {
					return
				}
			}
		}
	}
}

// allSubsets is the largest number of changed fields for which all subsets are tried.
const allSubsets = 4

// values applies each change to the values: to all that it changes, to each alone, and, if they are
// few, to some of them.
func values(changes ...named) func(signing) iter.Seq[variant] {
	return func(s signing) iter.Seq[variant] {
		return func(yield func(variant) bool) {
			for _, change := range changes {
				changed := slices.Clone(s.parts)
				var places []int
				for i, p := range s.parts {
					if p.left {
						continue
					}
					if changed[i].value = change.apply(p.value); changed[i].value != p.value {
						places = append(places, i)
					}
				}
				for _, subset := range subsets(places, len(places) <= allSubsets) {
					parts := slices.Clone(s.parts)
					var names []string
					for _, i := range subset {
						parts[i].value = changed[i].value
						names = append(names, parts[i].name)
					}
					if !yield(variant{s.withParts(parts), strings.Join(names, ", "), change.name}) {
						return
					}
				}
			}
		}
	}
}

// subsets returns all the positions and each one of them, and if wanted every other subset too.
func subsets(positions []int, every bool) (found [][]int) {
	if len(positions) > 1 {
		found = append(found, positions)
	}
	for _, position := range positions {
		found = append(found, []int{position})
	}
	if !every {
		return found
	}
	for bits := 1; bits < 1<<len(positions)-1; bits++ {
		var subset []int
		for i, position := range positions {
			if bits&(1<<i) != 0 {
				subset = append(subset, position)
			}
		}
		if len(subset) > 1 {
			found = append(found, subset)
		}
	}
	return found
}

// format writes the parts in another way. The formats do not combine.
type format struct {
	name  string
	write func(buf []byte, parts []part) []byte
}

func formats(all ...format) func(signing) iter.Seq[variant] {
	return func(s signing) iter.Seq[variant] {
		return func(yield func(variant) bool) {
			for _, f := range all {
				changed := s
				changed.format = f.write
				if !yield(variant{signing: changed, detail: f.name}) {
					return
				}
			}
		}
	}
}

// texts changes the bytes of the whole message.
func texts(changes ...named) func(signing) iter.Seq[variant] {
	return func(s signing) iter.Seq[variant] {
		return func(yield func(variant) bool) {
			for _, change := range changes {
				changed := s.withText(func(message []byte) []byte { return []byte(change.apply(string(message))) })
				if !yield(variant{signing: changed, detail: change.name}) {
					return
				}
			}
		}
	}
}

// keys signs with other keys.
func keys(changes ...named) func(signing) iter.Seq[variant] {
	return func(s signing) iter.Seq[variant] {
		return func(yield func(variant) bool) {
			for _, change := range changes {
				key := change.apply(s.key)
				if key != s.key && !yield(variant{signing: s.withKey(key), detail: change.name}) {
					return
				}
			}
		}
	}
}

// digests signs with other hash functions.
func digests(all ...*digest) func(signing) iter.Seq[variant] {
	return func(s signing) iter.Seq[variant] {
		return func(yield func(variant) bool) {
			for _, d := range all {
				changed := s
				changed.digest = d
				if !yield(variant{signing: changed, detail: d.name}) {
					return
				}
			}
		}
	}
}
