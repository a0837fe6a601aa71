package templates

import (
	"slices"
	"testing"

	"ocsso/internal/i18n"
)

// setupExamples are the operator's page as it opens, with something of each level, and with what a
// run of the checks may come to.
func setupExamples(p Page) []example {
	s := Setup{
		Page:   p,
		Action: "/setup",
		Console: []ConsoleField{
			{Label: i18n.FieldLoginType, Value: "POST"},
			{Label: i18n.FieldLoginURL, Value: "https://login.example.com/login"},
			{Label: i18n.FieldParameter, Value: "usercode", InQuery: true},
		},
		Findings: []Finding{
			{Prerequisite: i18n.PrerequisiteOrganizationKey},
			{Prerequisite: i18n.PrerequisiteStore, Level: i18n.LevelWarn, Fault: i18n.FaultStoreForgets, Detail: "memory"},
			{Prerequisite: i18n.PrerequisiteHelpCenter, Level: i18n.LevelWrong, Fault: i18n.FaultHelpCenterHost, Detail: "https://example.oc.nhncloud.com\nno such host"},
			{Prerequisite: i18n.PrerequisiteClock, Level: i18n.LevelUnknown, Fault: i18n.FaultClockUnknown},
		},
		AsksLogin: true,
	}
	half := s
	half.UserCode, half.Error = awkward, SetupErrorHalfLogin
	unreachable := s
	unreachable.AsksLogin, unreachable.Error, unreachable.ErrorDetail = false, SetupErrorUnreachable, "dial tcp: no such host"
	fine, report := s, s
	fine.Report = &CheckReport{[]CheckResult{{ID: "status/logged-out", Requirement: "Somebody logged out is 200"}}}
	report.Report = &CheckReport{append(slices.Clone(fine.Report.Results),
		CheckResult{ID: "status/fast", Requirement: "It is fast", Level: i18n.LevelWarn, Want: "at most 1s", Got: "3s", Hint: "look at the store"},
		CheckResult{ID: "login/page", Requirement: "There is a login page", Level: i18n.LevelWrong, Want: "200", Got: "404 " + awkward, Hint: "see CONTRACT 6"},
		CheckResult{ID: "api/call", Requirement: "The server calls", Level: i18n.LevelUnknown, Reason: "needs --listen-help-center"},
	)}
	return []example{
		{"setup", SetupPage(s)},
		{"setup_half_login", SetupPage(half)},
		{"setup_unreachable", SetupPage(unreachable)},
		{"setup_fine", SetupPage(fine)},
		{"setup_report", SetupPage(report)},
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
	want := []string{"POST", "https://login.example.com/login", "usercode"}
	if got := captures(`<code class="value">([^<]*)<`, page); !slices.Equal(got, want) {
		t.Errorf("got the values %q, want %q", got, want)
	}
	if got := captures(`<button class="copy" type="button" data-value="([^"]*)"[^>]* hidden>`, page); !slices.Equal(got, want) {
		t.Errorf("got buttons for %q, want them for %q, hidden until the script runs", got, want)
	}
}
