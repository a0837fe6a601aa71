#!/bin/sh
# Installs Chromium for the browser tests where it is missing: by apt, as root or through the sudo given as $1.
set -eu
for name in chromium chromium-browser google-chrome; do
  if command -v "$name" >/dev/null; then
    exit 0
  fi
done
if ! command -v apt-get >/dev/null || { [ "$(id -u)" != 0 ] && [ -z "${1-}" ]; }; then
  echo "The tests need Chromium: install chromium (or google-chrome) and a Korean font such as Noto Sans CJK, then run make test again." >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
${1-} apt-get update -q
${1-} apt-get install -q -y --no-install-recommends chromium fonts-noto-cjk
