#!/usr/bin/env bash
# A card's whole life against a real `matron dev`: matron-card with a PIV chip behind pcscd, and with a token of SoftHSM.
#   card_life.sh MATRON [STEP]     STEP: the card is also pulled out after every STEP-th APDU of a renewal
# Builds the binaries and the virtual card, once install.sh has run. Runs in a network of its own, since the virtual reader
# listens on every interface; where that cannot be made it is skipped.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
matron=$(realpath "$1")

if [ "$(id -u)" != 0 ]; then
  echo "skipped: a card's life needs a network namespace of its own, which only root makes"
  exit 0
fi
"$here/build.sh"

target=${CARGO_TARGET_DIR:-$root/target}
export CARGO_TARGET_DIR=$target
cargo build --quiet --locked --manifest-path "$root/tests/virtual-card/Cargo.toml"
exec "$root/tests/virtual-card/room" python3 "$here/card_life.py" "$matron" "$target/debug/matron-card" \
  "$target/debug/matron-virtual-card" "${@:2}"
