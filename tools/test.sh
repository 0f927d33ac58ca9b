#!/usr/bin/env bash
# Runs the tests: all, or one of  native  sanitize  web  e2e  netbox .  Ends with one line of counts.
set -uo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.deps/node/bin:$PATH"
jobs=${JOBS:-$(nproc)}
which=${1:-all}
passed=0
failed=0
failures=()

# step NAME COMMAND...: one check; its output is shown in full only when it fails.
step() {
  local name=$1 log
  shift
  log=build/test-logs/${name// /-}.log
  mkdir -p build/test-logs
  local began=$SECONDS
  if "$@" >"$log" 2>&1; then
    passed=$((passed + 1))
    printf 'ok      %-44s %4d s\n' "$name" $((SECONDS - began))
  else
    failed=$((failed + 1))
    failures+=("$name")
    printf 'FAILED  %-44s %4d s\n' "$name" $((SECONDS - began))
    tail -n 120 "$log"
  fi
}

native() {
  step "headers stand alone" ninja -C build -j "$jobs" all_verify_interface_header_sets
  step "unit and integration tests" ctest --test-dir build --output-on-failure
  step "layers" python3 tools/check_layers.py
  step "native and WebAssembly decide alike" node --test bindings/wasm/test/determinism.test.mjs
}

sanitize() {
  cmake --preset sanitize >build/configure-sanitize.log 2>&1 || { cat build/configure-sanitize.log; exit 1; }
  step "sanitizer build" ninja -C build/sanitize -j "$jobs"
  step "sanitized tests and fuzzing" ctest --test-dir build/sanitize --output-on-failure
}

web() {
  step "client package types" npm run --silent check -w @p2p-stream/client
  step "client package tests" npm test --silent -w @p2p-stream/client
  step "web application types" npm run --silent check -w @p2p-stream/web
  step "browser test types" npm run --silent check -w @p2p-stream/e2e
  step "integration test types" npm run --silent check -w @p2p-stream/integration
  step "eslint" npx --no-install eslint .
  step "prettier" npx --no-install prettier --check .
  step "network test types" npm run --silent check -w @p2p-stream/netbox
  step "bench types" npm run --silent check -w @p2p-stream/bench-engine
}

e2e() {
  rm -rf build/e2e
  [ -f tests/interop/package.json ] && step "socket.io clients" npm test --silent -w ./tests/interop
  step "browsers" npm test --silent -w @p2p-stream/e2e
}

# Real programs in namespaces with lines and NATs between them. Elsewhere than as root on Linux that cannot be; said, not hidden.
netbox() {
  local why
  if ! why=$(node tests/netbox/src/available.ts); then
    printf 'skipped %-44s %s\n' "network in a box" "$why"
    return
  fi
  rm -rf build/netbox
  step "network in a box" env P2P_ARTIFACTS="$PWD/build/netbox" npm test --silent -w @p2p-stream/netbox
}

case $which in
  all) native; web; e2e; netbox; sanitize ;;
  native | sanitize | web | e2e | netbox) "$which" ;;
  *) echo "test.sh: no tests called $which; try native, sanitize, web, e2e, netbox" >&2; exit 2 ;;
esac

[ "$failed" = 0 ] || printf 'failed: %s\n' "${failures[@]}"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
