// Package nearest finds the word that somebody probably meant.
package nearest

import "strings"

// Word returns the one of words that is most like word, or "" when none is like it: a few letters
// are wrong, or one of the two contains the other. Case and the difference of "-" and "_" don't
// count. The first one wins among equals.
func Word(word string, words []string) string {
	word = plain(word)
	nearest, least := "", 2+len(word)/4
	for _, other := range words {
		if cost := Distance(word, plain(other)); cost < least {
			nearest, least = other, cost
		}
	}
	if nearest != "" || len(word) < 3 {
		return nearest
	}
	for _, other := range words {
		if like := plain(other); strings.Contains(like, word) || strings.Contains(word, like) && len(like) >= 3 {
			return other
		}
	}
	return ""
}

func plain(word string) string { return strings.ReplaceAll(strings.ToLower(word), "-", "_") }

// Distance is the Levenshtein distance: how many letters to add, drop or change to turn a into b.
func Distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}
