#!/bin/sh
# Draws the application's icons from raylance.svg. Needs Chromium (exact SVG, transparent ground) and ImageMagick.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf '<body style="margin:0"><img src="file://%s/raylance.svg" style="display:block;width:1024px;height:1024px"></body>' "$PWD" >"$work/page.html"
"${CHROMIUM:-chromium}" --headless --no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync \
    --hide-scrollbars --allow-file-access-from-files --default-background-color=00000000 --window-size=1024,1024 \
    --user-data-dir="$work/profile" --screenshot="$work/1024.png" "file://$work/page.html" >"$work/log" 2>&1
draw() { convert "$work/1024.png" -filter Lanczos -resize "$1x$1" -strip -define png:color-type=6 -define png:exclude-chunks=date,time "$2"; }
draw 32 32x32.png
draw 128 128x128.png
draw 256 128x128@2x.png
draw 512 icon.png
convert icon.png -define icon:auto-resize=256,64,48,32,16 icon.ico
