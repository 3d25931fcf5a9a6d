#!/usr/bin/env bash
# Installs what the real parts need, or names what is missing. Debian packages as root, npm and PyPI by lock files.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

packages=()
have() { compgen -G "$1" >/dev/null || packages+=("$2"); } # a file of that pattern
need() { command -v "$1" >/dev/null 2>&1 || packages+=("$2"); }
if [ "$(id -u)" = 0 ]; then # a card's life, which needs a network of its own
  need pcscd pcscd
  need unshare util-linux
  need ip iproute2
  need softhsm2-util softhsm2
  need piv-tool opensc
  have '/usr/lib/pcsc/drivers/serial/libifdvpcd.so*' vsmartcard-vpcd
  have '/usr/include/PCSC/winscard.h' libpcsclite-dev
  have '/usr/lib/llvm-*/lib/libclang.so' libclang-dev # beside it lie libclang-cpp and, without headers, libclang.so.1
fi
need pkg-config pkg-config
have '/usr/include/openssl/x509.h' libssl-dev
need oathtool oathtool
need chromium chromium
need certutil libnss3-tools
need node nodejs
need npm npm
need python3 python3
python3 -c 'import venv, ensurepip' 2>/dev/null || packages+=(python3-venv)
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || packages+=(postgresql)
fc-list 2>/dev/null | grep -qi dejavu || packages+=(fontconfig fonts-dejavu-core)

if [ "${#packages[@]}" -gt 0 ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing Debian packages: ${packages[*]}"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
  else
    echo "missing, and not root on Debian so not installed: ${packages[*]}" >&2
    exit 3
  fi
fi

(cd "$here" && npm ci --silent --ignore-scripts)
if [ ! -x "$here/venv/bin/python" ] || ! cmp -s "$here/requirements.txt" "$here/venv/requirements.txt"; then
  rm -rf "$here/venv"
  python3 -m venv "$here/venv"
  "$here/venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
  cp "$here/requirements.txt" "$here/venv/requirements.txt"
fi
