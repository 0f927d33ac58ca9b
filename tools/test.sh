#!/usr/bin/env bash
# Runs the tests: all, or one of  native  sanitize  web  e2e  netbox ; or  threads , which is not in all.  Ends with one line of counts.
set -uo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.deps/node/bin:$PATH"
jobs=${JOBS:-$(nproc)}
which=${1:-all}
logs=build/test-logs
results=$logs/results
mkdir -p "$logs"
: >"$results"

# step NAME COMMAND...: one check; its output is shown in full only when it fails.
step() {
  local name=$1 log
  shift
  log=$logs/${name// /-}.log
  local began=$SECONDS
  if "$@" >"$log" 2>&1; then
    echo "ok $name" >>"$results"
    printf 'ok      %-44s %4d s\n' "$name" $((SECONDS - began))
  else
    echo "FAILED $name" >>"$results"
    printf 'FAILED  %-44s %4d s\n%s\n' "$name" $((SECONDS - began)) "$(tail -n 120 "$log")"
  fi
}

# What is labelled real_time mostly waits, so more of it runs at once than there are processors.
headers() { step "headers stand alone" ninja -C build -j "$jobs" all_verify_interface_header_sets; }
native_tests() { step "unit and integration tests" ctest --test-dir build -j $((3 * jobs)) --output-on-failure; }
layers() { step "layers" python3 tools/check_layers.py; }
determinism() { step "native and WebAssembly decide alike" node --test bindings/wasm/test/determinism.test.mjs; }
sanitizer_build() { step "sanitizer build" build_sanitized; }
build_sanitized() { cmake --preset sanitize && ninja -C build/sanitize -j "$jobs"; }
sanitized_tests() { step "sanitized tests and fuzzing" ctest --test-dir build/sanitize -LE real_time -j "$jobs" --output-on-failure; }
sanitized_real_time() { step "sanitized tests in real time" ctest --test-dir build/sanitize -L real_time -j $((3 * jobs)) --output-on-failure; }

# What has threads, under the thread sanitizer. Its build takes five minutes of one processor, so it is not among all.
threaded=(net_test transport_test watch_test)
thread_build() { step "thread sanitizer build" build_threaded; }
build_threaded() { cmake --preset thread-sanitize && ninja -C build/thread-sanitize -j "$jobs" "${threaded[@]}"; }
threads() {
  thread_build
  step "tests under the thread sanitizer" ctest --test-dir build/thread-sanitize -R "^($(IFS='|'; echo "${threaded[*]}"))\$" -j "$jobs" --output-on-failure
}

native() { headers; native_tests; layers; determinism; }
sanitize() { sanitizer_build; sanitized_tests; sanitized_real_time; }

web() {
  step "client package types" npm run --silent check -w @p2p-stream/client
  step "client package tests" npm test --silent -w @p2p-stream/client
  step "web application types" npm run --silent check -w @p2p-stream/web
  step "web application tests" npm test --silent -w @p2p-stream/web
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

# All. What computes goes first, beside what mostly waits; browsers then have the machine to themselves: two processors that play six
# pictures and compile hold pages up for seconds.
all() {
  set -m # a process group of its own, which can be ended as one
  (
    renice -n 15 "$BASHPID" >/dev/null
    sanitizer_build; sanitized_tests; headers; layers; determinism
  ) &
  local computing=$!
  set +m
  trap 'kill -- "-$computing" 2>/dev/null' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  native_tests
  netbox
  web
  wait "$computing"
  trap - EXIT INT TERM
  sanitized_real_time
  e2e
}

case $which in
  all | native | sanitize | threads | web | e2e | netbox) "$which" ;;
  *) echo "test.sh: no tests called $which; try native, sanitize, threads, web, e2e, netbox" >&2; exit 2 ;;
esac

# What failed is said once more at the end, in few lines: the output above may be long, or lost.
while read -r state name; do
  [ "$state" = FAILED ] || continue
  echo "failed: $name"
  grep -E -A 6 ': Failure$|^ *✖ |AssertionError|ERROR: |SUMMARY: |error: ' "$logs/${name// /-}.log" | cut -c 1-200 | head -n 40 | sed 's/^/  /'
done <"$results"
failed=$(grep -c '^FAILED ' "$results")
echo "$(grep -c '^ok ' "$results") passed, $failed failed"
[ "$failed" = 0 ]
