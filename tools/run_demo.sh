#!/usr/bin/env bash
# `make run`: the server and, beside it, a source that publishes the test pattern, until Ctrl+C.
set -euo pipefail
cd "$(dirname "$0")/.."
port=${PORT:-3001}
program=build/bin/p2p-stream

"$program" serve --port "$port" &
server=$!
trap 'kill "$source" "$server" 2>/dev/null; wait "$source" "$server" 2>/dev/null' EXIT
source=

# The source waits for the server by itself; the key keeps the stream's address the same from run to run.
"$program" publish --test-pattern --server "http://localhost:$port" --title "Test pattern" --key .deps/demo-stream.pem &
source=$!
wait -n "$server" "$source"
