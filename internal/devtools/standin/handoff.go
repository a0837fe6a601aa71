package standin

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"ocsso/internal/devtools/signing"
)

// withoutHandoff removes the fields of a handoff from a page's path and query, and reports whether
// there were any. The other parameters keep their text and their order.
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
	return name == "accessToken" || slices.Contains(signing.FieldNames, name)
}

// takeHandoff logs a member in by the access token or the signed link in the page's query. The
// event tells why it was refused; the page is shown in any case.
func (s *Simulator) takeHandoff(w http.ResponseWriter, r *http.Request, settings Settings) {
	query := r.URL.Query()
	if query.Has("accessToken") || settings.asksStatus() && query.Has("usercode") && query.Has("time") && !query.Has("token") {
		s.takeAccessToken(w, r, settings)
		return
	}
	s.takeLink(w, r, settings)
}

// takeAccessToken is the second half of the remote login from the server (CONTRACT 5).
func (s *Simulator) takeAccessToken(w http.ResponseWriter, r *http.Request, settings Settings) {
	query := r.URL.Query()
	event := newEvent(KindAccessToken, r)
	event.Fields, event.Status = handoffFields(query), http.StatusFound
	fields, refused := s.exchange(query, settings)
	if refused != nil {
		event = event.refused(refused.detail)
	} else {
		s.logIn(w, r, fields)
		var missing []string
		for _, name := range []string{"accessToken", "usercode", "time"} {
			if !query.Has(name) {
				missing = append(missing, name)
			}
		}
		if missing != nil {
			event = event.warned(noted(sayIncomplete, strings.Join(missing, ", ")))
		}
	}
	s.record(event)
}

// exchange returns the fields of the login by the server that is meant: the one for which the access
// token was issued, or the one with usercode and time. It works only once.
func (s *Simulator) exchange(query url.Values, settings Settings) (signing.Fields, *refusal) {
	if !settings.asksStatus() {
		return signing.Fields{}, refuse(reasonOff, sayNotPOST)
	}
	g, ok := s.redeem(query)
	switch {
	case !ok && !query.Has("accessToken"):
		return signing.Fields{}, refuse(reasonFields, sayNoGrant)
	case !ok:
		return signing.Fields{}, refuse(reasonFields, sayAccessTokenUnknown)
	case s.clock().Sub(g.issued) > signing.Validity:
		return signing.Fields{}, refuse(reasonTime, sayAccessTokenOld, signing.Validity)
	case query.Has("usercode") && query.Get("usercode") != g.fields.UserCode:
		return signing.Fields{}, refuse(reasonFields, sayOtherUserCode)
	case query.Has("time") && query.Get("time") != g.fields.Time:
		return signing.Fields{}, refuse(reasonFields, sayOtherTime)
	}
	return g.fields, nil
}

// takeLink logs a member in by a signed link (CONTRACT 8, 9). A failed link ends the session.
func (s *Simulator) takeLink(w http.ResponseWriter, r *http.Request, settings Settings) {
	values := r.URL.Query()
	values.Set("service", r.PathValue("service"))
	event := newEvent(KindLink, r)
	event.Fields, event.Status = handoffFields(values), http.StatusFound
	if !settings.Enabled || settings.Type != TypeGET {
		s.record(event.refused(noted(sayNotGET)))
		return
	}
	pages := pageURLs(origin(r), r.PathValue("service"))
	fields, verdict, refused := examine(r.Context(), signing.CallLink, settings.OrganizationKey, values, s.clock(), pages)
	event = event.withVerdict(verdict)
	if refused == nil && !s.askVerify(r.Context(), settings.TokenVerifyURL, fields) {
		refused = refuse(reasonSignature, sayVerifyNo)
	}
	if refused != nil {
		event = event.refused(refused.detail)
		s.logOut(r)
	} else {
		s.logIn(w, r, fields)
	}
	s.record(event)
}

// handoffFields lists the query's parameters that belong to a handoff.
func handoffFields(query url.Values) []Field {
	return slices.DeleteFunc(listFields(query), func(f Field) bool { return !isHandoffField(f.Name) })
}
