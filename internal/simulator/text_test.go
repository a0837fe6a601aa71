package simulator

import (
	"reflect"
	"strings"
	"testing"
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
			if name := value.Type().Field(i).Name; value.Field(i).IsZero() && !(l == langEN && name == "others") {
				t.Errorf("console, %s: %s is empty", l, name)
			}
		}
	}
}

func TestTheKoreanConsoleKnowsEverySentence(t *testing.T) {
	for _, sentence := range []string{
		problemRequired, problemType, problemURL, problemService, problemName, problemPlace,
		string(CauseSeconds), string(CauseReturnURLSigned), string(CauseReturnURLUnsigned), string(CauseBlankSigned), string(CausePlusLost),
		string(CausePercentEncoded), string(CauseOrder), string(CauseEncoding), string(CauseKey),
		string(CauseMemberNoUnsigned), string(CauseSpaces), string(CauseKeySpaces), string(CauseKeyHex), string(CauseNoKey),
	} {
		if consoleKO.say(sentence) == sentence {
			t.Errorf("%q is not in Korean", sentence)
		}
	}
}
