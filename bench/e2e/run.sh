#!/usr/bin/env bash
# Four Chromium viewers on this machine, then two of a stream that a browser makes; prints the figures of docs/measures.md and writes
# build/bench/e2e.json and e2e-browser.json.
set -euo pipefail
cd "$(dirname "$0")/../.."
export PATH="$PWD/.deps/node/bin:$PATH"
node bench/e2e/bench.ts "$@"
SOURCE=browser VIEWERS=${BROWSER_VIEWERS:-2} node bench/e2e/bench.ts "$@"
