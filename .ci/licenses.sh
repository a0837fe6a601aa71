#!/bin/sh
# Fails if a binary contains a package under a licence that is not allowed. If $1 is given, writes to that file the
# list of these packages and the texts of their licences, which must be shipped with the binary.
set -eu
cd "$(dirname "$0")/.."
allowed=Apache-2.0,BSD-2-Clause,BSD-3-Clause,ISC,MIT,MPL-2.0
module=$(go list -m)
commands=$(go list ./cmd/...) # a fork may have removed ocdev
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# licenses hides the tool's warnings unless it fails. There is one for each package with assembly code and for each
# licence whose address is unknown.
licenses() {
  # shellcheck disable=SC2086 # a list
  go tool -modfile=.ci/tools.mod go-licenses "$@" --ignore "$module" $commands 2>"$log" || { cat "$log" >&2; exit 1; }
}

licenses check --allowed_licenses "$allowed"
if [ -n "${1-}" ]; then
  mkdir -p "$(dirname "$1")"
  licenses report --template .ci/licenses.tmpl >"$1"
fi
