#!/usr/bin/env bash
# without_patch.sh NUMBER [GTEST-FILTER]: builds transport_test with every patch but that one and runs it. A test must fail.
set -euo pipefail
number=${1:?"Give the number of a patch, such as 0002."}
filter=${2:-*}
cd "$(dirname "$0")/../.."
patch=$(echo "$PWD"/third_party/libdatachannel/patches/"$number"-*.patch)
[ -f "$patch" ] || { echo "without_patch.sh: there is no patch $number." >&2; exit 2; }
build=$PWD/build/without-$number
rm -rf "$build/source"
mkdir -p "$build"
cp -r .deps/libdatachannel/source "$build/source"
(cd "$build/source" && GIT_CEILING_DIRECTORIES=$build git apply --reverse --whitespace=nowarn "$patch") \
  || { echo "without_patch.sh: a later patch builds on $number; it cannot be left out alone." >&2; exit 1; }
cmake --preset release -B "$build" "-DP2P_DATACHANNEL_SOURCE=$build/source" "-DP2P_FOLDERS=wire;scoring;media;p2p-core;directory;transport" >"$build/configure.log"
ninja -C "$build" transport_test >"$build/ninja.log" || { tail -20 "$build/ninja.log"; exit 1; }
"$build/bin/transport_test" "--gtest_filter=$filter"
