package session

import (
	"encoding/binary"
	"strings"
	"time"
)

// recordVersion is the first byte of every stored session. A session with another version counts as
// logged out, so a new format needs no migration.
const recordVersion = 6

// encode returns s as it is stored: the version, four times in milliseconds, then the texts, each
// after its length.
func (s Session) encode() []byte {
	_, secret := splitID(s.ID)
	record := []byte{recordVersion}
	for _, t := range []time.Time{s.Started, s.Expires, s.touched, s.checked} {
		record = binary.BigEndian.AppendUint64(record, uint64(t.UnixMilli()))
	}
	for _, text := range s.texts(&secret) {
		record = binary.AppendUvarint(record, uint64(len(*text)))
		record = append(record, *text...)
	}
	return record
}

// decode returns the session that is stored at place. It reports false for anything that encode
// did not write.
func decode(place string, stored []byte) (Session, bool) {
	const head = 1 + 4*8
	if len(stored) < head || stored[0] != recordVersion {
		return Session{}, false
	}
	at := func(i int) time.Time { return time.UnixMilli(int64(binary.BigEndian.Uint64(stored[i:]))) }
	s := Session{Started: at(1), Expires: at(9), touched: at(17), checked: at(25)}
	var secret string
	rest := string(stored[head:]) // one copy, of which all texts are parts
	read := head
	for _, text := range s.texts(&secret) {
		length, n := binary.Uvarint(stored[read:])
		if n <= 0 || length > uint64(len(stored)-read-n) {
			return Session{}, false
		}
		begin := read + n
		read = begin + int(length)
		*text = rest[begin-head : read-head]
	}
	s.ID = place + "/" + secret
	return s, read == len(stored)
}

// texts are the strings of a record, in their order. secret is the last part of the id.
func (s *Session) texts(secret *string) [10]*string {
	m := &s.Member
	return [...]*string{
		secret, &s.source, &s.kept, &s.groups, &s.counts,
		&m.UserCode, &m.UserName, &m.Email, &m.Phone, &m.MemberNo,
	}
}

// splitID returns the place of the session with this id, and its secret.
func splitID(id string) (place, secret string) {
	cut := strings.LastIndexByte(id, '/')
	if cut < 0 {
		return "", ""
	}
	return id[:cut], id[cut+1:]
}
