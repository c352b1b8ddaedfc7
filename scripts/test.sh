#!/usr/bin/env bash
# Everything that must pass before a change is taken, in one go: `make test`.
#
# Stops at the first step that fails. The closing lines of each test runner ("test result: …", "N passed, N failed")
# are held back and shown once, at the very end.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh test
# shellcheck source=scripts/environment.sh
source scripts/environment.sh

logs=$CARGO_TARGET_DIR/test-logs
bindings=$CARGO_TARGET_DIR/bindings
rm -rf "$logs" "$bindings"
mkdir -p "$logs"

# One selection of crates and features for building and testing: each dependency is compiled once.
selection=(--release --locked --workspace --features raylance-desktop/custom-protocol)
closing='^(test result: |[[:space:]]*[0-9]+ passed, [0-9]+ failed)'

finish() {
  local log
  echo
  for log in "$logs"/*.log; do
    if grep -qE "$closing" "$log"; then
      echo "── $(basename "$log" .log | sed 's/^[0-9]*-//; s/-/ /g')"
      grep -E "$closing" "$log"
    fi
  done
  echo "── $1"
}

number=0
step() {
  local name=$1 began=$SECONDS log
  shift
  number=$((number + 1))
  log=$logs/$(printf '%02d' "$number")-${name// /-}.log
  printf '\n━━ %d  %s\n' "$number" "$name"
  if "$@" 2>&1 | tee "$log" | { grep --line-buffered -vE "$closing" || true; }; then
    printf '━━ %d  %s: passed in %d s\n' "$number" "$name" "$((SECONDS - began))"
  else
    printf '━━ %d  %s: FAILED after %d s\n' "$number" "$name" "$((SECONDS - began))"
    finish "make test: failed in step $number ($name) after $SECONDS s"
    exit 1
  fi
}

cargo_test() {
  # Cargo names the folder of this variable relative to each crate; it is absolute here.
  TS_RS_EXPORT_DIR=$bindings cargo test "${selection[@]}"
}

step "page build" scripts/page.sh
step "page types" npm --prefix ui run check
step "page tests" npm --prefix ui test
step "compile" cargo build "${selection[@]}" --bins --tests
step "crate tests" cargo_test
step "house rules" "$CARGO_TARGET_DIR/release/xtask" tidy
step "contracts" "$CARGO_TARGET_DIR/release/xtask" bless --check --bindings "$bindings"
step "window test" npm --prefix ui run e2e

finish "make test: all $number steps passed in $SECONDS s"
