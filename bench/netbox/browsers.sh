#!/usr/bin/env bash
# Chromium behind bad lines; writes build/bench/browsers.json.
set -euo pipefail
cd "$(dirname "$0")/../.."
export PATH="$PWD/.deps/node/bin:$PATH"
export P2P_ARTIFACTS="$PWD/build/netbox"
exec node bench/netbox/browsers.ts "$@"
