package session

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strings"
	"time"

	"ocsso/internal/member"
)

// recordVersion leads every stored session. One with another version is none: a new format logs out, and breaks nothing.
const recordVersion = 2

// encode writes s, but for its id: the version, three times in milliseconds, and the member's fields, each with its length.
func (s Session) encode() []byte {
	record := []byte{recordVersion}
	for _, t := range [...]time.Time{s.Started, s.Expires, s.touched} {
		record = binary.BigEndian.AppendUint64(record, uint64(t.UnixMilli()))
	}
	for _, field := range memberFields(&s.Member) {
		record = binary.AppendUvarint(record, uint64(len(*field)))
		record = append(record, *field...)
	}
	return record
}

// decode is encode's inverse, and false for anything that encode did not write.
func decode(id string, record []byte) (Session, bool) {
	const head = 1 + 3*8
	if len(record) < head || record[0] != recordVersion {
		return Session{}, false
	}
	s := Session{
		ID:      id,
		Started: time.UnixMilli(int64(binary.BigEndian.Uint64(record[1:]))),
		Expires: time.UnixMilli(int64(binary.BigEndian.Uint64(record[9:]))),
		touched: time.UnixMilli(int64(binary.BigEndian.Uint64(record[17:]))),
	}
	fields := string(record[head:]) // one copy, which the fields are parts of
	for _, field := range memberFields(&s.Member) {
		length, n := binary.Uvarint(record[len(record)-len(fields):])
		if n <= 0 || length > uint64(len(fields)-n) {
			return Session{}, false
		}
		end := n + int(length)
		*field, fields = fields[n:end], fields[end:]
	}
	return s, fields == ""
}

// memberFields is the order in which a record has them.
func memberFields(m *member.Member) [5]*string {
	return [...]*string{&m.UserCode, &m.UserName, &m.Email, &m.Phone, &m.MemberNo}
}

// newID is a random id that tells whose session it is: what ends all sessions of a member is found by it, together with the session.
func newID(usercode string) string { return rand.Text() + "." + hash(usercode) }

// memberOf is the hash of the usercode in an id.
func memberOf(id string) string {
	_, member, _ := strings.Cut(id, ".")
	return member
}

func storeKey(id string) string { return "session/" + id }

func countKey(id, what string) string { return "count/" + id + "/" + hash(what) }

func endedKey(member string) string { return "ended/" + member }

// hash makes part of a key of a text that may be long, personal or not ASCII: 132 bits of its SHA-256.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.RawURLEncoding.EncodeToString(sum[:])[:22]
}

// A history is when something happened, the oldest first: eight bytes for each, in milliseconds.
type history []byte

// add returns h with t, which is later than the others or as late.
func (h history) add(t time.Time) history {
	return binary.BigEndian.AppendUint64(slices.Clip(h), uint64(t.UnixMilli()))
}

// after returns the part of h that is later than start.
func (h history) after(start time.Time) history {
	for ; len(h) >= 8; h = h[8:] {
		if time.UnixMilli(int64(binary.BigEndian.Uint64(h))).After(start) {
			return h
		}
	}
	return nil
}

// last returns no more than the n last of h.
func (h history) last(n int) history { return h[max(0, len(h)-8*n):] }

func (h history) len() int { return len(h) / 8 }
