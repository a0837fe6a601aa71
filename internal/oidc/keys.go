package oidc

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"

	gooidc "github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
)

// A keySet has the provider's public keys. It fetches them again for a signature that none of them
// made. go-oidc's own gives up all for one that it can't read, and may share a fetch that began
// before the provider had a new key.
type keySet struct {
	url    string
	client *http.Client
	known  atomic.Pointer[gooidc.StaticKeySet]
	begun  atomic.Int64 // fetches
	mu     sync.Mutex   // of one fetch at a time
	err    error        // of the last one
}

// verify returns the payload of a signed token. The error is ErrUnreachable or any other for a wrong
// signature.
func (k *keySet) verify(ctx context.Context, jwt string) ([]byte, error) {
	begun := k.begun.Load()
	if known := k.known.Load(); known != nil {
		if payload, err := known.VerifySignature(ctx, jwt); err == nil {
			return payload, nil
		}
	}
	known, err := k.fetch(begun)
	if err != nil {
		return nil, unreachable("keys", err)
	}
	return known.VerifySignature(ctx, jwt)
}

// fetch returns the keys as of a time after so many fetches have begun. It is in no caller's
// context: one that gives up must not fail those who wait.
func (k *keySet) fetch(begun int64) (*gooidc.StaticKeySet, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.begun.CompareAndSwap(begun, begun+1) { // or another has begun while this one waited
		var fresh *gooidc.StaticKeySet
		if fresh, k.err = readKeys(fetch(context.Background(), k.client, http.MethodGet, k.url, nil)); k.err == nil {
			k.known.Store(fresh)
		}
	}
	return k.known.Load(), k.err
}

// readKeys returns the public keys of a key set that can be read.
func readKeys(document []byte, err error) (*gooidc.StaticKeySet, error) {
	if err != nil {
		return nil, err
	}
	var set struct {
		Keys []map[string]json.RawMessage `json:"keys"`
	}
	if json.Unmarshal(document, &set) != nil || set.Keys == nil {
		return nil, errors.New("not a key set")
	}
	var public []crypto.PublicKey
	for _, members := range set.Keys {
		maps.DeleteFunc(members, func(name string, _ json.RawMessage) bool {
			return !slices.Contains([]string{"kty", "crv", "x", "y", "n", "e"}, name)
		})
		text, err := json.Marshal(members)
		if err != nil {
			return nil, fmt.Errorf("a key: %w", err)
		}
		var key jose.JSONWebKey
		if key.UnmarshalJSON(text) != nil {
			continue
		}
		switch key.Key.(type) {
		case *rsa.PublicKey, *ecdsa.PublicKey, ed25519.PublicKey:
			public = append(public, key.Key)
		}
	}
	return &gooidc.StaticKeySet{PublicKeys: public}, nil
}

// A signedToken is a gooidc.KeySet for one token. It shows the verifier only the claims that it
// checks, since any other may have any type, and keeps them all.
type signedToken struct {
	keys   *keySet
	claims claimSet
	err    error // why the keys can't be fetched
}

// VerifySignature implements gooidc.KeySet.
func (s *signedToken) VerifySignature(ctx context.Context, jwt string) ([]byte, error) {
	payload, err := s.keys.verify(ctx, jwt)
	if errors.Is(err, ErrUnreachable) {
		s.err = err
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(payload, &s.claims); err != nil {
		return nil, err
	}
	checked := claimSet{}
	for _, name := range []string{"iss", "sub", "aud", "exp", "nbf", "iat", "nonce"} {
		if value, ok := s.claims[name]; ok && string(value) != "null" {
			checked[name] = value
		}
	}
	return json.Marshal(checked)
}

// verifySignature returns a token of the provider that is signed by one of its keys, and for this
// client, with its claims. The error is ErrUnreachable or ErrToken.
func (p *Provider) verifySignature(
	ctx context.Context, keys *keySet, raw string, config *gooidc.Config,
) (*gooidc.IDToken, claimSet, error) {
	signed := &signedToken{keys: keys}
	config.ClientID = p.opts.ClientID
	verified, err := gooidc.NewVerifier(p.opts.Issuer, signed, config).Verify(ctx, raw)
	switch {
	case signed.err != nil:
		return nil, nil, signed.err
	case err != nil:
		return nil, nil, invalidToken(err)
	}
	return verified, signed.claims, nil
}
