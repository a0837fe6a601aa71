#!/bin/sh
# Tests make release with this machine's archive and one for Windows.
set -eu
cd "$(dirname "$0")/.."
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

fail() {
  echo "make release: $1" >&2
  exit 1
}

for wrong in "" 1.2.3 v1.2 "v1.2.3 x"; do
  if sh .ci/release.sh "$wrong" "$out" >"$out.log" 2>&1; then fail "took the version '$wrong'"; fi
  grep -q "say which version" "$out.log" || fail "refused '$wrong' with '$(cat "$out.log")'"
done
rm "$out.log"
version=v9.8.7-rc.1
commands=$(ls cmd) # a fork may have removed ocdev
platform=$(go env GOOS)_$(go env GOARCH)
PLATFORMS="windows/arm64 $(go env GOOS)/$(go env GOARCH)" sh .ci/release.sh "$version" "$out" >/dev/null
cd "$out"
sha256sum --check --quiet SHA256SUMS
for file in "ocsso_${version}_$platform.tar.gz" "ocsso_${version}_windows_arm64.zip" "ocsso_$version.cdx.json"; do
  grep -q " $file\$" SHA256SUMS || fail "has no sum of $file in $(cat SHA256SUMS)"
done
for command in $commands; do
  unzip -l "ocsso_${version}_windows_arm64.zip" | grep -q "ocsso_${version}_windows_arm64/$command.exe" || fail "has no $command.exe in its zip"
done
grep -q '"github.com/go-chi/chi/v5"' "ocsso_$version.cdx.json" || fail "has no chi in its SBOM"
tar -xzf "ocsso_${version}_$platform.tar.gz"
cd "ocsso_${version}_$platform"
for command in $commands; do
  case $(./$command version) in "$command $version "*) ;; *) fail "made a binary that says $(./$command version)" ;; esac
done
grep -q "Apache License" licenses.txt || fail "has no licences"
