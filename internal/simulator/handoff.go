package simulator

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"ocsso/internal/contract"
)

// withoutHandoff is the path and query of a page without what a handoff added, and whether there was anything. The
// other parameters stay as they are, in their order.
func withoutHandoff(u *url.URL) (clean string, found bool) {
	var kept []string
	for pair := range strings.SplitSeq(u.RawQuery, "&") {
		name, _, _ := strings.Cut(pair, "=")
		if decoded, err := url.QueryUnescape(name); err == nil && isHandoffField(decoded) {
			found = true
			continue
		}
		kept = append(kept, pair)
	}
	rest := *u
	rest.RawQuery = strings.Join(kept, "&")
	return pathAndQuery(&rest), found
}

func isHandoffField(name string) bool {
	return name == "accessToken" || slices.Contains(contract.FieldNames, name)
}

// takeHandoff logs a member in with what the page's query brings: an access token or a signed link. Whatever it finds
// wrong is in the event; the member goes on to the page as who he is then.
func (s *Simulator) takeHandoff(w http.ResponseWriter, r *http.Request, settings Settings) {
	if r.URL.Query().Has("accessToken") {
		s.takeAccessToken(w, r, settings)
		return
	}
	s.takeLink(w, r, settings)
}

// takeAccessToken is the second half of the remote login from the server (PROTOCOL 5).
func (s *Simulator) takeAccessToken(w http.ResponseWriter, r *http.Request, settings Settings) {
	query := r.URL.Query()
	event := Event{Kind: KindAccessToken, Method: r.Method, Path: r.URL.Path, Fields: handoffFields(query), Outcome: OutcomeOK}
	fields, refused := s.exchange(query, settings)
	if refused != nil {
		event = event.refused(refused.detail)
	} else {
		s.logIn(w, r, fields)
	}
	s.record(event)
}

// exchange gives an access token's login for it, once.
func (s *Simulator) exchange(query url.Values, settings Settings) (contract.Fields, *refusal) {
	if !settings.asksStatus() {
		return contract.Fields{}, refuse(reasonOff, sayNotPOST)
	}
	g, ok := s.redeem(query.Get("accessToken"))
	switch {
	case !ok:
		return contract.Fields{}, refuse(reasonFields, sayAccessTokenUnknown)
	case s.clock().Sub(g.issued) > contract.Validity:
		return contract.Fields{}, refuse(reasonTime, sayAccessTokenOld, contract.Validity)
	case query.Get("usercode") != g.fields.UserCode:
		return contract.Fields{}, refuse(reasonFields, sayOtherUserCode)
	case query.Get("time") != g.fields.Time:
		return contract.Fields{}, refuse(reasonFields, sayOtherTime)
	}
	return g.fields, nil
}

// takeLink is a signed link (PROTOCOL 8, 9). A link that fails makes its visitor a guest.
func (s *Simulator) takeLink(w http.ResponseWriter, r *http.Request, settings Settings) {
	values := r.URL.Query()
	values.Set("service", r.PathValue("service"))
	event := Event{Kind: KindLink, Method: r.Method, Path: r.URL.Path, Fields: handoffFields(values)}
	if !settings.Enabled || settings.Type != TypeGET {
		s.record(event.refused(noted(sayNotGET)))
		return
	}
	pages := pageURLs(origin(r), r.PathValue("service"))
	fields, verdict, refused := examine(contract.CallLink, settings.OrganizationKey, values, s.clock(), pages)
	event = event.judged(verdict)
	if refused == nil && !s.askVerify(r.Context(), settings.TokenVerifyURL, fields) {
		refused = refuse(reasonSignature, sayVerifyNo)
	}
	if refused != nil {
		event = event.refused(refused.detail)
		s.logOut(r)
	} else {
		event.Outcome = OutcomeOK
		s.logIn(w, r, fields)
	}
	s.record(event)
}

// handoffFields are the query's fields that belong to a handoff.
func handoffFields(query url.Values) []Field {
	return slices.DeleteFunc(listFields(query), func(f Field) bool { return !isHandoffField(f.Name) })
}
