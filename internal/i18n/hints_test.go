package i18n

import "testing"

func TestHintsAreSaidInKorean(t *testing.T) {
	for english, want := range map[string]string{
		"set it to something from 1s to 1h":          "1s 이상 1h 이하로 설정하세요",
		`make it with: printf %s "$KEY" | sha256sum`: `다음 명령으로 만드세요: printf %s "$KEY" | sha256sum`,
		"a hint that nobody has translated":          "a hint that nobody has translated",
	} {
		if got := Hint(KO, english); got != want {
			t.Errorf("%s: got %q, want %q", english, got, want)
		}
		if got := Hint(EN, english); got != english {
			t.Errorf("%s: got %q in English, want it as it is", english, got)
		}
	}
}
