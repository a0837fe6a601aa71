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

// takeAccessToken is the second half of the remote login from the server (CONTRACT 5). The event
// tells why it was refused; the page is shown in any case.
func (s *Simulator) takeAccessToken(w http.ResponseWriter, r *http.Request, settings Settings) {
	query := r.URL.Query()
	event := newEvent(KindAccessToken, r)
	event.Fields, event.Status = handoffFields(query), http.StatusFound
	fields, refused := s.exchange(query, settings)
	if refused != nil {
		event = event.refusedFor(*refused)
	} else {
		s.LogIn(w, r, fields)
		var missing []string
		for _, name := range []string{"accessToken", "usercode", "time"} {
			if !query.Has(name) {
				missing = append(missing, name)
			}
		}
		if missing != nil {
			event = event.warned(say("accepted without %s: the vendor's pages differ, so send accessToken, usercode and time", "%s 없이 받아들임. 공식 문서마다 다르므로 accessToken, usercode, time을 모두 보내야 안전함", strings.Join(missing, ", ")))
		}
	}
	s.record(event)
}

// exchange returns the fields of the login by the server that is meant: the one for which the access
// token was issued, or the one with usercode and time. It works only once.
func (s *Simulator) exchange(query url.Values, settings Settings) (signing.Fields, *refusal) {
	if !settings.asksStatus() {
		return signing.Fields{}, refuse(reasonOff, "member integration is off, or its login type is not POST", "회원 연동이 꺼져 있거나 로그인 타입이 POST가 아님")
	}
	var g grant
	st, unlock := s.lock()
	i := slices.IndexFunc(st.grants, func(g grant) bool {
		if query.Has("accessToken") {
			return g.accessToken == query.Get("accessToken")
		}
		return g.fields.UserCode == query.Get("usercode") && g.fields.Time == query.Get("time")
	})
	if i >= 0 {
		g = st.grants[i]
		st.grants = slices.Delete(st.grants, i, i+1)
	}
	unlock()
	switch {
	case i < 0 && !query.Has("accessToken"):
		return signing.Fields{}, refuse(reasonFields, "no login by the server of this usercode and time waits, or it was used before", "이 usercode와 time으로 서버에서 보낸 원격 로그인이 없거나 이미 사용됨")
	case i < 0:
		return signing.Fields{}, refuse(reasonFields, "accessToken is unknown, or was used before", "accessToken을 알 수 없거나 이미 사용됨")
	case s.clock().Sub(g.issued) > signing.Validity:
		return signing.Fields{}, refuse(reasonTime, "accessToken is older than %s", "accessToken이 발급된 지 %s 넘게 지남", signing.Validity)
	case query.Has("usercode") && query.Get("usercode") != g.fields.UserCode:
		return signing.Fields{}, refuse(reasonFields, "usercode differs from the login that accessToken was issued for", "accessToken을 받은 로그인과 usercode가 다름")
	case query.Has("time") && query.Get("time") != g.fields.Time:
		return signing.Fields{}, refuse(reasonFields, "time differs from the login that accessToken was issued for", "accessToken을 받은 로그인과 time이 다름")
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
		s.record(event.refused(say("ignored: member integration is off, or its login type is not GET", "무시함: 회원 연동이 꺼져 있거나 로그인 타입이 GET이 아님")))
		return
	}
	fields, event, refused := examine(r, event, signing.CallLink, settings.OrganizationKey, values, s.clock())
	if refused == nil && !s.askVerify(r.Context(), settings.TokenVerifyURL, fields) {
		refused = refuse(reasonSignature, "the token verify URL does not confirm the token", "Token 검증 URL이 토큰을 확인해 주지 않음")
	}
	if refused != nil {
		event = event.refusedFor(*refused)
		s.logOut(r)
	} else {
		s.LogIn(w, r, fields)
	}
	s.record(event)
}

// handoffFields lists the query's parameters that belong to a handoff.
func handoffFields(query url.Values) []Field {
	return slices.DeleteFunc(listFields(query), func(f Field) bool { return !isHandoffField(f.Name) })
}
