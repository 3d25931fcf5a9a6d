#!/usr/bin/env bash
# A PostgreSQL of its own for the tests: temporary folder, loopback, random port. Usage: postgres.sh start DIR | stop DIR
# `start` prints the server's URL. As root it runs as nobody, since initdb refuses root.
set -euo pipefail
action=$1
dir=$2
bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
as=()
[ "$(id -u)" = 0 ] && as=(setpriv --reuid=nobody --regid=nogroup --clear-groups)

case $action in
  start)
    port=$((30000 + RANDOM % 20000))
    mkdir -p "$dir"
    chmod 755 "$dir"
    [ "$(id -u)" = 0 ] && chown nobody:nogroup "$dir"
    cd "$dir"
    "${as[@]}" "$bin/initdb" -D "$dir/data" -U pg -A trust --no-sync --locale=C -E UTF8 >"$dir/initdb.log" 2>&1
    "${as[@]}" "$bin/pg_ctl" -D "$dir/data" -w -l "$dir/log" \
      -o "-p $port -k $dir -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=300" start >/dev/null
    echo "postgres://pg@127.0.0.1:$port/postgres"
    ;;
  stop)
    cd "$dir"
    "${as[@]}" "$bin/pg_ctl" -D "$dir/data" -m immediate stop >/dev/null 2>&1 || true
    ;;
esac
