#!/bin/sh
# What the tests drive besides Python packages: a Chromium (needed) and nginx (used when found). The system's own
# first, then Debian's packages (as root), then the Chromium that Playwright publishes. Ends with an error and one
# sentence when no Chromium is to be had.
set -u
bin=$1

chromium_found() {
  for name in chromium chromium-browser google-chrome google-chrome-stable; do
    command -v "$name" >/dev/null 2>&1 && return 0
  done
  "$bin/python" - 2>/dev/null <<'PY'
import pathlib, sys
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    sys.exit(0 if pathlib.Path(playwright.chromium.executable_path).exists() else 1)
PY
}

nginx_found() { command -v nginx >/dev/null 2>&1 || [ -x /usr/sbin/nginx ]; }

wanted=""
chromium_found || wanted="$wanted chromium fonts-noto-core libatomic1"
nginx_found || wanted="$wanted nginx-light"
[ -z "$wanted" ] && exit 0

if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
  echo "Installing for the tests (once):$wanted"
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $wanted >/dev/null
fi
chromium_found && exit 0
"$bin/playwright" install chromium && exit 0
echo "The browser tests need Chromium and none could be installed. On Debian or Ubuntu: sudo apt-get install chromium" >&2
exit 1
