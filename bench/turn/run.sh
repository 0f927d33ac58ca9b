#!/usr/bin/env bash
# The embedded TURN relay beside coturn; prints the figures of docs/measures.md and writes build/bench/turn.json.
set -euo pipefail
cd "$(dirname "$0")/../.."
export PATH="$PWD/.deps/node/bin:$PATH"
exec node bench/turn/bench.ts "$@"
