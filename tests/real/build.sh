#!/usr/bin/env bash
# Builds `matron` and `matron-card` as all real parts use them: in one call, so that no crate is built twice. The card client
# with its readers, which need libpcsclite, wherever install.sh has put it.
set -euo pipefail
cd "$(dirname "$0")/../.."
readers=()
pkg-config --exists libpcsclite 2>/dev/null && readers=(--features matron-card-client/readers)
cargo build --quiet --package matron-gateway --package matron-card-client "${readers[@]}"
