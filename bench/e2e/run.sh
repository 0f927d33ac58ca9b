#!/usr/bin/env bash
# Four Chromium viewers on this machine; prints the figures of docs/measures.md and writes build/bench/e2e.json.
set -euo pipefail
cd "$(dirname "$0")/../.."
export PATH="$PWD/.deps/node/bin:$PATH"
exec node bench/e2e/bench.ts "$@"
