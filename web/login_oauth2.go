package web

import "net/http"

// OAuth2Login logs members in at a provider that speaks OAuth 2 and not OpenID Connect. Such a
// provider has no logout for us.
type OAuth2Login struct{ Provider IdentityProvider }

// Begin sends the browser to the provider.
func (l OAuth2Login) Begin(
	s *server, w http.ResponseWriter, r *http.Request, returnURL string,
) error {
	return s.beginAt(l.Provider, w, r, returnURL)
}

// Routes are for the browser that comes back.
func (l OAuth2Login) Routes() []loginRoute {
	return []loginRoute{{
		method: http.MethodGet, path: CallbackPath,
		answer: func(s *server, w http.ResponseWriter, r *http.Request) error {
			return s.callback(l.Provider, w, r, false)
		},
	}}
}
