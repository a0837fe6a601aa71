package web

import (
	"context"
	"net/http"

	"ocsso/internal/member"
	"ocsso/internal/oidc"
	"ocsso/internal/session"
)

// OAuth2Login logs members in at a provider that speaks OAuth 2 and not OpenID Connect. Such a
// provider has no logout for us.
type OAuth2Login struct{ Provider IdentityProvider }

func (l OAuth2Login) begin(
	f loginFlow, w http.ResponseWriter, r *http.Request, returnURL string,
) error {
	return beginAt(l.Provider, f, w, r, returnURL)
}

func (OAuth2Login) named(*http.Request) (member.Member, error) { return member.Member{}, errUnnamed }

func (OAuth2Login) source(*http.Request) (string, bool) { return "", false }

func (OAuth2Login) leave(context.Context, string) (string, error) { return "", nil }

func (OAuth2Login) way() string { return "oauth2" }

func (l OAuth2Login) routes(f loginFlow) []loginRoute {
	none := func(http.ResponseWriter, oidc.Identity) session.Ties { return session.Ties{} }
	return []loginRoute{{http.MethodGet, CallbackPath, callbackAt(l.Provider, f, none)}}
}
