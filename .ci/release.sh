#!/bin/sh
# Makes the files of a release in the folder $2: an archive for each platform, the list of what is in the binary
# (SBOM, CycloneDX) and SHA256SUMS. $1 is the version, such as v1.2.3. PLATFORMS="linux/amd64" makes one archive.
set -eu
cd "$(dirname "$0")/.."
version=${1-}
out=${2-}
platforms=${PLATFORMS:-linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64}

fail() {
  echo "release: $1" >&2
  exit 1
}

echo "$version" | grep -Eq '^v[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$' || fail "say which version: make release VERSION=v1.2.3"
[ -n "$out" ] || fail "say where to write the files"
command -v zip >/dev/null || fail "it needs zip: apt-get install zip"
mkdir -p "$out"
[ -z "$(ls -A "$out")" ] || fail "$out is not empty"
out=$(cd "$out" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sh .ci/licenses.sh "$work/licenses.txt"

for platform in $platforms; do
  os=${platform%/*}
  name=ocsso_${version}_${os}_${platform#*/}
  mkdir "$work/$name"
  exe=
  [ "$os" != windows ] || exe=.exe
  for command in cmd/*; do # a fork may have removed ocdev
    CGO_ENABLED=0 GOOS=$os GOARCH=${platform#*/} go build -trimpath -buildvcs=false -ldflags="-s -w -X main.version=$version" \
      -o "$work/$name/${command#cmd/}$exe" "./$command"
  done
  cp "$work/licenses.txt" config.example.yaml "$work/$name"
  cp README*.md "$work/$name" 2>/dev/null || true # a fork may have none
  [ "$os" != linux ] || cp deploy/ocsso.service "$work/$name"
  if [ "$os" = windows ]; then
    (cd "$work" && zip -qrX "$out/$name.zip" "$name")
  else
    tar -C "$work" --owner=0 --group=0 --numeric-owner --sort=name -czf "$out/$name.tar.gz" "$name"
  fi
done
go tool -modfile=.ci/tools.mod cyclonedx-gomod bin -json -std -version "$version" -output "$out/ocsso_$version.cdx.json" "$work/$name/ocsso$exe" 2>"$work/log" ||
  { cat "$work/log" >&2; exit 1; }
cd "$out"
sha256sum -- * >"$work/SHA256SUMS"
mv "$work/SHA256SUMS" .
ls -l
