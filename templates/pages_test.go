package templates

import (
	"html"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ocsso/internal/i18n"
	"ocsso/static"
)

// captures returns the first group of every match of pattern.
func captures(pattern, page string) []string {
	var found []string
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(page, -1) {
		found = append(found, html.UnescapeString(m[1]))
	}
	return found
}

func TestPagesHaveNothingInline(t *testing.T) {
	inline := regexp.MustCompile(`<style|<script[^>]*>[^<]|<script>|\sstyle=|\son[a-z]+=|javascript:`)
	eachPage(t, func(t *testing.T, _ i18n.Lang, _, page string) {
		if got := inline.FindString(page); got != "" {
			t.Errorf("got %q in the page, want no inline script or style", got)
		}
	})
}

func TestPagesNameTheirLanguage(t *testing.T) {
	eachPage(t, func(t *testing.T, lang i18n.Lang, _, page string) {
		want := []string{i18n.For(lang).HTMLLang}
		if got := captures(`<html lang="([^"]*)"`, page); !slices.Equal(got, want) {
			t.Errorf("got lang %q, want %q", got, want)
		}
	})
}

func TestTitlesTellPagesApart(t *testing.T) {
	different := []string{"home", "login", "logout", "logout_guest", "handoff_framed", "help", "loop", "problem", "setup"}
	for _, lang := range i18n.Langs {
		pageOf := map[string]string{}
		for _, e := range examples(lang) {
			if !slices.Contains(different, e.name) {
				continue
			}
			title := strings.Join(captures(`<title>([^<]*)</title>`, render(t, e.page)), "")
			if other, taken := pageOf[title]; taken || title == "" {
				t.Errorf("%s: %s and %s have the title %q, want one each", lang, e.name, other, title)
			}
			pageOf[title] = e.name
		}
	}
}

func TestIDsAreUniqueAndReferencesLeadToThem(t *testing.T) {
	eachPage(t, func(t *testing.T, _ i18n.Lang, _, page string) {
		ids := captures(`\sid="([^"]*)"`, page)
		slices.Sort(ids)
		if unique := slices.Compact(slices.Clone(ids)); len(unique) != len(ids) {
			t.Errorf("got ids %q, want each once", ids)
		}
		for _, ref := range captures(`\s(?:for="|aria-describedby="|aria-controls="|href="#)([^"]*)"`, page) {
			if !slices.Contains(ids, ref) {
				t.Errorf("got a reference to %q, want one of the ids %q", ref, ids)
			}
		}
	})
}

func TestVisibleInputsHaveLabels(t *testing.T) {
	eachPage(t, func(t *testing.T, _ i18n.Lang, _, page string) {
		got := captures(`<input id="([^"]*)"`, page)
		if want := captures(`<label for="([^"]*)"`, page); !slices.Equal(got, want) {
			t.Errorf("got inputs %q, want those with labels, %q", got, want)
		}
	})
}

func TestNamesAreEscaped(t *testing.T) {
	eachPage(t, func(t *testing.T, _ i18n.Lang, _, page string) {
		if strings.Contains(page, "<b>") {
			t.Error("got the member's name as markup, want it as text")
		}
	})
}

func TestFramedPagesHaveNoHeader(t *testing.T) {
	eachPage(t, func(t *testing.T, _ i18n.Lang, name, page string) {
		want := !strings.Contains(name, "_framed")
		if got := strings.Contains(page, "<header"); got != want {
			t.Errorf("got a header: %t, want %t", got, want)
		}
	})
}

func TestPagesHaveTheSitesLogoAndLinks(t *testing.T) {
	links := Links{"https://a.test/id", "https://a.test/password", "https://a.test/join", "tel:1544-0000", "https://a.test/privacy"}
	p := Page{Lang: i18n.KO, T: i18n.For(i18n.KO), Links: links, Logo: "https://a.test/logo.svg", Static: static.New(static.Look{Accent: "#0064ff"})}
	framed := p
	framed.Framed = true
	for name, page := range map[string]struct {
		html string
		want []string
	}{
		"login":          {render(t, LoginPage(Login{Page: p})), []string{links.FindID, links.ResetPassword, links.SignUp, links.Support, links.Privacy}},
		"framed login":   {render(t, LoginPage(Login{Page: framed})), []string{links.FindID, links.ResetPassword, links.SignUp}},
		"problem":        {render(t, ProblemPage(Problem{Page: p})), []string{links.Support, links.Support, links.Privacy}},
		"framed problem": {render(t, ProblemPage(Problem{Page: framed})), []string{links.Support}},
		"home":           {render(t, HomePage(Home{Page: p})), []string{links.Support, links.Privacy}},
	} {
		if got := captures(`<a href="([^"]*)" target="_top"`, page.html); !slices.Equal(got, page.want) {
			t.Errorf("%s: got the links %q, want %q", name, got, page.want)
		}
		if !strings.Contains(page.html, `rel="icon" href="`+p.Logo) || strings.Contains(page.html, static.URL("css/site.css")) {
			t.Errorf("%s: got another icon, or the plain style sheet", name)
		}
	}
}

