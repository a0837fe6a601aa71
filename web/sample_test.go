package web_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"ocsso/web"
)

// TestHelpHasTheJavaSamplesMenu: its links change the frame's page, without script. A member is handed
// off on the way to what only members see.
func TestHelpHasTheJavaSamplesMenu(t *testing.T) {
	s := newSite(t)
	framed := func(service, page string) string { return center + "/" + service + "/hc/" + page + "?iframe=true" }
	names := map[string][4]string{
		"ko": {"공지사항", "FAQ", "1:1 문의하기", "문의내역"}, "en": {"Notices", "FAQs", "Ask a question", "Your inquiries"},
		"ja": {"お知らせ", "よくある質問", "お問い合わせ", "お問い合わせ履歴"}, "zh": {"公告", "常见问题", "提交咨询", "咨询记录"},
	}
	for lang, name := range names {
		page := body(t, s.get("/help?service=second", "Accept-Language", lang))
		wantContains(t, page, ` name="ocPage"`)
		for i, path := range []string{"notice/", "article/", "ticket/", "ticket/list/"} {
			wantContains(t, page, `<a href="`+framed("second", path)+`" target="ocPage">`+name[i]+`</a>`)
		}
	}
	page := body(t, s.get("/help", "Cookie", s.logIn(minji)))
	for _, public := range []string{"notice/", "article/"} {
		wantContains(t, page, `<a href="`+framed("hangame", public)+`" target="ocPage">`)
	}
	for _, own := range []string{"ticket/", "ticket/list/"} {
		wantContains(t, page, `<a href="`+loginAt("/login", framed("hangame", own))+`" target="ocPage">`)
	}
}

// TestTheJavaSamplesAddressesAnswer is D23: a member's way through them, as the console of a company
// has them that ran the vendor's sample.
func TestTheJavaSamplesAddressesAnswer(t *testing.T) {
	withServer := answeringWith(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, remoteLoginAnswer) })
	for _, base := range []string{"", "/oc-sso"} {
		s := newSite(t, withServer, withHandoff(web.Link), func(p *parts) { p.settings.BasePath = base })
		center := string(s.center)
		const status, history = "/api/login/status.nhn", "/hangame/hc/ticket/list/"
		back := "?returnUrl=" + url.QueryEscape(center+history)

		wantContains(t, body(t, s.get(base+"/form/login.nhn"+back)), `action="`+base+`/login/form"`)
		resp := s.post(base+"/form/login.nhn", url.Values{
			"usercode": {"minji"}, "password": {password}, "returnUrl": {center + history},
		})
		wantStatus(t, resp, http.StatusSeeOther)
		cookie, _, _ := strings.Cut(resp.Header.Get("Set-Cookie"), ";")
		action, fields := handoffForm(t, s.get(resp.Header.Get("Location"), "Cookie", cookie))
		if action != center+"/v2/enduser/remote.json" || fields.Get("returnUrl") != center+history {
			t.Errorf("got the form %s with %v", action, fields)
		}
		resp = s.get(base+"/api/login.nhn/"+back, "Cookie", cookie)
		wantStatus(t, resp, http.StatusSeeOther)
		wantContains(t, resp.Header.Get("Location"), center+history, "accessToken=")

		resp = s.get(base+status, "Cookie", cookie, "Origin", center)
		wantHeader(t, resp, "Access-Control-Allow-Origin", center)
		wantState(t, resp, "minji")
		resp = s.do("OPTIONS", base+status, nil, "Origin", center,
			"Access-Control-Request-Method", "GET", "Access-Control-Request-Headers", "token")
		wantStatus(t, resp, http.StatusNoContent)
		wantHeader(t, resp, "Access-Control-Allow-Headers", "token")

		wantContains(t, body(t, s.get(base+"/help/index.nhn", "Cookie", cookie)), `id="ocPage"`)
		wantContains(t, body(t, s.get(base+"/logout.nhn", "Cookie", cookie)), `action="`+base+`/logout"`)
		wantStatus(t, s.get(base+"/index.nhn"), http.StatusNotFound)
	}
}
