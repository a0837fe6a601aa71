#!/bin/sh
# Lists the packages that use goroutines or locks, or whose tests do, for the race detector. The tests of browsers have
# processes of their own.
set -eu
grep -rlE '^[[:space:]]+go (func|[a-zA-Z.]+)\(|"sync(/atomic)?"|"golang.org/x/sync|"testing/synctest"' --include='*.go' cmd internal web |
  xargs -n1 dirname | sort -u | grep -vE "enginetest|archtest|bench" | sed 's|^|./|'
