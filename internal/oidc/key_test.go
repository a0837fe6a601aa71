package oidc_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"testing"
)

// A signingKey signs JSON Web Tokens with one algorithm of RFC 7518 or RFC 8037.
type signingKey struct {
	id, algorithm string
	signer        crypto.Signer
	shared        []byte // the key of HS256
}

func newKey(t *testing.T, algorithm, id string) signingKey {
	t.Helper()
	k := signingKey{id: id, algorithm: algorithm}
	var err error
	switch algorithm {
	case "RS256", "PS256":
		k.signer, err = rsa.GenerateKey(rand.Reader, 2048)
	case "ES256":
		k.signer, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case "EdDSA":
		_, k.signer, err = ed25519.GenerateKey(rand.Reader)
	default:
		t.Fatalf("no key for %s", algorithm)
	}
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// sign returns the token in compact form.
func (k signingKey) sign(claims map[string]any) string {
	header := encodeJSON(map[string]any{"alg": k.algorithm, "kid": k.id, "typ": "JWT"})
	message := header + "." + encodeJSON(claims)
	return message + "." + encode(k.signature([]byte(message)))
}

func (k signingKey) signature(message []byte) []byte {
	sum := sha256.Sum256(message)
	var signature []byte
	var err error
	switch k.algorithm {
	case "RS256":
		signature, err = k.signer.Sign(rand.Reader, sum[:], crypto.SHA256)
	case "PS256":
		opts := &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: crypto.SHA256}
		signature, err = k.signer.Sign(rand.Reader, sum[:], opts)
	case "EdDSA":
		signature, err = k.signer.Sign(rand.Reader, message, crypto.Hash(0))
	case "ES256":
		var r, s *big.Int
		r, s, err = ecdsa.Sign(rand.Reader, k.signer.(*ecdsa.PrivateKey), sum[:])
		if err == nil {
			signature = append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
		}
	case "HS256":
		mac := hmac.New(sha256.New, k.shared)
		mac.Write(message)
		signature = mac.Sum(nil)
	case "none":
	}
	if err != nil {
		panic(err)
	}
	return signature
}

// jwk returns the public key in the form of RFC 7517.
func (k signingKey) jwk() map[string]string {
	if k.shared != nil { // a mistake of the provider
		return map[string]string{"kid": k.id, "kty": "oct", "k": encode(k.shared)}
	}
	jwk := map[string]string{"kid": k.id, "alg": k.algorithm, "use": "sig"}
	switch public := k.signer.Public().(type) {
	case *rsa.PublicKey:
		jwk["kty"], jwk["n"], jwk["e"] = "RSA", encode(public.N.Bytes()), encode(big.NewInt(int64(public.E)).Bytes())
	case *ecdsa.PublicKey:
		point, err := public.Bytes() // 4, then x and y
		if err != nil {
			panic(err)
		}
		jwk["kty"], jwk["crv"], jwk["x"], jwk["y"] = "EC", "P-256", encode(point[1:33]), encode(point[33:])
	case ed25519.PublicKey:
		jwk["kty"], jwk["crv"], jwk["x"] = "OKP", "Ed25519", encode(public)
	}
	return jwk
}

func encode(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }

func encodeJSON(value any) string {
	data, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return encode(data)
}
