#!/usr/bin/env bash
# Minutes of watching and broadcasting, and joins and leaves, with the pages' memory (MINUTES, 15; JOINS, 50).
set -euo pipefail
cd "$(dirname "$0")/../.."
export PATH="$PWD/.deps/node/bin:$PATH"
exec node bench/pages/soak.ts "$@"
