#!/usr/bin/env bash
# Native peers in a network in a box: run.sh [WORLD.json]; VIEWERS=n changes how many. Writes build/bench/netbox.json.
set -euo pipefail
world=${1:+$(realpath "$1")}
cd "$(dirname "$0")/../.."
export PATH="$PWD/.deps/node/bin:$PATH" P2P_ARTIFACTS="$PWD/build/bench/netbox"
rm -rf "$P2P_ARTIFACTS"
exec node bench/netbox/bench.ts $world
