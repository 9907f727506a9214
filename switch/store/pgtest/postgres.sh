#!/usr/bin/env bash
# A private PostgreSQL for tests, from Debian's package postgresql, away from
# any cluster of the system. Run as root it becomes postgres or nobody.
#
#   postgres.sh run FOLDER PORT    starts it, says "ready", and stops it and
#                                  removes FOLDER when its input ends
#   postgres.sh crash FOLDER       stops it without a word to its clients
#   postgres.sh start FOLDER PORT  starts it again after that
#
# FOLDER is made; it holds the socket. On 127.0.0.1:PORT the user strowger needs
# the password in FOLDER/password; through the socket none is asked for.
set -euo pipefail

verb=$1 dir=$2 port=${3:-}
if ! bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1) || [[ -z $bin ]]; then
  server=$(command -v postgres) || { echo "PostgreSQL is not installed: apt-get install postgresql" >&2; exit 3; }
  bin=$(dirname "$(readlink -f "$server")")
fi
as=()
if [[ $(id -u) -eq 0 ]]; then
  user=nobody
  id postgres >/dev/null 2>&1 && user=postgres
  as=(runuser -u "$user" --)
fi
control() { (cd "$dir" && "${as[@]}" "$bin/pg_ctl" -D "$dir/data" -s -w -t 60 "$@"); }

make() {
  mkdir -p "$dir"
  [[ -e $dir/password ]] || head -c 18 /dev/urandom | base64 | tr '+/' '-_' >"$dir/password"
  if [[ $(id -u) -eq 0 ]]; then chown -R "$user" "$dir"; fi
  (cd "$dir" && "${as[@]}" "$bin/initdb" -D "$dir/data" -U strowger -E UTF8 --locale=C.UTF-8 --no-sync \
    --auth-local=trust --auth-host=scram-sha-256 --pwfile="$dir/password") >"$dir/initdb.log" 2>&1 || { cat "$dir/initdb.log" >&2; exit 1; }
}

start() {
  # Nothing here has to survive a power failure.
  control -l "$dir/log" -o "-c listen_addresses=127.0.0.1 -p $port -k '$dir' -c fsync=off -c shared_buffers=32MB -c max_connections=60" start >&2 ||
    { tail -n 20 "$dir/log" >&2; exit 1; }
}

case $verb in
run)
  make
  trap 'control -m immediate stop >/dev/null 2>&1 || true; rm -rf "$dir"' EXIT
  trap '' INT # the terminal's: the test ends first, and then the input
  start
  echo ready
  cat >/dev/null
  ;;
crash) control -m immediate stop ;;
start) start ;;
*)
  echo "unknown verb $verb" >&2
  exit 2
  ;;
esac
