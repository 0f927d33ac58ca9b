#!/usr/bin/env bash
# What a relay's engine costs, natively and in WebAssembly; prints the figures of docs/measures.md and writes build/bench/engine.json.
set -euo pipefail
cd "$(dirname "$0")/../.."
export PATH="$PWD/.deps/node/bin:$PATH"
# The client's sources have a const enum, which plain stripping of types does not take.
exec node --experimental-transform-types --disable-warning=ExperimentalWarning bench/engine/bench.ts "$@"
