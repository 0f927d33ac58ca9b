#!/usr/bin/env bash
# Minutes of load and abuse on the signaling server, then the same on its sanitizer build (SECONDS_SOAK, 600, and a tenth of it).
set -euo pipefail
cd "$(dirname "$0")/../.."
export PATH="$PWD/.deps/node/bin:$PATH"
cmake --preset sanitize >build/configure-sanitize.log 2>&1 || { cat build/configure-sanitize.log; exit 1; }
ninja -C build/sanitize -j "${JOBS:-$(nproc)}" p2p-stream
exec node bench/signaling/soak.ts "$@"
