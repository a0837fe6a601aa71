package templates

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/google/go-cmp/cmp"

	"ocsso/internal/i18n"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

// An example is one page as a member may meet it.
type example struct {
	name string
	page templ.Component
}

// awkward is a display name that has to be escaped wherever it is shown.
const awkward = `O'Brien & Sons 😀 <b>`

// examples returns every page in one language, in each state that looks different.
func examples(lang i18n.Lang) []example {
	guest := Page{Lang: lang, T: i18n.For(lang), SiteName: "Example Games", LoginURL: "/login"}
	guest.Languages = languageLinks(i18n.Langs, lang)
	member := guest
	member.Member, member.LoginURL = awkward, ""
	loggingIn := guest
	loggingIn.LoginURL = ""
	unnamed := loggingIn
	unnamed.SiteName, unnamed.Languages = "", nil
	framed := unnamed
	framed.Framed = true
	leaving := framed
	leaving.LoginURL = "/login?returnUrl=x"

	urls := Home{InquiryURL: "/help/ticket", HistoryURL: "/help/tickets"}
	home := func(p Page) Home { urls.Page = p; return urls }
	login := func(p Page, userCode string, err LoginError) Login {
		return Login{
			Page: p, Action: "/login/form", ReturnURL: "https://example.oc.nhncloud.com/games/hc/?a=1&b=2",
			UserCode: userCode, Error: err, Wait: time.Minute,
		}
	}
	handoff := Handoff{
		framed, "post", "https://example.oc.nhncloud.com/v2/enduser/remote.json",
		[]Field{{"service", "games"}, {"username", awkward}, {"token", "Ah9M58+/="}},
	}
	problem := func(p Page, kind i18n.ProblemKind) Problem {
		return Problem{Page: p, Kind: kind, RequestID: "4KQ7WZ2MJ3RT", Action: p.T.TryAgain, ActionURL: "/"}
	}

	pages := []example{
		{"home", HomePage(home(member))},
		{"home_guest", HomePage(home(guest))},
		{"home_unnamed", HomePage(home(unnamed))},
		{"login", LoginPage(login(loggingIn, "", LoginErrorNone))},
		{"login_wrong", LoginPage(login(loggingIn, awkward, LoginErrorWrong))},
		{"login_no_usercode", LoginPage(login(loggingIn, "", LoginErrorMissingUserCode))},
		{"login_no_password", LoginPage(login(loggingIn, "alice", LoginErrorMissingPassword))},
		{"login_limited", LoginPage(login(loggingIn, "alice", LoginErrorTooMany))},
		{"login_unavailable", LoginPage(login(loggingIn, "alice", LoginErrorUnavailable))},
		{"login_framed", LoginPage(login(framed, "", LoginErrorNone))},
		{"logout", LogoutPage(member)},
		{"logout_guest", LogoutPage(guest)},
		{"handoff_framed", HandoffPage(handoff)},
		{"help", HelpPage(Help{
			Page: member, OpenURL: "/login?returnUrl=x", FrameOrigin: "https://example.oc.nhncloud.com",
			FrameURL:   "https://example.oc.nhncloud.com/games/hc/?iframe=true",
			NoticesURL: "https://example.oc.nhncloud.com/games/hc/notice/?iframe=true", ArticlesURL: "https://example.oc.nhncloud.com/games/hc/article/?iframe=true",
			InquiryURL: "/login?returnUrl=inquiry", HistoryURL: "/login?returnUrl=history",
		})},
		{"loop", LoopPage(Loop{Page: member, Unconfirmed: true, ContinueURL: "/login?returnUrl=https%3A%2F%2Fexample.oc.nhncloud.com%2F"})},
		{"loop_framed", LoopPage(Loop{Page: framed, OpenURL: "/login?returnUrl=x", ContinueURL: "/login?returnUrl=y"})},
		{"login_framed_oidc", FramedLoginPage(leaving)},
		{"problem", ProblemPage(problem(guest, i18n.ProblemNotFound))},
		{"problem_framed", ProblemPage(problem(framed, i18n.ProblemHelpCenter))},
	}
	if slices.Contains(i18n.OperatorLangs, lang) {
		operator := loggingIn
		operator.Languages = languageLinks(i18n.OperatorLangs, lang)
		pages = append(pages, setupExamples(operator)...)
	}
	return pages
}

func languageLinks(langs []i18n.Lang, current i18n.Lang) []LanguageLink {
	var links []LanguageLink
	for _, l := range langs {
		text := i18n.For(l)
		links = append(links, LanguageLink{text.LanguageName, text.HTMLLang, "/?lang=" + string(l), l == current})
	}
	return links
}

func render(t *testing.T, page templ.Component) string {
	t.Helper()
	var b bytes.Buffer
	if err := page.Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// eachPage runs a subtest for every example in every language.
func eachPage(t *testing.T, test func(t *testing.T, lang i18n.Lang, name, html string)) {
	for _, lang := range i18n.Langs {
		for _, e := range examples(lang) {
			t.Run(e.name+"/"+string(lang), func(t *testing.T) { test(t, lang, e.name, render(t, e.page)) })
		}
	}
}

// contentHash is the part of a static file's URL that changes whenever the file does.
var contentHash = regexp.MustCompile(`\.[0-9a-f]{16}\.`)

func TestPagesLookLikeTheirGoldenFiles(t *testing.T) {
	eachPage(t, func(t *testing.T, lang i18n.Lang, name, html string) {
		if lang != i18n.KO && lang != i18n.EN && name != "login" {
			t.Skip("golden files are kept in Korean and English, and of the login page in every language")
		}
		// An element a line, so that a difference can be read.
		got := strings.ReplaceAll(strings.ReplaceAll(contentHash.ReplaceAllString(html, ".HASH."), "> <", "><"), "><", ">\n<") + "\n"
		golden := filepath.Join("testdata", name+"."+string(lang)+".html")
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
			return
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
			t.Errorf("%s differs; go test ./templates -update rewrites it (-want +got):\n%s", golden, diff)
		}
	})
}
