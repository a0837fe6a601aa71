#!/bin/sh
# Tests make rename in a copy of the tree. A name that can't be a module is refused and changes nothing;
# after a rename the code builds and is formatted.
set -eu
cd "$(dirname "$0")/.."
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
cp -R .ci .gitignore go.mod go.sum example.go config.example.yaml cmd deploy internal static templates web *.md "$copy"
cd "$copy"
export GIT_CEILING_DIRECTORIES="$(dirname "$copy")" # the copy is in no repository

fail() {
  echo "make rename: $1" >&2
  exit 1
}

old=$(go list -m)
refused() { # name, part of the message
  if message=$(sh .ci/rename.sh "$1" 2>&1); then fail "took the name '$1'"; fi
  case $message in *"$2"*) ;; *) fail "refused '$1' with '$message', not with '$2'" ;; esac
  [ "$(go list -m)" = "$old" ] || fail "refused '$1' and changed the module"
}
refused "" "say to what"
refused "$old" "already"
refused "net/sso" "standard library"
refused "github.com/acme/our sso" "malformed import path"
refused "https://github.com/acme/sso" "malformed import path"
refused "github.com/acme/sso/" "malformed import path"

new=help.acme.co.kr/sso/v2
sh .ci/rename.sh "$new" >/dev/null
[ "$(go list ./cmd/...)" = "$new/cmd/ocsso" ] || fail "left the command as $(go list ./cmd/...)"
go test ./internal/archtest
sh .ci/generated.sh
go tool templ fmt -fail .
[ -z "$(gofmt -l .)" ] || fail "left these unformatted: $(gofmt -l .)"

git init --quiet
old=$new
refused "github.com/acme/sso" "uncommitted changes"
