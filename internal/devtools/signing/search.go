package signing

import (
	"bytes"
	"context"
	"crypto"
	"crypto/hmac"
	_ "crypto/md5" // each hash function registers itself
	_ "crypto/sha1"
	_ "crypto/sha512"
	"hash"
	"slices"
)

// signing is one way to make a token: the contract's, or one with mistakes.
type signing struct {
	parts  [8]part
	join   joiner
	whole  []change // of the joined parts
	key    string
	method method
}

// method is a use of a hash function. Its texts say what is hashed: k is the key, m the message.
type method struct {
	hash crypto.Hash
	key  string // of the HMAC; "" for the hash itself
	text string
}

// search looks for the signing that gives a signature.
type search struct {
	signature      string
	hmacs          map[method]hash.Hash // by hash and key; kept, because most signings have the same
	key, text, sum []byte
}

// message appends the text that is signed.
func (s *signing) message(to []byte) []byte {
	to = s.join(to, s.parts[:])
	for _, c := range s.whole {
		to = append(to[:0], c.of(string(to))...)
	}
	return to
}

// finds reports whether the signing of the message gives the signature.
func (l *search) finds(s *signing, message []byte) bool {
	if len(l.signature) != s.method.hash.Size() {
		return false
	}
	l.key, l.text = fill(l.key[:0], s.method.key, s.key, message), fill(l.text[:0], s.method.text, s.key, message)
	sum := l.hmacs[method{hash: s.method.hash, key: string(l.key)}]
	switch {
	case s.method.key == "":
		sum = s.method.hash.New()
	case sum == nil:
		sum = hmac.New(s.method.hash.New, l.key)
		l.hmacs[method{hash: s.method.hash, key: string(l.key)}] = sum
	}
	sum.Reset()
	sum.Write(l.text)
	l.sum = sum.Sum(l.sum[:0])
	return string(l.sum) == l.signature
}

// fill appends a pattern of a method with the key and the message in their places.
func fill(to []byte, pattern, key string, message []byte) []byte {
	for _, what := range []byte(pattern) {
		switch what {
		case 'k':
			to = append(to, key...)
		case 'm':
			to = append(to, message...)
		default:
			to = append(to, what)
		}
	}
	return to
}

// look searches for the signing that gives the signature: the right one, one with a mistake of the
// table, or one with two. It returns a nil signing if there is none.
func look(ctx context.Context, c Case, signature string) ([]Mistake, *signing) {
	l := search{signature: signature, hmacs: map[method]hash.Hash{}}
	right := signing{parts: partsOf(c.Call, c.Fields), join: joined("&"), key: string(c.Key), method: method{crypto.SHA256, "k", "m"}}
	message := right.message(nil)
	if l.finds(&right, message) {
		return nil, &right
	}
	type single struct {
		Mistake
		variant
		signing
		message []byte
	}
	var singles []*single
	for _, row := range mistakes {
		for _, v := range row.variants(c, &right) {
			s := &single{Mistake{row.cause, v.fields, v.detail}, v, right, nil}
			v.make(&s.signing)
			s.message = s.signing.message(nil)
			if l.finds(&s.signing, s.message) {
				return []Mistake{s.Mistake}, &s.signing
			}
			if !slices.ContainsFunc(singles, func(o *single) bool {
				return o.key == s.key && o.method == s.method && bytes.Equal(o.message, s.message)
			}) {
				singles = append(singles, s)
			}
		}
	}
	var both signing
	var room []byte
	for i, first := range singles {
		if ctx.Err() != nil {
			return nil, nil
		}
		for _, second := range singles[i+1:] {
			both, message = first.signing, first.message
			second.make(&both)
			if !second.sameMessage {
				room = both.message(room[:0])
				message = room
			}
			switch {
			case !l.finds(&both, message):
			case first.Cause == second.Cause:
				first.Fields += ", " + second.Fields
				return []Mistake{first.Mistake}, &both
			default:
				return []Mistake{first.Mistake, second.Mistake}, &both
			}
		}
	}
	return nil, nil
}
