# shellcheck shell=bash
# Sourced by the Makefile and the scripts: where things are built and which tools are found first.

raylance_cache=${XDG_CACHE_HOME:-$HOME/.cache}/raylance

# Outside the checkout, so that several checkouts share what they compile. A caller's choice wins.
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$raylance_cache/target}

# rustup puts cargo here; a shell that has not been restarted does not look there yet.
if ! command -v cargo >/dev/null && [ -x "$HOME/.cargo/bin/cargo" ]; then
  export PATH=$HOME/.cargo/bin:$PATH
fi

# A newer Node.js than the system's, when setup.sh had to fetch one.
raylance_node=$raylance_cache/node/node_modules/node/bin
if [ -x "$raylance_node/node" ]; then
  export PATH=$raylance_node:$PATH
fi
