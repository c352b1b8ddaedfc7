#!/usr/bin/env bash
# Which lines of the pure rooms their tests run: a table of files, and one line per room. RAYLANCE_SEEDS makes the coalitions shorter.
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

rooms=(protocol verify market ledger consensus)
report=$CARGO_TARGET_DIR/coverage.txt
cargo llvm-cov test --no-report --locked --release "${rooms[@]/#/-praylance-}" "$@"
cargo llvm-cov report --release --ignore-filename-regex '/tests/|tests\.rs|/testing\.rs' | tee "$report"
echo
# Columns of a file's row: name; regions, missed, cover; functions, missed, cover; lines, missed, cover.
awk '$8 ~ /^[0-9]+$/ && $1 ~ /\.rs$/ { split($1, part, "/src/"); n = split(part[1], path, "/"); lines[path[n]] += $8; missed[path[n]] += $9 }
  END { for (room in lines) printf "%-10s %.1f %% of %d lines\n", room, 100 * (1 - missed[room] / lines[room]), lines[room] }' "$report" | sort
