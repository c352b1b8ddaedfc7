#!/usr/bin/env bash
# Installs what a goal lacks and nothing else: scripts/setup.sh demo|bench|window|lint|test|conformance
#
# On Debian and Ubuntu with apt-get (and sudo, unless root). Elsewhere it lists what is missing and stops.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/environment.sh
source scripts/environment.sh

goal=${1:-}
rust_needed=1.95.0
node_needed=20.19.0

case $goal in
  demo | bench | window | lint | test | conformance) ;;
  *)
    echo "usage: scripts/setup.sh demo|bench|window|lint|test|conformance" >&2
    exit 2
    ;;
esac

# Is version $1 at least version $2?
at_least() {
  [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]
}

check_rust() {
  if ! command -v cargo >/dev/null; then
    echo "Rust is missing: install Rust $rust_needed or newer with rustup, then try again." >&2
    exit 1
  fi
  local version
  version=$(cargo --version | awk '{ print $2 }')
  version=${version%%-*}
  if ! at_least "$version" "$rust_needed"; then
    echo "cargo $version is too old, $rust_needed or newer is needed: run \`rustup update stable\`, then try again." >&2
    exit 1
  fi
}

node_is_new_enough() {
  command -v node >/dev/null && command -v npm >/dev/null && at_least "$(node --version | tr -d v)" "$node_needed"
}

needs_node() {
  [ "$goal" = window ] || [ "$goal" = lint ] || [ "$goal" = test ]
}

# Debian packages of a goal, one a line.
packages() {
  command -v cc >/dev/null || echo build-essential
  [ "$goal" = demo ] && return
  if [ "$goal" = bench ]; then
    # A software GPU; Python for Mitsuba and Blender, and the libraries that Blender's package expects of the system.
    echo libvulkan1 mesa-vulkan-drivers python3 python3-venv | tr ' ' '\n'
    echo libgl1 libice6 libsm6 libx11-6 libxext6 libxfixes3 libxi6 libxkbcommon0 libxrender1 libxxf86vm1 | tr ' ' '\n'
    return
  fi
  if [ "$goal" = conformance ]; then
    # Two software GPUs; chromium (300 MB) is wanted only for its own, SwiftShader.
    echo libvulkan1 mesa-vulkan-drivers chromium | tr ' ' '\n'
    return
  fi
  echo pkg-config libwebkit2gtk-4.1-dev libayatana-appindicator3-dev librsvg2-dev libxdo-dev libxss-dev libdbus-1-dev | tr ' ' '\n'
  # Clippy reads the window's code, too, and needs the libraries that it names.
  [ "$goal" = window ] || [ "$goal" = lint ] && return
  # A software GPU for the tests of the GPU backend; a screen that nobody sees and a driver for the window's test.
  echo libvulkan1 mesa-vulkan-drivers webkit2gtk-driver xvfb xauth dbus dbus-x11 imagemagick | tr ' ' '\n'
}

installed() {
  [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

apt_install() {
  local run=(env DEBIAN_FRONTEND=noninteractive apt-get)
  if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null; then
      echo "As root, please run: apt-get install --no-install-recommends $*" >&2
      exit 1
    fi
    run=(sudo "${run[@]}")
  fi
  echo "Installing: $*"
  # The package lists may be old or absent: then fetch them, once.
  "${run[@]}" install --yes --no-install-recommends "$@" >/dev/null 2>&1 && return
  "${run[@]}" update
  "${run[@]}" install --yes --no-install-recommends "$@"
}

setup_debian() {
  local missing=() package
  while read -r package; do
    installed "$package" || missing+=("$package")
  done < <(packages)
  if needs_node && ! command -v npm >/dev/null; then
    command -v node >/dev/null || missing+=(nodejs)
    missing+=(npm)
  fi
  [ ${#missing[@]} = 0 ] || apt_install "${missing[@]}"
  # Mitsuba's llvm variants compile with the system's LLVM, and releases before 17 can't compile all that it writes. Not every system has
  # this package; the benchmark then says what is missing.
  if [ "$goal" = bench ] && ! installed libllvm19; then
    apt_install libllvm19 || echo "libllvm19 can't be installed: Mitsuba's llvm variant needs LLVM 17 or newer." >&2
  fi
}

# Elsewhere: look for the tools and libraries themselves, under the names that distributions share.
setup_elsewhere() {
  local missing=()
  need() { command -v "$1" >/dev/null || missing+=("$2"); }
  need cc "a C compiler and linker (cc)"
  if [ "$goal" = bench ]; then
    need python3 "Python 3.11 with its venv module"
  fi
  if needs_node; then
    need npm "Node.js $node_needed or newer with npm"
    if [ "$(uname -s)" = Linux ]; then
      need pkg-config "pkg-config"
      pkg-config --exists webkit2gtk-4.1 2>/dev/null || missing+=("WebKitGTK 4.1, development files")
      pkg-config --exists librsvg-2.0 2>/dev/null || missing+=("librsvg 2, development files")
    fi
  fi
  if [ "$goal" = test ]; then
    need WebKitWebDriver "WebKitWebDriver (the driver of WebKitGTK)"
    need xvfb-run "Xvfb with xvfb-run"
    need xauth "xauth"
    need dbus-run-session "D-Bus with dbus-run-session"
  fi
  [ ${#missing[@]} = 0 ] && return
  {
    echo "This is no Debian or Ubuntu, so please install these with your package manager, then try again:"
    printf '  - %s\n' "${missing[@]}"
  } >&2
  exit 1
}

# The system's Node.js may be too old: npm can fetch a newer one into the cache of this user.
setup_node() {
  needs_node || return 0
  node_is_new_enough && return
  echo "Fetching Node.js 20: the system's is older than $node_needed"
  mkdir -p "$raylance_cache/node"
  npm install --prefix "$raylance_cache/node" --no-audit --no-fund --loglevel=error node@20
  # shellcheck source=scripts/environment.sh
  source scripts/environment.sh
  hash -r
  if ! node_is_new_enough; then
    echo "Node.js $node_needed or newer with npm is needed, and could not be fetched: please install it, then try again." >&2
    exit 1
  fi
}

# Tools of the toolchain itself, where a minimal one left them out, and what checks licences and sources.
setup_lints() {
  [ "$goal" = lint ] || [ "$goal" = test ] || return 0
  local tool missing=()
  for tool in fmt clippy; do
    cargo "$tool" --version >/dev/null 2>&1 || missing+=("${tool/#fmt/rustfmt}")
  done
  [ ${#missing[@]} = 0 ] || rustup component add "${missing[@]}"
  cargo deny --version >/dev/null 2>&1 && return
  # It runs for seconds: compiling it in half the time is worth more than its own speed. Nothing of it is of use in our own target folder.
  CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_LTO=off env -u CARGO_TARGET_DIR cargo install --locked cargo-deny
}

check_rust
if command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; then
  setup_debian
else
  setup_elsewhere
fi
setup_node
setup_lints
