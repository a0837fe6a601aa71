#!/bin/sh
# Fails when the Go code of the templates, or a table of the READMEs, is not what make generate writes. It works in a copy, so
# that it neither changes the tree nor needs it to be committed.
set -eu
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
cp -R go.mod go.sum README.md README.ko.md config.example.yaml cmd internal static templates web "$copy"
(cd "$copy" && find . -name '*_templ.go' -delete && go tool templ generate -include-version=false -log-level error && go run ./internal/readme)
for file in README.md README.ko.md $(find templates internal -name '*_templ.go') $(cd "$copy" && find templates internal -name '*_templ.go'); do
  cmp "$file" "$copy/$file" || { echo "run make generate: $file is out of date" >&2; exit 1; }
done
