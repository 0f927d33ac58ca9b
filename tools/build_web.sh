#!/usr/bin/env bash
# The WebAssembly modules, optimised, into the client package and the web application; the web application into apps/web/dist. Does nothing when both are newer
# than what they are made of.
set -euo pipefail
cd "$(dirname "$0")/.."

# optimise BUILT MODULE
optimise() {
  if [ -f "$2" ] && [ ! "$1" -nt "$2" ]; then return; fi
  mkdir -p "$(dirname "$2")"
  node_modules/.bin/wasm-opt -O3 --enable-bulk-memory --enable-sign-ext --enable-mutable-globals --enable-nontrapping-float-to-int \
    --enable-simd "$1" -o "$2"
}
optimise build/wasm/bin/p2p-stream.wasm packages/p2p-client/wasm/p2p-stream.wasm
# Of the debug page only.
optimise build/wasm/bin/p2p-simulator.wasm apps/web/wasm/p2p-simulator.wasm

made=apps/web/dist/index.html
if [ ! -f "$made" ] || [ -n "$(find apps/web packages/p2p-client package-lock.json -newer "$made" -type f \
  -not -path '*/node_modules/*' -not -path 'apps/web/dist/*' -print -quit)" ]; then
  (cd apps/web && npm run --silent build -- --logLevel warn)
  node tools/bundle_sizes.mjs
  touch "$made"
fi
