package main

import "strings"

// langs are the languages of operators' text.
var langs = []string{"ko", "en"}

// systemLang returns the one of langs that the environment asks for.
func systemLang(term terminal) string {
	for _, variable := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if value, _ := term.lookupEnv(variable); value != "" {
			if strings.HasPrefix(value, "ko") {
				return "ko"
			}
			break
		}
	}
	return "en"
}
