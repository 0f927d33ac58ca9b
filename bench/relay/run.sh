#!/usr/bin/env bash
# What relaying costs a native peer on loopback; prints the figures of docs/measures.md and writes build/bench/relay.json.
set -euo pipefail
cd "$(dirname "$0")/../.."
export PATH="$PWD/.deps/node/bin:$PATH"
exec node bench/relay/bench.ts "$@"
