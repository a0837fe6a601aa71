#!/bin/sh
# Fails when the Go code of the templates is not what make generate writes. It works in a copy, so that it
# does not change the tree and needs no commit.
set -eu
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
cp -R go.mod go.sum cmd internal static templates web "$copy"
(cd "$copy" && find . -name '*_templ.go' -delete && go tool templ generate -include-version=false -log-level error)
for file in $(find cmd templates internal -name '*_templ.go') $(cd "$copy" && find cmd templates internal -name '*_templ.go'); do
  cmp "$file" "$copy/$file" || { echo "run make generate: $file is out of date" >&2; exit 1; }
done
