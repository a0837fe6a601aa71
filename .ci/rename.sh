#!/bin/sh
# Renames the Go module to $1 in go.mod and in every import. After a merge from upstream, the same $1 renames what the
# merged files import. The product keeps its name: the binary, the environment variables (OCSSO_), the cookie, the
# metrics and all texts stay.
set -eu
cd "$(dirname "$0")/.."

fail() {
  echo "rename: $1" >&2
  exit 1
}

new=${1-}
old=$(go list -m)
upstream=ocsso
[ -n "$new" ] || fail "say to what: make rename MODULE=github.com/acme/sso"
! [ -e "$(go env GOROOT)/src/${new%%/*}" ] || fail "${new%%/*} is a name of the standard library"

names=$upstream
[ "$new" = "$old" ] || names="$(echo "$old" | sed 's/\./\\./g')|$upstream"
# Only lines that import: "ocsso" is in other texts, too.
import="^(import |[[:space:]]+)([_a-zA-Z0-9.]+ )?\"($names)((/[^\"]*)?\"([[:space:]]+//.*)?)\$"
files=$(find . -path './.*' -prune -o \( -name '*.go' -o -name '*.templ' \) -exec grep -lE "$import" {} +) || true
if [ "$new" = "$old" ] && { [ "$new" = "$upstream" ] || [ -z "$files" ]; }; then
  echo "the module is $new already, and there is nothing to rename"
  exit
fi
# A rename that fails half-way can be undone by git only if there are no other changes.
if git rev-parse --git-dir >/dev/null 2>&1 && [ -n "$(git status --porcelain)" ]; then
  fail "there are uncommitted changes: commit or stash them first, so that git can undo this"
fi
go mod edit -module="$new" # refuses an invalid module path, before anything has changed

echo "$files" | while read -r file; do
  # sed -i differs between Linux and macOS, so it is not used.
  sed -E "s#$import#\1\2\"$new\4#" "$file" >"$file.renamed"
  cat "$file.renamed" >"$file" # keeps the mode of the file
  rm "$file.renamed"
done
gofmt -w *.go cmd internal static templates web # sorts imports by their new path
go tool templ fmt -log-level error .
go tool templ generate -include-version=false -log-level error
go vet ./...
if [ "$new" = "$old" ]; then
  echo "$(echo "$files" | wc -l | tr -d ' ') files that imported $upstream import $new now: run make test and make check, and commit them"
else
  echo "$old is $new now: run make test and make check, and commit it"
fi
