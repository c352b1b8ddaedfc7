# Raylance: what people and machines do most often. Each target installs what it lacks (scripts/setup.sh).
#
#   make demo [SCENE=path] [CHEAT=drop-samples]   a whole network on this machine renders a picture
#   make window                                   the desktop application
#   make test                                     everything that must pass before a change is taken
#   make conformance                              the bits of every graphics driver here beside the CPU's
#   make leaves                                   ten million leaves on every driver beside the CPU's: hours
#   make bench-render                             our renderer beside Mitsuba and Blender Cycles: minutes, one JSON object
#   make bench-ledger                             transfers, payments, proofs, the dearest transactions: one JSON object
#   make bench-market                             what a message costs the artist's machine: one JSON object
#   make bench-agent                              what an event costs a whole peer, and a start: one JSON object
#   make sim                                      whole peers in random worlds: one JSON object
#   make soak                                     a ring whose processes are killed a hundred times: minutes
#   make coverage                                 which lines of the pure rooms their tests run
#   make lint                                     the part of `make test` that runs nothing: format, clippy, house rules, licences

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# Every recipe starts from the same environment: target folder, tools.
ENV := source scripts/environment.sh &&
# One selection of crates and features everywhere, that of scripts/test.sh: each dependency is compiled once.
SELECTION := --release --locked --workspace --features raylance-desktop/custom-protocol
BUILD := cargo build $(SELECTION)
XTASK := "$$CARGO_TARGET_DIR/release/xtask"

.PHONY: help demo window test conformance leaves bench-render bench-ledger bench-market bench-agent sim soak coverage lint fmt bless gallery

help:
	@sed -n '/^#/!q; s/^# \{0,1\}//p' Makefile

demo:
	@scripts/setup.sh demo
	@$(ENV) $(BUILD) --bin raylance
	@$(ENV) exec "$$CARGO_TARGET_DIR/release/raylance" demo $(if $(SCENE),--scene "$(SCENE)") $(if $(CHEAT),--cheat "$(CHEAT)")

window:
	@scripts/setup.sh window
	@$(ENV) scripts/page.sh
	@$(ENV) $(BUILD) --bin raylance-desktop
	@$(ENV) exec "$$CARGO_TARGET_DIR/release/raylance-desktop"

test:
	@scripts/test.sh

# The last line of its output is the JSON object. BENCH passes arguments on, such as BENCH="--repeat 1 --only raylance".
bench-render:
	@scripts/setup.sh bench >&2
	@$(ENV) $(BUILD) --bin raylance --bin bench-render --bin measure
	@$(ENV) "$$CARGO_TARGET_DIR/release/bench-render" $(BENCH)

# BENCH passes arguments on: BENCH="--accounts 1000000 --disk".
bench-ledger bench-market bench-agent:
	@scripts/setup.sh demo >&2
	@$(ENV) $(BUILD) --bin raylance --bin $@
	@$(ENV) "$$CARGO_TARGET_DIR/release/$@" $(BENCH)

# SIM passes arguments on: SIM="--seeds 10000", SIM="--seed 7", SIM="--large".
sim:
	@scripts/setup.sh demo >&2
	@$(ENV) $(BUILD) --bin raylance-sim
	@$(ENV) "$$CARGO_TARGET_DIR/release/raylance-sim" $(SIM)

# RAYLANCE_SOAK_SEED chooses another run.
soak:
	@scripts/setup.sh demo
	@$(ENV) cargo test $(SELECTION) --test e2e -- --ignored --nocapture soak::

# Of protocol, verify, market, ledger and consensus. Needs LLVM tools of the compiler's own version: from rustup, or the system's.
coverage:
	@scripts/coverage.sh

# Every device of this machine, then SwiftShader, a second software driver that Debian's chromium brings along: minutes.
# The last step tries random scenes on it; tests of one crate alone compile some dependencies with other features once more.
SWIFTSHADER := /usr/lib/chromium/vk_swiftshader_icd.json
conformance:
	@scripts/setup.sh conformance
	@$(ENV) $(BUILD) --bin raylance
	@$(ENV) "$$CARGO_TARGET_DIR/release/raylance" conformance
	@$(ENV) [ ! -e $(SWIFTSHADER) ] || VK_DRIVER_FILES=$(SWIFTSHADER) "$$CARGO_TARGET_DIR/release/raylance" conformance
	@$(ENV) [ ! -e $(SWIFTSHADER) ] || RAYLANCE_SWIFTSHADER=1 cargo test --release --locked -p raylance-tracer --lib swiftshader

# LEAVES says how many; ten million take hours on a software driver.
leaves:
	@scripts/setup.sh conformance
	@$(ENV) $(BUILD) --bin raylance
	@$(ENV) "$$CARGO_TARGET_DIR/release/raylance" conformance --leaves $(or $(LEAVES),10000000)
	@$(ENV) [ ! -e $(SWIFTSHADER) ] || VK_DRIVER_FILES=$(SWIFTSHADER) "$$CARGO_TARGET_DIR/release/raylance" conformance --leaves $(or $(LEAVES),10000000)

lint:
	@scripts/test.sh lint

fmt:
	@$(ENV) cargo fmt --all

# Small scenes of our own, one per feature, drawn anew: some minutes.
gallery:
	@scripts/setup.sh demo
	@$(ENV) $(BUILD) --bin raylance --bin gallery
	@$(ENV) "$$CARGO_TARGET_DIR/release/gallery"

bless:
	@scripts/setup.sh demo
	@$(ENV) $(BUILD) --bin xtask
	@$(ENV) $(XTASK) bless
