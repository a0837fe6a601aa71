package session

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"time"

	"ocsso/internal/member"
)

// recordVersion is in every stored session. A session with another version counts as logged out, so a
// new format needs no migration.
const recordVersion = 3

// A record is a session in the store. The times are in milliseconds since 1970.
type record struct {
	Version int           `json:"v"`
	Started int64         `json:"started"`
	Expires int64         `json:"expires"`
	Touched int64         `json:"touched"`
	Mark    string        `json:"mark,omitempty"`
	Member  member.Member `json:"member"`
}

// encode returns s as it is stored, without its id.
func (s Session) encode() []byte {
	stored, err := json.Marshal(record{
		Version: recordVersion,
		Started: s.Started.UnixMilli(),
		Expires: s.Expires.UnixMilli(),
		Touched: s.touched.UnixMilli(),
		Mark:    s.mark,
		Member:  s.Member,
	})
	if err != nil {
		panic(err) // numbers and strings always encode
	}
	return stored
}

// decode is the inverse of encode. It reports false for anything that this version did not write.
func decode(id string, stored []byte) (Session, bool) {
	var r record
	if err := json.Unmarshal(stored, &r); err != nil || r.Version != recordVersion {
		return Session{}, false
	}
	return Session{
		ID:      id,
		Member:  r.Member,
		Started: time.UnixMilli(r.Started),
		Expires: time.UnixMilli(r.Expires),
		touched: time.UnixMilli(r.Touched),
		mark:    r.Mark,
	}, true
}

func storeKey(id string) string { return "session/" + id }

func markKey(usercode string) string { return "mark/" + hash(usercode) }

func countKey(id, what string) string { return "count/" + id + "/" + hash(what) }

// hash makes a part of a key from text that may be long, personal or not ASCII: 132 bits of its
// SHA-256.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.RawURLEncoding.EncodeToString(sum[:])[:22]
}
