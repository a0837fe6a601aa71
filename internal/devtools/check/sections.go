package check

import (
	"fmt"
	"strings"

	"ocsso/internal/contract"
)

// The words of Explain.
var (
	textLevels = map[Level]Text{
		Must:   {"must: the vendor's pages say so", "필수: 벤더 문서의 요구 사항"},
		Should: {"should: security and good practice beyond the vendor's pages", "권장: 벤더 문서 밖의 보안과 모범 사례"},
	}
	textNeeds = Text{"needs", "필요한 값"}
)

// Explain returns what the contract says about the matter of a case: its sections in English, and
// their summaries in Korean.
func (c Case) Explain(l Lang) string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s\n%s\n%s\n", c.ID, c.Requirement.In(l), textLevels[c.Level].In(l))
	if len(c.needs) > 0 {
		var flags []string
		for _, n := range c.needs {
			flags = append(flags, string(n))
		}
		fmt.Fprintf(&text, "%s: %s\n", textNeeds.In(l), strings.Join(flags, ", "))
	}
	for number := range strings.FieldsSeq(c.Sections) {
		fmt.Fprintf(&text, "\n%s. %s\n", number, section(number).In(l))
	}
	return text.String()
}

// section returns a section of the contract. Its title has both languages, and its Korean summary
// is a quotation.
func section(number string) Text {
	title, body, _ := strings.Cut(contract.Section(number), "\n")
	var lines Text
	for line := range strings.Lines(body) {
		if korean, ok := strings.CutPrefix(line, ">"); ok {
			lines.KO += strings.TrimPrefix(korean, " ")
		} else {
			lines.EN += line
		}
	}
	en, ko, _ := strings.Cut(title, " / ")
	return Text{en + "\n" + strings.TrimSpace(lines.EN), ko + "\n" + strings.TrimSpace(lines.KO)}
}
