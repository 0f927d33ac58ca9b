#!/usr/bin/env bash
# Looks at the code without running it: eslint and prettier over TypeScript and JavaScript, clang-tidy over C++ (tests and fuzz targets left
# out: GoogleTest's macros and fixtures have names and forms of their own). With arguments: clang-tidy over those files only.
set -uo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.deps/node/bin:$PATH"
jobs=${JOBS:-$(nproc)}
failed=0

tidy() {
  printf '%s\0' "$@" | xargs -0 -P "$jobs" -n 2 clang-tidy-19 -p build --quiet 2>/dev/null || failed=1
}

if [ $# -gt 0 ]; then
  tidy "$@"
  exit $failed
fi
npx --no-install eslint . || failed=1
npx --no-install prettier --check . || failed=1
[ -f build/compile_commands.json ] || { echo "lint.sh: build first (make); clang-tidy needs build/compile_commands.json" >&2; exit 1; }
mapfile -t units < <(grep -oP '"file": "\K[^"]*' build/compile_commands.json | grep -E "^$PWD/(libs|apps|simulator|bindings)/" | grep -vE '_(test|fuzz)\.cpp$|/testing/' | sort -u)
tidy "${units[@]}"
[ $failed = 0 ] && echo "nothing found"
exit $failed
