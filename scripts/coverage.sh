#!/usr/bin/env bash
# Which lines of the pure rooms their own tests run: a table per file, and one line per room.
#
# Uses cargo-llvm-cov. It wants llvm-cov and llvm-profdata of the compiler's LLVM: the rustup component llvm-tools, or on Debian and Ubuntu
# the package llvm-NN, named by LLVM_COV and LLVM_PROFDATA.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh demo
# shellcheck source=scripts/environment.sh
source scripts/environment.sh

command -v cargo-llvm-cov >/dev/null || cargo install --locked cargo-llvm-cov
major=$(rustc --version --verbose | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p')
if [ -z "${LLVM_COV:-}" ] && command -v "llvm-cov-$major" >/dev/null; then
  LLVM_COV=$(command -v "llvm-cov-$major")
  LLVM_PROFDATA=$(command -v "llvm-profdata-$major")
  export LLVM_COV LLVM_PROFDATA
fi

for room in protocol verify market ledger consensus; do
  cargo llvm-cov test --locked --release -p "raylance-$room" --ignore-filename-regex "(/tests/|tests\.rs|crates/(?!$room/))" "$@" |
    tee "$CARGO_TARGET_DIR/coverage-$room.txt"
done
echo
for room in protocol verify market ledger consensus; do
  printf '%-10s %s of lines\n' "$room" "$(awk '/^TOTAL/ { print $10 }' "$CARGO_TARGET_DIR/coverage-$room.txt")"
done
