package main

import (
	"bytes"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ocsso/internal/check"
	"ocsso/static"
)

// eachREADME runs a test on the README of each language.
func eachREADME(t *testing.T, test func(t *testing.T, text string)) {
	for _, name := range []string{"README.md", "README.ko.md"} {
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile("../../" + name)
			if err != nil {
				t.Fatal(err)
			}
			test(t, string(text))
		})
	}
}

// TestTheREADMEsOfBothLanguagesSayTheSame compares headings, code without its comments, and links.
func TestTheREADMEsOfBothLanguagesSayTheSame(t *testing.T) {
	heading := regexp.MustCompile(`(?m)^#+ `)
	code := regexp.MustCompile("(?ms)^ *```.*?^ *```$")
	comment := regexp.MustCompile(` +# .*`)
	link := regexp.MustCompile(`\]\(([^#)]+)\)`)
	for _, dir := range []string{"../../", "../../deploy/"} {
		outline := map[string][]string{}
		for _, name := range []string{"README.md", "README.ko.md"} {
			data, err := os.ReadFile(dir + name)
			if err != nil {
				t.Fatal(err)
			}
			text := strings.ReplaceAll(string(data), "README.ko.md", "README.md")
			for _, block := range code.FindAllString(text, -1) {
				outline[name] = append(outline[name], comment.ReplaceAllString(block, ""))
			}
			prose := code.ReplaceAllString(text, "")
			outline[name] = append(outline[name], heading.FindAllString(prose, -1)...)
			var links []string
			for _, match := range link.FindAllStringSubmatch(prose, -1) {
				links = append(links, match[1])
			}
			slices.Sort(links)
			outline[name] = append(outline[name], links...)
		}
		if diff := cmp.Diff(outline["README.md"], outline["README.ko.md"]); diff != "" {
			t.Errorf("%s (-README.md +README.ko.md):\n%s", dir, diff)
		}
	}
}

// commandLine is ocsso with its arguments: at the beginning of a line of code, or of code within a
// sentence.
var commandLine = regexp.MustCompile("(?m)(?:^ *|^ *- run: |`)(?:\\./|bin/)?ocsso ([a-z-][^`\n]*)")

// commandLines are the arguments of every command line in a README.
func commandLines(text string) [][]string {
	var lines [][]string
	for _, match := range commandLine.FindAllStringSubmatch(strings.ReplaceAll(text, "\\\n", " "), -1) {
		words := strings.Fields(match[1])
		if end := slices.IndexFunc(words, func(word string) bool { return word == "#" || word == ">" }); end >= 0 {
			words = words[:end]
		}
		lines = append(lines, words)
	}
	return lines
}

func TestEveryCommandInTheREADMEExists(t *testing.T) {
	eachREADME(t, func(t *testing.T, text string) {
		lines := commandLines(text)
		if len(lines) < 20 {
			t.Fatalf("got %d command lines, want those of the whole README", len(lines))
		}
		for _, words := range lines {
			command, arguments, err := newRootCommand(terminal{stdout: &bytes.Buffer{}, stderr: &bytes.Buffer{}}).Find(words)
			if err == nil {
				err = command.ParseFlags(arguments)
			}
			if err != nil || !command.HasParent() || command.Flags().NArg() > 0 {
				t.Errorf("ocsso %s: got error %v and the arguments %q, want a command and its flags", strings.Join(words, " "), err, command.Flags().Args())
				continue
			}
			if cases, err := command.Flags().GetStringSlice("only"); err == nil {
				if _, err := check.Select(cases...); err != nil {
					t.Errorf("ocsso %s: %v", strings.Join(words, " "), err)
				}
			}
		}
	})
}

// TestTheTokensInTheREADMEAreWrongAsItSays runs its examples with the vendor's published key.
func TestTheTokensInTheREADMEAreWrongAsItSays(t *testing.T) {
	environment := &environment{values: map[string]string{keyVariable: "7cf2828608274a49a3f06152b2188927"}}
	eachREADME(t, func(t *testing.T, text string) {
		// Without the ends of lines, which may be anywhere
		sentences := strings.Join(strings.Fields(text), " ")
		count := 0
		for _, words := range commandLines(text) {
			if !slices.Contains(words, "--token") {
				continue
			}
			count++
			var stdout bytes.Buffer
			if err := run(t.Context(), words, environment.lookup, strings.NewReader(""), &stdout, &bytes.Buffer{}); err == nil {
				t.Errorf("ocsso %s: got a right token, want a wrong one", strings.Join(words, " "))
			}
			verdict, _, _ := strings.Cut(stdout.String(), "\n")
			cause, wrong := strings.CutPrefix(verdict, "wrong ")
			if cause = strings.TrimSpace(cause); !wrong || !strings.Contains(sentences, `"`+cause+`"`) {
				t.Errorf("ocsso %s: got %q, want the README to say that", strings.Join(words, " "), verdict)
			}
		}
		if count != 2 {
			t.Errorf("got %d tokens, want the two of the troubleshooting", count)
		}
	})
}

// route is a method, or several, and a path in a table of the README.
var route = regexp.MustCompile("`([A-Z,]+) (/[^ `]*)`")

func TestEveryRouteInTheREADMEIsServed(t *testing.T) {
	const password = anyHelpCenter + `
links_api: {keys: [9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08]}
`
	const oidc = anyHelpCenter + `
login: {with: oidc, oidc: {issuer: "http://localhost:1", client_id: help}}
`
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	byPassword, byOIDC := writeSettings(t, password).serve(t), writeSettings(t, oidc).serve(t)
	paths := strings.NewReplacer("{usercode}", "minji", "/static/*", static.URL("favicon.svg"))
	count := 0
	for line := range strings.Lines(string(readme)) {
		if !strings.HasPrefix(line, "| `GET") && !strings.HasPrefix(line, "| `POST") {
			continue
		}
		row, _, _ := strings.Cut(strings.TrimPrefix(line, "|"), "|")
		for _, match := range route.FindAllStringSubmatch(row, -1) {
			for method := range strings.SplitSeq(match[1], ",") {
				count++
				path := paths.Replace(match[2])
				served := false
				for _, origin := range []string{byPassword.site, byPassword.admin, byOIDC.site} {
					status := newVisitor(t, "").must(t, method, origin+path, nil).code
					served = served || status != 404 && status != 405
				}
				if !served {
					t.Errorf("%s %s: got 404 or 405, want it served", method, path)
				}
			}
		}
	}
	if count < 20 {
		t.Errorf("got %d routes, want those of the whole table", count)
	}
}
