#!/bin/sh
# Runs the SQL tests on PostgreSQL and MariaDB. Starts both in a temporary directory, on unix sockets only, and
# always stops and removes them. Installs what is missing by apt, as root or with the sudo in $1.
set -eu
cd "$(dirname "$0")/.."
project=$PWD

# found adds to PATH where Debian has the programs, and fails if one of them is missing.
found() {
  for bin in /usr/lib/postgresql/*/bin /usr/sbin; do
    PATH=$PATH:$bin
  done
  for program in initdb pg_ctl mariadbd mariadb-install-db mariadb-admin; do
    command -v "$program" >/dev/null || return 1
  done
}

if ! found; then
  if ! command -v apt-get >/dev/null || { [ "$(id -u)" != 0 ] && [ -z "${1-}" ]; }; then
    echo "The SQL tests need PostgreSQL and MariaDB: install postgresql and mariadb-server, then run make test-databases again." >&2
    exit 1
  fi
  ${1-} apt-get update -q
  ${1-} env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends postgresql mariadb-server
  found
fi

dir=$(mktemp -d /tmp/ocsso-databases.XXXXXX) # not in TMPDIR: a socket's path must be short
mariadb=
unprivileged=

stop() {
  cd "$dir"
  [ ! -f postgres/postmaster.pid ] || $unprivileged pg_ctl -D postgres -m immediate -s stop || true
  [ -z "$mariadb" ] || { kill "$mariadb" && wait "$mariadb"; } || true
  cd "$project"
  rm -rf "$dir"
}

trap stop EXIT
trap 'exit 1' HUP INT TERM

if [ "$(id -u)" = 0 ]; then # PostgreSQL refuses to run as root
  unprivileged="setpriv --reuid nobody --regid $(id -g nobody) --clear-groups"
  chown nobody "$dir"
fi

echo "start PostgreSQL and MariaDB in $dir"
cd "$dir" # the user nobody may not be allowed to enter the project
$unprivileged initdb -D postgres -U ocsso -A trust -E UTF8 --locale=C --no-sync >initdb.log
$unprivileged pg_ctl -D postgres -o "-F -k $dir -c listen_addresses=" -l postgres.log -s -w start

$unprivileged mariadb-install-db --no-defaults --datadir="$dir/mariadb" --auth-root-authentication-method=normal --skip-test-db >install.log
$unprivileged mariadbd --no-defaults --datadir="$dir/mariadb" --socket="$dir/mariadb.sock" --skip-networking >mariadb.log 2>&1 &
mariadb=$!
until mariadb-admin --no-defaults --socket="$dir/mariadb.sock" --user=root ping >/dev/null 2>&1; do
  kill -0 "$mariadb" || { cat mariadb.log >&2; exit 1; }
  sleep 0.2
done
mariadb-admin --no-defaults --socket="$dir/mariadb.sock" --user=root create ocsso

cd "$project"
OCSSO_TEST_POSTGRES_DSN="host=$dir user=ocsso dbname=postgres sslmode=disable" \
OCSSO_TEST_MYSQL_DSN="root@unix($dir/mariadb.sock)/ocsso" \
  go test ./internal/member/... -run SQL -count=1
