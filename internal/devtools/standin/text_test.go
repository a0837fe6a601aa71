package standin

import (
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"ocsso/internal/devtools/signing"
)

func TestEveryLanguageHasEveryText(t *testing.T) {
	for l, said := range texts {
		value := reflect.ValueOf(*said)
		for i := range value.NumField() {
			if value.Field(i).IsZero() {
				t.Errorf("%s: %s is empty", l, value.Type().Field(i).Name)
			}
		}
		for _, withName := range []string{said.member, said.asMember} {
			if strings.Count(withName, "%s") != 1 {
				t.Errorf("%s: %q has no place for the name", l, withName)
			}
		}
		if got, want := len(said.Questions), len(textKO.Questions); got != want {
			t.Errorf("%s: got %d questions, want %d", l, got, want)
		}
	}
	for l, said := range consoleTexts {
		value := reflect.ValueOf(*said)
		for i := range value.NumField() {
			if name := value.Type().Field(i).Name; value.Field(i).IsZero() && !(l == langEN && name == "translations") {
				t.Errorf("console, %s: %s is empty", l, name)
			}
		}
		for kind := range consoleEN.kinds {
			if said.kinds[kind] == "" {
				t.Errorf("console, %s: %s has no name", l, kind)
			}
		}
		for outcome := range consoleEN.outcomes {
			if said.outcomes[outcome] == "" {
				t.Errorf("console, %s: %s has no name", l, outcome)
			}
		}
	}
}

// constants lists the texts of a file's constants whose names begin with the prefix.
func constants(t *testing.T, file, prefix string) (texts []string) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(parsed, func(node ast.Node) bool {
		spec, ok := node.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(spec.Names[0].Name, prefix) {
			return true
		}
		text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, text)
		return false
	})
	if len(texts) == 0 {
		t.Fatalf("%s has no constant %s...", file, prefix)
	}
	return texts
}

func TestNotesAndProblemsAreTranslatedWithTheSameVerbs(t *testing.T) {
	verb := regexp.MustCompile(`%.`)
	for _, english := range slices.Concat(
		constants(t, "note.go", "say"), constants(t, "settings.go", "problem"),
	) {
		korean := consoleKO.translations[english]
		if korean == "" {
			t.Errorf("%q has no translation", english)
		}
		if got, want := verb.FindAllString(korean, -1), verb.FindAllString(english, -1); !slices.Equal(got, want) {
			t.Errorf("got the verbs %q in %q, want %q as in English", got, korean, want)
		}
	}
}

func TestDurationsAreWrittenInEachLanguage(t *testing.T) {
	const long = 25*time.Hour + 3*time.Minute + 4*time.Second
	for l, want := range map[lang][2]string{
		langKO: {"3분", "25시간 3분 4초"}, langEN: {"3m0s", "25h3m4s"},
	} {
		said := consoleTexts[l]
		if got := [2]string{said.duration(signing.Validity), said.duration(long)}; got != want {
			t.Errorf("%s: got %q, want %q", l, got, want)
		}
	}
}
