// Package ocsso is the example of a configuration, for the command to begin a new one with. It is
// at the top because go:embed reaches no file above its own folder; the program is cmd/ocsso.
package ocsso

import _ "embed"

// ConfigExample is config.example.yaml: every setting with its default, and a comment that says
// what it means.
//
//go:embed config.example.yaml
var ConfigExample string
