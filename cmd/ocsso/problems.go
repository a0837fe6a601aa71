package main

import (
	"fmt"
	"io"

	"ocsso/internal/config"
	"ocsso/internal/member"
)

// A problemsError is everything that is wrong with a file of the operator's, to be mended in one go.
type problemsError struct{ config.Problems }

// write lists the problems, each with its hint, if it has one.
func (e *problemsError) write(w io.Writer) {
	for _, p := range e.Problems {
		fmt.Fprintf(w, "ocsso: %s\n", p)
		if p.Hint != "" {
			fmt.Fprintf(w, "hint: %s\n", p.Hint)
		}
	}
}

// memberProblems are those of a member file, which look the same.
func memberProblems(problems member.Problems) error {
	e := &problemsError{}
	for _, p := range problems {
		e.Problems = append(e.Problems, config.Problem(p))
	}
	return e
}
