#!/usr/bin/env bash
# `make run`: the server and, beside it, a source that publishes the test pattern, until Ctrl+C.
set -euo pipefail
cd "$(dirname "$0")/.."
port=${PORT:-3001}
program=build/bin/p2p-stream

"$program" serve --port "$port" &
server=$!
source=
trap 'kill $source $server 2>/dev/null; wait' EXIT

# Until the port answers, or the server has said why it cannot.
until (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
  kill -0 "$server" 2>/dev/null || exit 1
  read -r -t 0.1 <> <(:) || true
done

# The key keeps the stream's address the same from run to run.
"$program" publish --test-pattern --server "http://localhost:$port" --title "Test pattern" --key .deps/demo-stream.pem &
source=$!
wait -n "$server" "$source"
