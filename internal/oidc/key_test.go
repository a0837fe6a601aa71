package oidc_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

// A signingKey signs JSON Web Tokens with one algorithm.
type signingKey struct {
	id, algorithm string
	key           any // private, or shared: the bytes of HS256
}

func newKey(t *testing.T, algorithm, id string) signingKey {
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
	return signingKey{id, algorithm, key}
}

// sign returns the token in compact form.
func (k signingKey) sign(claims map[string]any) string {
	payload, err := json.Marshal(claims)
	if err != nil {
		panic(err)
	}
	if k.algorithm == "none" {
		return encode([]byte(`{"alg":"none","kid":"`+k.id+`"}`)) + "." + encode(payload) + "."
	}
	signer, err := jose.NewSigner(jose.SigningKey{
		Algorithm: jose.SignatureAlgorithm(k.algorithm), Key: jose.JSONWebKey{Key: k.key, KeyID: k.id},
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

// listed returns the key as in a key set: the shared one as it is, by a mistake of the provider.
func (k signingKey) listed() jose.JSONWebKey {
	key := jose.JSONWebKey{Key: k.key, KeyID: k.id}
	if _, shared := k.key.([]byte); !shared {
		key = key.Public()
		key.Algorithm, key.Use = k.algorithm, "sig"
	}
	return key
}

func encode(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }
