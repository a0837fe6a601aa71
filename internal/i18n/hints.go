package i18n

import (
	_ "embed"
	"regexp"
	"strings"
)

// Hints are what the commands say to do about an error: pairs of an English line and a Korean one.
// "…" stands for what differs, in the same order, and the first line that fits counts.
//
//go:embed hints.ko.txt
var hints string

// Hint returns what a command says to do, in lang. Where there is no Korean, it stays in English.
func Hint(lang Lang, english string) string {
	if lang != KO {
		return english
	}
	for pair := range strings.SplitSeq(strings.TrimSpace(hints), "\n\n") {
		from, to, _ := strings.Cut(pair, "\n")
		pattern := strings.ReplaceAll(regexp.QuoteMeta(from), "…", "(.+)")
		if found := regexp.MustCompile("(?s)^" + pattern + "$").FindStringSubmatch(english); found != nil {
			for _, differs := range found[1:] {
				to = strings.Replace(to, "…", differs, 1)
			}
			return to
		}
	}
	return english
}
