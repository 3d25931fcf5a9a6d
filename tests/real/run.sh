#!/usr/bin/env bash
# Real parts against a real `matron dev`: npm openid-client, PyPI Authlib and schemathesis, OpenSSL and pkilint on everything published,
# headless Chromium with a card in its key store.
# Usage: tests/real/run.sh PATH_TO_MATRON [DATABASE_URL]. Everything listens on loopback; what is started here is ended here, by pid.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
matron=$1
database=${2:-}
port=${MATRON_REAL_PORT:-24443}
work=$(mktemp -d)
policy=/etc/chromium/policies/managed/matron-tests.json
server=""

finish() {
  [ -n "$server" ] && kill "$server" 2>/dev/null && wait "$server" 2>/dev/null
  rm -f "$policy"
  rm -rf "$work"
}
trap finish EXIT

mkdir -p "$(dirname "$policy")"
cat >"$policy" <<JSON
{ "AutoSelectCertificateForUrls": ["{\"pattern\":\"https://localhost:$((port + 1))\",\"filter\":{}}"] }
JSON

# Another organisation, which federated.test.mjs plays when it is its turn.
export MATRON_REAL_UPSTREAM_PORT=$((port + 4)) MATRON_REAL_UPSTREAM_SECRET="a secret between two organisations"
printf '%s' "$MATRON_REAL_UPSTREAM_SECRET" >"$work/upstream-secret"
cat >"$work/federation.toml" <<TOML
[[federation]]
id = "nhs-net"
name = "NHS.net Connect (demo)"
issuer = "http://127.0.0.1:$MATRON_REAL_UPSTREAM_PORT"
client_id = "matron-real"
client_secret_file = "upstream-secret"
required_acr = ["mfa"]
required_amr = ["otp"]
TOML

"$matron" dev --dir "$work/dev" --port "$port" --federation "$work/federation.toml" ${database:+--database "$database"} >"$work/out" 2>"$work/err" &
server=$!
for _ in $(seq 1 300); do
  grep -q '^ready' "$work/out" && break
  kill -0 "$server" 2>/dev/null || { echo "matron dev ended before it was ready:"; cat "$work/out" "$work/err"; exit 1; }
  read -r -t 0.2 <> <(:) || true
done
grep -q '^ready' "$work/out" || { echo "matron dev was not ready within a minute"; cat "$work/err"; exit 1; }

export MATRON_DIR="$work/dev"
export MATRON_CARD=${MATRON_CARD:-$(dirname "$(realpath "$matron")")/matron-card}
export NODE_EXTRA_CA_CERTS="$work/dev/pki/tls-root.pem"
export REQUESTS_CA_BUNDLE="$work/dev/pki/tls-root.pem"
status=0
cd "$here"
"$here/venv/bin/python" authlib_client.py || status=1
"$here/venv/bin/python" api_checks.py || status=1
"$here/venv/bin/python" pki_checks.py || status=1
node --test --test-concurrency=1 --test-reporter=spec ./*.test.mjs || status=1
[ "$status" = 0 ] || { echo "--- what matron dev said"; tail -n 40 "$work/err"; }
exit "$status"
