#!/bin/sh
# Lists the packages that use goroutines or locks, or whose tests do, for the race detector.
# Browsers have processes of their own, and the checker's goroutines run in the tests of cmd/ocdev,
# too.
set -eu
grep -rlE '^[[:space:]]+go (func|[a-zA-Z.]+)\(|"sync(/atomic)?"|"golang.org/x/sync|"testing/synctest"' --include='*.go' cmd internal web |
  xargs -n1 dirname | sort -u | grep -vE "enginetest|archtest|bench|devtools/check" | sed 's|^|./|'
