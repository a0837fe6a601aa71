package session

import (
	"encoding/binary"
	"path"
	"time"
)

// recordVersion is the first byte of every stored session. A session with another version counts as
// logged out, so a new format needs no migration.
const recordVersion = 7

// encode returns s as it is stored at its place: the version, and sealed for this place four times
// in milliseconds, then the texts, each after its length. Sealing is AES-256-GCM: whoever can read
// the store can't use its sessions. A record needs neither the text nor the time that a cookie has.
func (m *Manager) encode(s Session) []byte {
	place, secret := path.Dir(s.ID), path.Base(s.ID)
	var record []byte
	for _, t := range []time.Time{s.Started, s.Expires, s.touched, s.checked} {
		record = binary.BigEndian.AppendUint64(record, uint64(t.UnixMilli()))
	}
	for _, text := range s.texts(&secret) {
		record = binary.AppendUvarint(record, uint64(len(*text)))
		record = append(record, *text...)
	}
	return m.records[0].Seal([]byte{recordVersion}, nil, record, []byte(place))
}

// decode returns the session that is stored at place. It reports false for anything that encode
// did not write for this place, with one of the keys.
func (m *Manager) decode(place string, stored []byte) (Session, bool) {
	if len(stored) == 0 || stored[0] != recordVersion {
		return Session{}, false
	}
	var record []byte
	for _, key := range m.records {
		var err error
		if record, err = key.Open(nil, nil, stored[1:], []byte(place)); err == nil {
			break
		}
	}
	const head = 4 * 8
	if len(record) < head {
		return Session{}, false
	}
	at := func(i int) time.Time { return time.UnixMilli(int64(binary.BigEndian.Uint64(record[8*i:]))) }
	s := Session{Started: at(0), Expires: at(1), touched: at(2), checked: at(3), stored: stored}
	var secret string
	all, read := string(record), head // one copy, of which all texts are parts
	for _, text := range s.texts(&secret) {
		length, n := binary.Uvarint(record[read:])
		if n <= 0 || length > uint64(len(record)-read-n) {
			return Session{}, false
		}
		begin := read + n
		read = begin + int(length)
		*text = all[begin:read]
	}
	s.ID = place + "/" + secret
	return s, read == len(record)
}

// texts are the strings of a record, in their order. secret is the last part of the id.
func (s *Session) texts(secret *string) [11]*string {
	m := &s.Member
	return [...]*string{
		secret, &s.Source, &s.Kept, &s.groups, &s.rounds, &s.tokens,
		&m.UserCode, &m.UserName, &m.Email, &m.Phone, &m.MemberNo,
	}
}
