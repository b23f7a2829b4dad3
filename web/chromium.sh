#!/bin/sh
# The browser of the browser tests, with letters for Chinese. Debian's own; installing it takes root.
set -e
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  apt-get update -qq
  install() { DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends fonts-noto-cjk "$1" >/dev/null; }
  # Older Debian has no headless shell by itself.
  install chromium-headless-shell 2>/dev/null || install chromium
else
  echo "缺少浏览器测试所需的 Chromium：请执行 sudo apt-get install chromium fonts-noto-cjk" >&2
  echo "Chromium is missing, which the browser tests need: sudo apt-get install chromium fonts-noto-cjk" >&2
  exit 1
fi
