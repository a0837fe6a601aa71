package simulator

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ocsso/internal/contract"
)

func TestEverySentenceIsThereInEveryLanguage(t *testing.T) {
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
			name := value.Type().Field(i).Name
			if english := l == langEN && (name == "others" || name == "units"); value.Field(i).IsZero() && !english {
				t.Errorf("console, %s: %s is empty", l, name)
			}
		}
	}
}

func TestTheConsoleKnowsEverySentenceOfItsLanguage(t *testing.T) {
	for l, said := range consoleTexts {
		if l == langEN {
			continue
		}
		for _, sentence := range []string{
			problemRequired, problemType, problemURL, problemService, problemName, problemPlace,
			problemEndpoint, problemDuration, problemDelay, problemNumber, problemStatus,
			string(contract.CauseSeconds), string(contract.CauseReturnURLSigned), string(contract.CauseReturnURLUnsigned), string(contract.CauseBlankSigned), string(contract.CausePlusLost),
			string(contract.CausePercentEncoded), string(contract.CauseOrder), string(contract.CauseEncoding), string(contract.CauseKey),
			string(contract.CauseMemberNoUnsigned), string(contract.CauseSpaces), string(contract.CauseKeySpaces), string(contract.CauseKeyHex), string(contract.CauseNoKey),
		} {
			if said.say(sentence) == sentence {
				t.Errorf("%s: %q is in English", l, sentence)
			}
		}
		for kind := range consoleEN.kinds {
			if said.kinds[kind] == "" {
				t.Errorf("%s: %s has no name", l, kind)
			}
		}
		for outcome := range consoleEN.outcomes {
			if said.outcomes[outcome] == "" {
				t.Errorf("%s: %s has no name", l, outcome)
			}
		}
	}
}

func TestWhatEventsSayIsWrittenInEveryLanguageWithTheSameVerbs(t *testing.T) {
	verb := regexp.MustCompile(`%.`)
	for l, said := range consoleTexts {
		for i, sentence := range said.sayings {
			english := consoleEN.sayings[i]
			if sentence == "" || l != langEN && sentence == english {
				t.Errorf("%s: got %q for %q, want it in the language", l, sentence, english)
			}
			if got, want := verb.FindAllString(sentence, -1), verb.FindAllString(english, -1); !slices.Equal(got, want) {
				t.Errorf("%s: got the verbs %q in %q, want %q as in English", l, got, sentence, want)
			}
		}
	}
}

func TestDurationsAreWrittenInEachLanguage(t *testing.T) {
	const long = 25*time.Hour + 3*time.Minute + 4*time.Second
	for l, want := range map[lang][2]string{
		langKO: {"3분", "25시간 3분 4초"}, langEN: {"3m0s", "25h3m4s"},
	} {
		said := consoleTexts[l]
		if got := [2]string{said.duration(contract.Validity), said.duration(long)}; got != want {
			t.Errorf("%s: got %q, want %q", l, got, want)
		}
	}
}
