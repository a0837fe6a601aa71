#!/bin/sh
# Tests in a copy of the tree what a fork does: it renames the module, merges from upstream, removes
# the tools and what guards this repository, adds files of its own, checks the types of everything,
# and runs the tests that read the tree's files. The other tests, and staticcheck, look at one
# package at a time, which is the same in a fork.
set -eu
cd "$(dirname "$0")/.."
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
tar -cf - --exclude=./.git --exclude=./bin --exclude=./dist . | tar -xf - -C "$copy"
cd "$copy"
export GIT_CEILING_DIRECTORIES="$(dirname "$copy")" # the copy is in no repository

fail() {
  echo "fork: $1" >&2
  exit 1
}

old=$(go list -m)
refused() { # name, part of the message
  if message=$(sh .ci/rename.sh "$1" 2>&1); then fail "make rename took the name '$1'"; fi
  case $message in *"$2"*) ;; *) fail "make rename refused '$1' with '$message', not with '$2'" ;; esac
  [ "$(go list -m)" = "$old" ] || fail "make rename refused '$1' and changed the module"
}
renames() { # name, part of the message
  message=$(sh .ci/rename.sh "$1")
  case $message in *"$2"*) ;; *) fail "make rename says '$message', not '$2'" ;; esac
}
refused "" "say to what"
refused "net/sso" "standard library"
refused "github.com/acme/our sso" "malformed import path"
refused "https://github.com/acme/sso" "malformed import path"
refused "github.com/acme/sso/" "malformed import path"
renames "$old" "nothing to rename"

new=help.acme.co.kr/sso/v2
renames "$new" "$old is $new now"
for package in $(go list ./...); do
  case $package in "$new" | "$new"/*) ;; *) fail "make rename left $package" ;; esac
done
sh .ci/generated.sh
go tool templ fmt -fail .
[ -z "$(gofmt -l .)" ] || fail "make rename left these unformatted: $(gofmt -l .)"
renames "$new" "nothing to rename"

merged=internal/app/merged.go
printf 'package app\n\nimport _ "ocsso/static" // from upstream\n' >$merged
renames "$new" "1 files that imported ocsso import $new now"
grep -q "^import _ \"$new/static\" // from upstream\$" $merged || fail "a merged file is now: $(cat $merged)"
rm $merged

git init --quiet
old=$new
refused "github.com/acme/sso" "uncommitted changes"
rm -r .git

rm -rf cmd/ocdev internal/devtools
go mod tidy
[ ! -d internal/repo ] || go test ./internal/repo # builds and runs the command
rm -rf internal/repo README.md README.ko.md
touch LICENSE Jenkinsfile
cp config.example.yaml config.yaml
echo "members: []" >members.yaml
go mod tidy
go vet ./... # of the tests, too
go test ./internal/archtest ./internal/config ./internal/contract ./static ./templates
go test ./cmd/ocsso -run 'TestScripts|Example|Accepts'
for package in github.com/chromedp/chromedp golang.org/x/net/html/charset golang.org/x/text/encoding; do
  if go list -deps -test ./... | grep -x "$package"; then fail "without the tools it still needs $package"; fi
done
if grep chromedp go.mod; then fail "go.mod still has chromedp"; fi
sh .ci/generated.sh
sh .ci/licenses.sh
