#!/usr/bin/env bash
# A card's whole life against a real `matron dev`: matron-card with a PIV chip behind pcscd, and with a token of SoftHSM.
#   card_life.sh MATRON [STEP]     STEP: the card is also pulled out after every STEP-th APDU of a renewal
# Builds the card client and the virtual card. As root on Debian it installs what it needs; otherwise it says what is
# missing and is skipped. Runs in a network of its own, since the virtual reader listens on every interface.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
matron=$(realpath "$1")

packages=()
need() { command -v "$1" >/dev/null 2>&1 || packages+=("$2"); }
have() { compgen -G "$1" >/dev/null || packages+=("$2"); } # a file of that pattern
need pcscd pcscd
need unshare util-linux
need ip iproute2
need softhsm2-util softhsm2
need piv-tool opensc
need pkg-config pkg-config
have '/usr/lib/pcsc/drivers/serial/libifdvpcd.so*' vsmartcard-vpcd
have '/usr/include/PCSC/winscard.h' libpcsclite-dev
have '/usr/lib/llvm-*/lib/libclang.so' libclang-dev # beside it lie libclang-cpp and, without headers, libclang.so.1
if [ "$(id -u)" != 0 ]; then
  echo "skipped: a card's life needs a network namespace of its own, which only root makes${packages[*]:+; and the Debian packages ${packages[*]}}"
  exit 0
fi
if [ "${#packages[@]}" -gt 0 ]; then
  command -v apt-get >/dev/null 2>&1 || { echo "skipped: a card's life needs ${packages[*]}"; exit 0; }
  echo "installing Debian packages: ${packages[*]}"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
fi

target=${CARGO_TARGET_DIR:-$root/target}
export CARGO_TARGET_DIR=$target
cargo build --quiet --manifest-path "$root/Cargo.toml" --package matron-card-client --features readers
cargo build --quiet --locked --manifest-path "$root/tests/virtual-card/Cargo.toml"
exec "$root/tests/virtual-card/room" python3 "$here/card_life.py" "$matron" "$target/debug/matron-card" \
  "$target/debug/matron-virtual-card" "${@:2}"
