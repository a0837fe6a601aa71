#!/bin/sh
# Fails when the binary contains a package of others under a licence that isn't allowed here. It also writes to the file $1,
# if it is given, what has to go along with a binary that is given away: the list of them and the texts of their licences.
set -eu
cd "$(dirname "$0")/.."
allowed=Apache-2.0,BSD-2-Clause,BSD-3-Clause,ISC,MIT,MPL-2.0
module=$(go list -m)
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# licenses keeps the tool's warnings to itself when all is well: one for each package with assembly in it, and for each
# licence that it can't find the address of.
licenses() {
  go tool -modfile=.ci/tools.mod go-licenses "$@" --ignore "$module" ./cmd/ocsso 2>"$log" || { cat "$log" >&2; exit 1; }
}

licenses check --allowed_licenses "$allowed"
if [ -n "${1-}" ]; then
  mkdir -p "$(dirname "$1")"
  licenses report --template .ci/licenses.tmpl >"$1"
fi
