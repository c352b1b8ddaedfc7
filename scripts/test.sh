#!/usr/bin/env bash
# Everything that must pass before a change is taken, in one go: `make test`. With the argument `lint` only what needs no running
# program: `make lint`.
#
# Stops at the first step that fails; what fails fastest comes first. The closing lines of each test runner ("test result: …",
# "N passed, N failed") are held back and shown once, at the very end.
set -euo pipefail
cd "$(dirname "$0")/.."

goal=${1:-test}
scripts/setup.sh "$goal"
# shellcheck source=scripts/environment.sh
source scripts/environment.sh

logs=$CARGO_TARGET_DIR/$goal-logs
bindings=$CARGO_TARGET_DIR/bindings
rm -rf "$logs" "$bindings"
mkdir -p "$logs"

# One selection of crates and features for building, linting and testing: each dependency is compiled once, and looked at by clippy once.
selection=(--release --locked --workspace --features raylance-desktop/custom-protocol)
# Rooms without clock, dice and I/O, cheap enough to be tested a second time with every debug assertion.
pure=(-p raylance-protocol -p raylance-verify -p raylance-market -p raylance-ledger -p raylance-consensus -p raylance-agent
  -p raylance-sim)
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
    finish "make $goal: failed in step $number ($name) after $SECONDS s"
    exit 1
  fi
}

house_rules() {
  cargo build "${selection[@]}" --bin xtask && "$CARGO_TARGET_DIR/release/xtask" tidy
}

cargo_test() {
  # Cargo names the folder of this variable relative to each crate; it is absolute here.
  TS_RS_EXPORT_DIR=$bindings cargo test "${selection[@]}"
}

step "format" cargo fmt --all --check
# The database of advisories lies elsewhere and changes by the day: a change that was good yesterday would fail today.
step "licences and sources" cargo deny --locked check bans licenses sources
step "page build" scripts/page.sh
step "page types" npm --prefix ui run check
step "house rules" house_rules
step "clippy" cargo clippy "${selection[@]}" --all-targets -- -D warnings
if [ "$goal" = test ]; then
  step "page tests" npm --prefix ui test
  step "pure rooms with debug assertions" cargo test --profile checked --locked "${pure[@]}"
  step "compile" cargo build "${selection[@]}" --bins --tests
  step "crate tests" cargo_test
  step "contracts" "$CARGO_TARGET_DIR/release/xtask" bless --check --bindings "$bindings"
  step "window test" npm --prefix ui run e2e
fi

finish "make $goal: all $number steps passed in $SECONDS s"