// TestTheBrowsersBarHasTheColourOfThePage compares with the style sheet.
func TestTheBrowsersBarHasTheColourOfThePage(t *testing.T) {
	css, err := os.ReadFile("../static/css/site.css")
	if err != nil {
		t.Fatal(err)
	}
	page := render(t, HandoffPage(Handoff{Page: Page{Lang: i18n.EN, T: i18n.For(i18n.EN)}}))
	if got, want := captures(`name="theme-color" content="([^"]*)"`, page), captures(`--ground: ([^;]*);`, string(css)); !slices.Equal(got, want) {
		t.Errorf("got %q, light and dark, want %q", got, want)
	}
}

func TestLoginErrorsAreTiedToTheirFields(t *testing.T) {
	text := i18n.For(i18n.EN)
	tests := []struct {
		name      string
		err       LoginError
		says      []string // of the alert, and of what stands beside a field
		invalid   []string
		described []string
		focused   []string
	}{
		{"no error", LoginErrorNone, nil, nil, nil, []string{"usercode"}},
		{"wrong", LoginErrorWrong, []string{text.LoginWrong}, []string{"usercode", "password"}, []string{"error", "error"}, []string{"password"}},
		{"no usercode", LoginErrorMissingUserCode, []string{text.LoginMissingUserCode}, []string{"usercode"}, []string{"usercode-error"}, []string{"usercode"}},
		{"no password", LoginErrorMissingPassword, []string{text.LoginMissingPassword}, []string{"password"}, []string{"password-error"}, []string{"password"}},
		{"too many", LoginErrorTooMany, []string{text.LoginTooMany(time.Minute)}, nil, []string{"error"}, []string{"password"}},
		{"unavailable", LoginErrorUnavailable, []string{text.LoginUnavailable}, nil, []string{"error"}, []string{"password"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			login := Login{Page: Page{Lang: i18n.EN, T: text}, Action: "/login", UserCode: "alice", Error: tt.err, Wait: time.Minute}
			page := render(t, LoginPage(login))
			if diff := cmp.Diff(tt.says, captures(`<p id="(?:error|[a-z]+-error)"(?: class="error" role="alert" data-unreachable="[^"]*")?>([^<]*)<`, page)); diff != "" {
				t.Errorf("the alert differs (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.invalid, captures(`<input id="([^"]*)"[^>]* aria-invalid="true"`, page)); diff != "" {
				t.Errorf("invalid fields differ (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.described, captures(`<input [^>]* aria-describedby="([^"]*)"`, page)); diff != "" {
				t.Errorf("the fields that the alert describes differ (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.focused, captures(`<input id="([^"]*)"[^>]* autofocus`, page)); diff != "" {
				t.Errorf("the focus differs (-want +got):\n%s", diff)
			}
			isError := strings.HasPrefix(captures(`<title>([^<]*)<`, page)[0], "Error: ")
			if want := tt.err != LoginErrorNone; isError != want {
				t.Errorf("got a title that says so: %t, want %t", isError, want)
			}
			if got := captures(`value="([^"]*)"`, page); !slices.Equal(got, []string{"alice"}) {
				t.Errorf("got values %q, want the usercode alone", got)
			}
		})
	}
}

func TestHandoffPostsItsFieldsInOrder(t *testing.T) {
	fields := []Field{{"service", "games"}, {"usercode", "a\"b"}, {"username", awkward}, {"token", "Ah9M+/="}}
	const action = "https://hc.example/remote.json?a=1&b=2"
	page := render(t, HandoffPage(Handoff{Page{Lang: i18n.EN, T: i18n.For(i18n.EN)}, "post", action, fields}))

	names := captures(`<input type="hidden" name="([^"]*)"`, page)
	values := captures(`<input type="hidden" name="[^"]*" value="([^"]*)"`, page)
	var got []Field
	for i := range min(len(names), len(values)) {
		got = append(got, Field{names[i], values[i]})
	}
	if diff := cmp.Diff(fields, got); diff != "" {
		t.Errorf("fields differ (-want +got):\n%s", diff)
	}
	if got := captures(`<form id="handoff" method="post" action="([^"]*)"`, page); !slices.Equal(got, []string{action}) {
		t.Errorf("got action %q, want %q", got, action)
	}
}

func TestEveryProblemIsTold(t *testing.T) {
	for _, lang := range i18n.Langs {
		text := i18n.For(lang)
		for kind, says := range text.Problems {
			problem := Problem{Page{Lang: lang, T: text}, i18n.ProblemKind(kind), "4KQ7WZ2MJ3RT", text.TryAgain, "/again"}
			page := html.UnescapeString(render(t, ProblemPage(problem)))
			for _, want := range []string{says.Title, says.Text, text.TryAgain, ">4KQ7WZ2M<", `data-value="4KQ7WZ2MJ3RT"`, "/again"} {
				if !strings.Contains(page, want) {
					t.Errorf("%s, problem %d: %q is not in the page", lang, kind, want)
				}
			}
		}
	}
}
