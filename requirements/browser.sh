#!/bin/sh
# Find a Chromium for the browser tests, or fetch one: the system's first, then Debian's package (root), then
# the one that Playwright publishes. Ends with an error and one sentence when there is none to be had.
set -u
bin=$1
for name in chromium chromium-browser google-chrome google-chrome-stable; do
  command -v "$name" >/dev/null 2>&1 && exit 0
done
[ -d "/Applications/Google Chrome.app" ] && exit 0
"$bin/python" - <<'PY' && exit 0
import pathlib, sys
from playwright.sync_api import sync_playwright
with sync_playwright() as p:
    sys.exit(0 if pathlib.Path(p.chromium.executable_path).exists() else 1)
PY
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
  echo "Installing Chromium for the browser tests (once) ..."
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-noto-core libatomic1 >/dev/null && exit 0
fi
"$bin/playwright" install chromium && exit 0
echo "The browser tests need Chromium and none could be installed. On Debian or Ubuntu: sudo apt-get install chromium" >&2
exit 1
