#!/usr/bin/env bash
# The WebAssembly module, optimised, into the client package; the web application into apps/web/dist. Does nothing when both are newer
# than what they are made of.
set -euo pipefail
cd "$(dirname "$0")/.."

built=build/wasm/bin/p2p-stream.wasm
module=packages/p2p-client/wasm/p2p-stream.wasm
if [ ! -f "$module" ] || [ "$built" -nt "$module" ]; then
  mkdir -p "$(dirname "$module")"
  node_modules/.bin/wasm-opt -O3 --enable-bulk-memory --enable-sign-ext --enable-mutable-globals --enable-nontrapping-float-to-int \
    --enable-simd "$built" -o "$module"
fi

made=apps/web/dist/index.html
if [ ! -f "$made" ] || [ -n "$(find apps/web packages/p2p-client package-lock.json -newer "$made" -type f \
  -not -path '*/node_modules/*' -not -path 'apps/web/dist/*' -print -quit)" ]; then
  (cd apps/web && npm run --silent build -- --logLevel warn)
  node tools/bundle_sizes.mjs
  touch "$made"
fi
