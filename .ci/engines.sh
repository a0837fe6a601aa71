#!/bin/sh
# Runs the journeys of members in Firefox and WebKitGTK. Those in Chromium are in make test.
# Installs what is missing by apt, as root or with the sudo in $1.
set -eu
cd "$(dirname "$0")/.."
if [ ! -d internal/devtools ]; then
  echo "There is no demo to try in other browser engines without internal/devtools."
  exit
fi

missing=
for program in firefox-esr:firefox-esr WebKitWebDriver:webkit2gtk-driver Xvfb:xvfb; do
  command -v "${program%:*}" >/dev/null || missing="$missing ${program#*:}"
done
if [ -n "$missing" ]; then
  if ! command -v apt-get >/dev/null || { [ "$(id -u)" != 0 ] && [ -z "${1-}" ]; }; then
    echo "The journeys in other browser engines need these packages of Debian: install them and run make test-engines again:$missing" >&2
    exit 1
  fi
  ${1-} apt-get update -q
  # shellcheck disable=SC2086 # a list
  ${1-} env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing
fi

OCSSO_ENGINES=${OCSSO_ENGINES:-firefox,webkit} go test ./internal/devtools/enginetest -count=1 -timeout 20m
