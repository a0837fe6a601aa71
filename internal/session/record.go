package session

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"time"

	"ocsso/internal/member"
)

// recordVersion leads every stored session. One with another version is none: a new format logs out, and breaks nothing.
const recordVersion = 1

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
	record = record[head:]
	for _, field := range memberFields(&s.Member) {
		length, n := binary.Uvarint(record)
		if n <= 0 || length > uint64(len(record)-n) {
			return Session{}, false
		}
		end := n + int(length)
		*field = string(record[n:end])
		record = record[end:]
	}
	return s, len(record) == 0
}

// memberFields is the order in which a record has them.
func memberFields(m *member.Member) [5]*string {
	return [...]*string{&m.UserCode, &m.UserName, &m.Email, &m.Phone, &m.MemberNo}
}

func storeKey(id string) string { return "session/" + id }

func countKey(id, what string) string { return "count/" + id + "/" + hash(what) }

func endedKey(usercode string) string { return "ended/" + hash(usercode) }

// hash makes part of a key of a text that may be long, personal or not ASCII.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func encodeTimes(times []time.Time) []byte {
	record := make([]byte, 0, 8*len(times))
	for _, t := range times {
		record = binary.BigEndian.AppendUint64(record, uint64(t.UnixMilli()))
	}
	return record
}

// timesAfter returns the times in record that are later than start.
func timesAfter(record []byte, start time.Time) []time.Time {
	var times []time.Time
	for ; len(record) >= 8; record = record[8:] {
		if t := time.UnixMilli(int64(binary.BigEndian.Uint64(record))); t.After(start) {
			times = append(times, t)
		}
	}
	return times
}
