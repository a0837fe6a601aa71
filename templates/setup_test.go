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
