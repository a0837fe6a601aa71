#!/bin/sh
# Installs the programs that the tests need, if they are missing, by apt, as root or with the sudo in $1.
set -eu
for bin in /usr/sbin /usr/lib/postgresql/*/bin; do # not in everybody's PATH
  PATH=$PATH:$bin
done

# any succeeds if one of the programs is installed.
any() {
  for program in "$@"; do
    if command -v "$program" >/dev/null; then
      return 0
    fi
  done
  return 1
}

missing=
any chromium chromium-browser google-chrome || missing="$missing chromium fonts-noto-cjk"
any redis-server || missing="$missing redis-server"
any postgres || missing="$missing postgresql"
any pgbouncer || missing="$missing pgbouncer"
any nginx || missing="$missing nginx-light"
any haproxy || missing="$missing haproxy"
any promtool || missing="$missing prometheus"
any zip && any unzip || missing="$missing zip unzip"
any npm || missing="$missing npm" # downloads axe-core
if [ -z "$missing" ]; then
  exit 0
fi
if ! command -v apt-get >/dev/null || { [ "$(id -u)" != 0 ] && [ -z "${1-}" ]; }; then
  echo "The tests need Chromium (with a Korean font), Redis, PostgreSQL, PgBouncer, nginx, HAProxy, promtool, zip and npm. Install these, or the packages of your system for them:$missing" >&2
  exit 1
fi
${1-} apt-get update -q
# shellcheck disable=SC2086 # a list
${1-} env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing
