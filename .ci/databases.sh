#!/bin/sh
# Runs the SQL tests on MariaDB, too. Starts it in a temporary directory, on a unix socket only, and always stops and
# removes it. Installs what is missing by apt, as root or with the sudo in $1. It is apart from install.sh because
# Debian's MariaDB takes the place of a MySQL server that is there.
set -eu
cd "$(dirname "$0")/.."
project=$PWD
PATH=$PATH:/usr/sbin

found() {
  for program in mariadbd mariadb-install-db mariadb-admin; do
    command -v "$program" >/dev/null || return 1
  done
}

if ! found; then
  if ! command -v apt-get >/dev/null || { [ "$(id -u)" != 0 ] && [ -z "${1-}" ]; }; then
    echo "The SQL tests need MariaDB: install mariadb-server, then run make test-databases again." >&2
    exit 1
  fi
  ${1-} apt-get update -q
  ${1-} env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends mariadb-server
  found
fi

dir=$(mktemp -d /tmp/ocsso-databases.XXXXXX) # not in TMPDIR: a socket's path must be short
mariadb=
unprivileged=

stop() {
  [ -z "$mariadb" ] || { kill "$mariadb" && wait "$mariadb"; } || true
  cd "$project"
  rm -rf "$dir"
}

trap stop EXIT
trap 'exit 1' HUP INT TERM

if [ "$(id -u)" = 0 ]; then # MariaDB refuses to run as root
  unprivileged="setpriv --reuid nobody --regid $(id -g nobody) --clear-groups"
  chown nobody "$dir"
fi

echo "start MariaDB in $dir"
cd "$dir" # the user nobody may not be allowed to enter the project
$unprivileged mariadb-install-db --no-defaults --datadir="$dir/mariadb" --auth-root-authentication-method=normal --skip-test-db >install.log
$unprivileged mariadbd --no-defaults --datadir="$dir/mariadb" --socket="$dir/mariadb.sock" --skip-networking >mariadb.log 2>&1 &
mariadb=$!
until mariadb-admin --no-defaults --socket="$dir/mariadb.sock" --user=root ping >/dev/null 2>&1; do
  kill -0 "$mariadb" || { cat mariadb.log >&2; exit 1; }
  sleep 0.2
done
mariadb-admin --no-defaults --socket="$dir/mariadb.sock" --user=root create ocsso

cd "$project"
OCSSO_TEST_MYSQL_DSN="root@unix($dir/mariadb.sock)/ocsso" go test ./internal/member/memberdb -count=1
