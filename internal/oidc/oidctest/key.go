package oidctest

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

// A Key signs JSON Web Tokens with one algorithm.
type Key struct {
	ID, Algorithm string
	Key           any // private, or shared: the bytes of HS256
}

// NewKey makes a key for RS256, PS256, ES256 or EdDSA.
func NewKey(t *testing.T, algorithm, id string) Key {
	t.Helper()
	var key any
	var err error
	switch algorithm {
	case "RS256", "PS256":
		key, err = rsa.GenerateKey(rand.Reader, 2048)
	case "ES256":
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case "EdDSA":
		_, key, err = ed25519.GenerateKey(rand.Reader)
	default:
		t.Fatalf("no key for %s", algorithm)
	}
	if err != nil {
		t.Fatal(err)
	}
	return Key{id, algorithm, key}
}

// Sign returns a token with these claims in compact form. The algorithm "none" signs nothing.
func (k Key) Sign(claims Object) string {
	payload, err := json.Marshal(claims)
	if err != nil {
		panic(err)
	}
	if k.Algorithm == "none" {
		return encode([]byte(`{"alg":"none","kid":"`+k.ID+`"}`)) + "." + encode(payload) + "."
	}
	signer, err := jose.NewSigner(jose.SigningKey{
		Algorithm: jose.SignatureAlgorithm(k.Algorithm), Key: jose.JSONWebKey{Key: k.Key, KeyID: k.ID},
	}, nil)
	if err != nil {
		panic(err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		panic(err)
	}
	token, err := signed.CompactSerialize()
	if err != nil {
		panic(err)
	}
	return token
}

// Public returns the key as in a key set: a shared one as it is, by a mistake of the provider.
func (k Key) Public() jose.JSONWebKey {
	key := jose.JSONWebKey{Key: k.Key, KeyID: k.ID}
	if _, shared := k.Key.([]byte); !shared {
		key = key.Public()
		key.Algorithm, key.Use = k.Algorithm, "sig"
	}
	return key
}
