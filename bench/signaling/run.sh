#!/usr/bin/env bash
# This signaling server beside socket.io on Node.js; prints the figures of docs/measures.md and writes build/bench/signaling.json.
set -euo pipefail
cd "$(dirname "$0")/../.."
export PATH="$PWD/.deps/node/bin:$PATH"
exec node bench/signaling/bench.ts "$@"
