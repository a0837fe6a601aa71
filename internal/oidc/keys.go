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
	"time"

	gooidc "github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
)

// A keySet has the provider's public keys. go-oidc's own gives up all for one that it can't read,
// and may refuse a logout token for a fetch that began before the provider had its key.
type keySet struct {
	url    string
	client *http.Client
	public *shared[gooidc.StaticKeySet]
}

// verify returns the payload of a token that one of the keys has signed. Where none of those that
// are known has, it fetches them again if ask is set. The error is ErrUnreachable, or any other for
// a wrong signature.
func (k *keySet) verify(ctx context.Context, jwt string, ask bool) ([]byte, error) {
	begun := k.public.begun.Load()
	if known := k.public.known.Load(); known != nil {
		if payload, err := known.VerifySignature(ctx, jwt); err == nil {
			return payload, nil
		}
	}
	if !ask {
		return nil, errors.New("no known key has signed it")
	}
	fresh, err := k.public.fetch(ctx, begun, k.read)
	if err != nil {
		return nil, unreachable("keys", err)
	}
	return fresh.VerifySignature(ctx, jwt)
}

// read fetches the keys, and leaves out each that can't be read.
func (k *keySet) read(ctx context.Context) (*gooidc.StaticKeySet, error) {
	document, err := fetch(ctx, k.client, http.MethodGet, k.url, nil)
	if err != nil {
		return nil, err
	}
	var set struct{ Keys []map[string]json.RawMessage }
	if json.Unmarshal(document, &set) != nil || set.Keys == nil {
		return nil, errors.New("not a key set")
	}
	var public []crypto.PublicKey
	for _, members := range set.Keys {
		maps.DeleteFunc(members, func(name string, _ json.RawMessage) bool { // what nobody needs
			return !slices.Contains([]string{"kty", "crv", "x", "y", "n", "e"}, name)
		})
		text, _ := json.Marshal(members)
		var key jose.JSONWebKey
		_ = key.UnmarshalJSON(text)
		switch key.Key.(type) {
		case *rsa.PublicKey, *ecdsa.PublicKey, ed25519.PublicKey:
			public = append(public, key.Key)
		}
	}
	return &gooidc.StaticKeySet{PublicKeys: public}, nil
}

// A signedToken is a token of the provider that one of its keys has signed, for this client.
type signedToken struct {
	*gooidc.IDToken          // has the claims that are checked
	claims          claimSet // all

	keys *keySet
	ask  bool
	err  error // of the keys
}

// verify returns the token raw. A zero now is for one that need not expire; ask is as for
// keySet.verify. The error is ErrUnreachable or invalid.
func (p *Provider) verify(
	ctx context.Context, found *configuration, raw string, now time.Time, ask bool, invalid error,
) (*signedToken, error) {
	token := &signedToken{keys: found.keys, ask: ask}
	var err error
	token.IDToken, err = gooidc.NewVerifier(p.opts.Issuer, token, &gooidc.Config{
		ClientID: p.opts.ClientID, SupportedSigningAlgs: found.publicKeyAlgorithms(),
		Now: func() time.Time { return now }, SkipExpiryCheck: now.IsZero(),
	}).Verify(ctx, raw)
	switch {
	case errors.Is(token.err, ErrUnreachable): // which the verifier mixes up with a wrong signature
		return nil, token.err
	case err != nil:
		return nil, fmt.Errorf("%w: %s", invalid, printable(err.Error()))
	}
	return token, nil
}

// VerifySignature implements gooidc.KeySet. It shows the verifier only the claims that it checks:
// any other may have any type.
func (t *signedToken) VerifySignature(ctx context.Context, jwt string) (payload []byte, err error) {
	if payload, t.err = t.keys.verify(ctx, jwt, t.ask); t.err != nil {
		return nil, t.err
	}
	if err := json.Unmarshal(payload, &t.claims); err != nil {
		return nil, fmt.Errorf("the claims: %w", err)
	}
	checked := claimSet{}
	for _, name := range []string{"iss", "sub", "aud", "exp", "nbf", "iat", "nonce"} {
		if value, ok := t.claims[name]; ok && string(value) != "null" {
			checked[name] = value
		}
	}
	return json.Marshal(checked)
}
