package signing

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha3"
	"crypto/sha512"
	"encoding/hex"
	"hash"
)

// digest is a way to take the hash of a message with a key.
type digest struct {
	name string // as in a mistake's detail; unique
	size int    // bytes of the hash
	with func(key string) func(message []byte) []byte
}

// hmacSHA256 is the contract's.
var hmacSHA256 = hmacOf("HMAC-SHA-256", sha256.New)

func hmacOf(name string, new func() hash.Hash) *digest {
	return &digest{name, new().Size(), func(key string) func([]byte) []byte {
		mac := hmac.New(new, []byte(key))
		var sum []byte
		return func(message []byte) []byte {
			mac.Reset()
			mac.Write(message)
			sum = mac.Sum(sum[:0])
			return sum
		}
	}}
}

// hashOf takes the plain hash of what arrange makes from the key and the message.
func hashOf(name string, new func() hash.Hash, arrange func(key string, message []byte) []byte) *digest {
	return &digest{name, new().Size(), func(key string) func([]byte) []byte {
		h := new()
		return func(message []byte) []byte {
			h.Reset()
			h.Write(arrange(key, message))
			return h.Sum(nil)
		}
	}}
}

// hashes are the hash functions that libraries offer next to SHA-256.
var hashes = []struct {
	name string
	new  func() hash.Hash
}{
	{"SHA-1", sha1.New}, {"SHA-512", sha512.New}, {"MD5", md5.New}, {"SHA-384", sha512.New384}, {"SHA-224", sha256.New224},
	{"SHA3-256", func() hash.Hash { return sha3.New256() }}, {"SHA3-512", func() hash.Hash { return sha3.New512() }},
	{"SHA-512/256", sha512.New512_256},
}

// otherHMACs are HMACs of the other hash functions.
func otherHMACs() (all []*digest) {
	for _, h := range hashes {
		all = append(all, hmacOf("HMAC-"+h.name, h.new))
	}
	return all
}

// keyless are plain hashes of the message.
func keyless() []*digest {
	only := func(_ string, message []byte) []byte { return message }
	all := []*digest{hashOf("SHA-256(message)", sha256.New, only)}
	for _, h := range hashes {
		all = append(all, hashOf(h.name+"(message)", h.new, only))
	}
	return all
}

// arrangements put the key and the message into one text. The usual ones come first.
var arrangements = []struct {
	name  string
	write func(key string, message []byte) []byte
}{
	{"key+message", func(key string, message []byte) []byte { return append([]byte(key), message...) }},
	{"message+key", func(key string, message []byte) []byte { return append(message, key...) }},
	{"key&message", func(key string, message []byte) []byte { return append([]byte(key+"&"), message...) }},
	{"message&key", func(key string, message []byte) []byte { return append(message, "&"+key...) }},
	{"key+message+key", func(key string, message []byte) []byte { return append(append([]byte(key), message...), key...) }},
	{"key|message", func(key string, message []byte) []byte { return append([]byte(key+"|"), message...) }},
	{"message|key", func(key string, message []byte) []byte { return append(message, "|"+key...) }},
}

// concatenated are plain hashes of the key and the message in one text.
func concatenated() (all []*digest) {
	for _, a := range arrangements {
		all = append(all, hashOf("SHA-256("+a.name+")", sha256.New, a.write))
	}
	for _, h := range hashes {
		for _, a := range arrangements[:4] {
			all = append(all, hashOf(h.name+"("+a.name+")", h.new, a.write))
		}
	}
	return all
}

// withKeyInside are HMACs of a message that has the key in it too.
func withKeyInside() (all []*digest) {
	for _, a := range arrangements {
		all = append(all, &digest{"HMAC-SHA-256(" + a.name + ")", sha256.Size, func(key string) func([]byte) []byte {
			mac := hmacSHA256.with(key)
			return func(message []byte) []byte { return mac(a.write(key, message)) }
		}})
	}
	return all
}

// swapped takes the message for the key and the key for the message.
func swapped() (all []*digest) {
	swap := func(name string, new func() hash.Hash) *digest {
		return &digest{name, new().Size(), func(key string) func([]byte) []byte {
			return func(message []byte) []byte {
				mac := hmac.New(new, message)
				mac.Write([]byte(key))
				return mac.Sum(nil)
			}
		}}
	}
	all = append(all, swap("HMAC-SHA-256(key: message)", sha256.New))
	for _, h := range hashes[:3] {
		all = append(all, swap("HMAC-"+h.name+"(key: message)", h.new))
	}
	return all
}

// twice takes a hash of the hash.
func twice() []*digest {
	sum := func(b []byte) []byte { s := sha256.Sum256(b); return s[:] }
	text := func(b []byte) []byte { return hex.AppendEncode(nil, b) }
	then := func(name string, after func(mac func([]byte) []byte, message []byte) []byte) *digest {
		return &digest{name, sha256.Size, func(key string) func([]byte) []byte {
			mac := hmacSHA256.with(key)
			return func(message []byte) []byte { return after(mac, message) }
		}}
	}
	return []*digest{
		then("HMAC(SHA-256(message))", func(mac func([]byte) []byte, m []byte) []byte { return mac(sum(m)) }),
		then("HMAC(hex of SHA-256(message))", func(mac func([]byte) []byte, m []byte) []byte { return mac(text(sum(m))) }),
		then("SHA-256(HMAC)", func(mac func([]byte) []byte, m []byte) []byte { return sum(mac(m)) }),
		then("SHA-256(hex of HMAC)", func(mac func([]byte) []byte, m []byte) []byte { return sum(text(mac(m))) }),
		then("HMAC(HMAC)", func(mac func([]byte) []byte, m []byte) []byte { return mac(mac(m)) }),
		then("HMAC(hex of HMAC)", func(mac func([]byte) []byte, m []byte) []byte { return mac(text(mac(m))) }),
		then("SHA-256(SHA-256(message))", func(_ func([]byte) []byte, m []byte) []byte { return sum(sum(m)) }),
	}
}
