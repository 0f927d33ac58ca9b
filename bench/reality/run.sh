#!/usr/bin/env bash
# The same world with native peers in a network in a box and in the simulator: run.sh [WORLD.json]. Writes build/bench/reality.json.
set -euo pipefail
world=${1:+$(realpath "$1")}
cd "$(dirname "$0")/../.."
export PATH="$PWD/.deps/node/bin:$PATH" P2P_ARTIFACTS="$PWD/build/bench/reality"
rm -rf "$P2P_ARTIFACTS"
exec node bench/reality/bench.ts ${world:-bench/reality/worlds/twenty.json}
