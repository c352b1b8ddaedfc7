#!/usr/bin/env bash
# Builds the page of the window into ui/dist, which must exist before the window is compiled.
set -euo pipefail
cd "$(dirname "$0")/../ui"

# npm writes this file last, so it is as new as the installed packages.
if [ ! node_modules/.package-lock.json -nt package-lock.json ]; then
  npm ci --no-audit --no-fund
fi
npm run build
