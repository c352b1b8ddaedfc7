#!/usr/bin/env bash
# Fuzzes one target for a while: fuzz/run.sh gltf|image|environment|packed_scene [SECONDS]
#
# Needs a nightly compiler (`rustup toolchain install nightly`) for the address sanitizer, and nothing else: the flags are those of
# cargo-fuzz, which works here as well. New finds of coverage go to target/, crashes to artifacts/.
set -euo pipefail
cd "$(dirname "$0")"

target=$1 seconds=${2:-600}
host=$(rustc +nightly -vV | sed -n 's/^host: //p')
out=${CARGO_TARGET_DIR:-$PWD/target}
export CARGO_TARGET_DIR=$out
export RUSTFLAGS="-Zsanitizer=address -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
-Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing -Cdebug-assertions"
# A target triple, so that build scripts are built without the sanitizer.
cargo +nightly build --locked --release --target "$host" --bin "$target"
[ "$seconds" = 0 ] && exit
mkdir -p "$out/corpus/$target" artifacts
limits=(-max_total_time="$seconds" -rss_limit_mb=4096 -malloc_limit_mb=4096 -timeout=30 -max_len=65536 -print_final_stats=1)
[ -e "dictionaries/$target.txt" ] && limits+=(-dict="dictionaries/$target.txt")
exec nice -n 19 "$out/$host/release/$target" "${limits[@]}" -artifact_prefix="artifacts/$target-" "$out/corpus/$target" "corpus/$target"
