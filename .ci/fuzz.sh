#!/bin/sh
# Runs every fuzz target of the module for $1, one by one, because go test runs only one at a time. Give $1 as a number
# of runs ("20000x"): at the end of a given time, go test may fail with "context deadline exceeded".
set -eu
grep -rlE '^func Fuzz' --include='*_test.go' . | while read -r file; do
  for target in $(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\).*/\1/p' "$file"); do
    echo "fuzz $target in $(dirname "$file")"
    go test -run '^$' -fuzz "^$target\$" -fuzztime "$1" -fuzzminimizetime 10x "$(dirname "$file")"
  done
done
