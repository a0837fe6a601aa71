package templates

import (
	"slices"
	"testing"

	"ocsso/internal/i18n"
)

// setupExamples are the operator's page with something of each level.
func setupExamples(p Page) []example {
	s := Setup{
		Page: p,
		About: []ConsoleField{
			{Label: i18n.Setup.Version, Value: "v1.2.3"}, {Label: i18n.Setup.Organization, Value: "example"}, {Label: i18n.Setup.Environment, Value: "alpha"},
		},
		SentBack: i18n.Setup.NeverSentBack.In(p.Lang),
		Events:   []SetupEvent{{"2026-01-02 03:04:05 +09:00", "form", "sent", "8d68034554263c20", i18n.Setup.HandedOff}},
		Console: []ConsoleField{
			{Label: i18n.Setup.LoginType, Value: "POST"},
			{Label: i18n.Setup.LoginURL, Value: "https://login.example.com/login"},
			{Label: i18n.Setup.Parameter, Value: "usercode", InQuery: true},
		},
		Findings: []Finding{
			{Prerequisite: i18n.Prerequisites.OrganizationKey},
			{Prerequisite: i18n.Prerequisites.Store, Fault: i18n.Faults.StoreForgets, Detail: "memory"},
			{Prerequisite: i18n.Prerequisites.HelpCenter, Fault: i18n.Faults.HelpCenterHost, Detail: "https://example.oc.nhncloud.com\nno such host"},
			{Prerequisite: i18n.Prerequisites.Clock, Fault: i18n.Faults.ClockUnknown},
		},
		CheckCommand: "ocdev check --login-url https://login.example.com/login",
	}
	return []example{
		{"setup", SetupPage(s)},
	}
}

func TestSetupShowsTheConsolesOwnLabelsInBothLanguages(t *testing.T) {
	want := []string{"서비스 관리 > 헬프센터 > 회원 연동", "로그인 타입", "로그인 URL", "파라미터 설정"}
	for _, lang := range i18n.OperatorLangs {
		page := render(t, setupExamples(Page{Lang: lang, T: i18n.For(lang)})[0].page)
		if got := captures(`<(?:span|code) lang="ko">([^<]*)<`, page); !slices.Equal(got, want) {
			t.Errorf("%s: got %q in Korean, want %q", lang, got, want)
		}
		if meanings := captures(`<span class="meaning">([^<]*)</span>\s*</dt>`, page); (len(meanings) == 0) != (lang == i18n.KO) {
			t.Errorf("%s: got the meanings %q, want them where the page isn't Korean", lang, meanings)
		}
	}
}

// TestSetupHasOneState: ready, or what is missing, and then the problems before what is fine.
func TestSetupHasOneState(t *testing.T) {
	var (
		fine  = Finding{Prerequisite: i18n.Prerequisites.SessionKeys}
		warn  = Finding{Prerequisite: i18n.Prerequisites.Store, Fault: i18n.Faults.StoreForgets}
		other = Finding{Prerequisite: i18n.Prerequisites.Clock, Fault: i18n.Faults.ClockUnknown}
		wrong = Finding{Prerequisite: i18n.Prerequisites.HelpCenter, Fault: i18n.Faults.HelpCenterHost}
	)
	for want, findings := range map[string][]Finding{
		"Ready.":                            {fine},
		"Ready. Worth a look: Store, Clock": {other, fine, warn},
		"Not ready yet: Help center":        {fine, warn, wrong},
	} {
		page := render(t, SetupPage(Setup{Page: Page{Lang: i18n.EN, T: i18n.For(i18n.EN)}, Findings: findings}))
		if got := captures(`<div class="state">.*?<strong>([^<]*)</strong>`, page); !slices.Equal(got, []string{want}) {
			t.Errorf("got the state %q, want %q", got, want)
		}
		last := captures(`<h3>([^<]*)</h3>`, page)
		if folded := captures(`<details>.*?<h3>([^<]*)</h3>.*?</details>`, page); !slices.Equal(folded, []string{fine.Prerequisite.Name.EN}) || last[len(last)-1] != folded[0] {
			t.Errorf("got %q folded of %q, want what is fine, and last", folded, last)
		}
	}
}

func TestSetupOffersAButtonToCopyEachValue(t *testing.T) {
	page := render(t, setupExamples(Page{Lang: i18n.KO, T: i18n.For(i18n.KO)})[0].page)
	want := []string{"POST", "https://login.example.com/login", "usercode", "ocdev check --login-url https://login.example.com/login"}
	if got := captures(`<code class="value">([^<]*)<`, page); !slices.Equal(got, want) {
		t.Errorf("got the values %q, want %q", got, want)
	}
	if got := captures(`<button class="copy" type="button" data-value="([^"]*)"[^>]* hidden>`, page); !slices.Equal(got, want) {
		t.Errorf("got buttons for %q, want them for %q, hidden until the script runs", got, want)
	}
}
