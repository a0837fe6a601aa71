// Package contract is the text of the member-integration contract, which comments cite as "CONTRACT
// 7" and "D8".
package contract

import (
	_ "embed"
	"regexp"
)

//go:embed CONTRACT.md
var text string

// Section returns a section by its number, such as "7" or "D8": from its title, without the number,
// to the next one. It is "" for a number that the contract hasn't.
func Section(number string) string {
	found := regexp.MustCompile(`(?ms)^#+ ` + regexp.QuoteMeta(number) + `\. (.*?)\n(?:#|\z)`).FindStringSubmatch(text)
	if found == nil {
		return ""
	}
	return found[1]
}
