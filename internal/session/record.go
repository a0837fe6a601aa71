package session

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"time"
)

// recordVersion is the first byte of every stored session. A session with another version counts as
// logged out, so a new format needs no migration.
const recordVersion = 5

// encode returns s as it is stored, without its id: the version, four times in milliseconds, then
// the texts, each after its length.
func (m *Manager) encode(s Session) []byte {
	s.Source = m.sealer.seal(s.ID, s.Source)
	groups := encodeGroups(s.groups)
	record := []byte{recordVersion}
	for _, t := range []time.Time{s.Started, s.Expires, s.touched, s.checked} {
		record = binary.BigEndian.AppendUint64(record, uint64(t.UnixMilli()))
	}
	for _, text := range append(s.texts(), &groups) {
		record = binary.AppendUvarint(record, uint64(len(*text)))
		record = append(record, *text...)
	}
	return record
}

// decode is the inverse of encode. It reports false for anything that encode did not write.
func (m *Manager) decode(id string, record []byte) (Session, bool) {
	const head = 1 + 4*8
	if len(record) < head || record[0] != recordVersion {
		return Session{}, false
	}
	at := func(i int) time.Time { return time.UnixMilli(int64(binary.BigEndian.Uint64(record[i:]))) }
	s := Session{ID: id, Started: at(1), Expires: at(9), touched: at(17), checked: at(25)}
	var groups string
	rest := record[head:]
	for _, text := range append(s.texts(), &groups) {
		length, n := binary.Uvarint(rest)
		if n <= 0 || length > uint64(len(rest)-n) {
			return Session{}, false
		}
		end := n + int(length)
		*text, rest = string(rest[n:end]), rest[end:]
	}
	source, ok := m.sealer.open(id, s.Source)
	s.Source, s.groups = source, decodeGroups(groups)
	return s, ok && len(rest) == 0
}

// texts are the strings of a record, in their order.
func (s *Session) texts() []*string {
	m := &s.Member
	return []*string{&s.Source, &m.UserCode, &m.UserName, &m.Email, &m.Phone, &m.MemberNo}
}

func storeKey(id string) string { return "session/" + id }

// countKey puts what into one of 64 classes, so that a session has no more counts than that. Two
// that share a class are counted together.
func countKey(id, what string) string {
	sum := sha256.Sum256([]byte(what))
	return fmt.Sprintf("count/%s/%d", id, sum[0]%64)
}

// hash makes a part of a key from text that may be long, personal or not ASCII: 132 bits of its
// SHA-256.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.RawURLEncoding.EncodeToString(sum[:])[:22]
}
