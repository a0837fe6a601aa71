#!/bin/sh
# Fails when ocsso can look methods up by name, as text/template and html/template do: then the
# linker keeps every exported method of every type in use, and the binary is half as large again.
# ocdev can: chromedp's JSON does so.
set -eu
cd "$(dirname "$0")/.."
dependencies=$(mktemp)
trap 'rm -f "$dependencies"' EXIT
# What the linker keeps and why, a line each: user -> used.
CGO_ENABLED=0 go build -trimpath -ldflags=-dumpdep -o /dev/null ./cmd/ocsso >"$dependencies" 2>&1 ||
  { tail "$dependencies" >&2; exit 1; }
grep -q '^main\.main ->' "$dependencies" || { echo "-dumpdep says nothing of main.main" >&2; exit 1; }
if grep -- '-> .* <ReflectMethod>' "$dependencies" >&2; then
  echo "cmd/ocsso: because of the functions on the right it keeps every exported method" >&2
  exit 1
fi
