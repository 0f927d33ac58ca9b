#!/usr/bin/env bash
# Fetches libdatachannel's source into .deps/libdatachannel/source and applies patches/. Called by tools/setup.sh; does nothing
# when the same source and patches are there already.
set -euo pipefail
cd "$(dirname "$0")"
here=$PWD
deps=$(cd ../.. && pwd)/.deps/libdatachannel

wanted=$(cat fetch.sh Cargo.toml Cargo.lock patches/*.patch | sha256sum | cut -d' ' -f1)
if [ -f "$deps/.fetched" ] && [ "$(cat "$deps/.fetched")" = "$wanted" ]; then exit 0; fi

# Debian's older `cargo` cannot read the lock file; the package cargo-web can.
cargo=/usr/bin/cargo
[ -x "$cargo" ] || cargo=$(command -v cargo || true)
[ -n "$cargo" ] || { echo "libdatachannel: cargo is missing. Install the Debian package cargo-web, then try again." >&2; exit 1; }

echo "libdatachannel: fetching its source" >&2
work=$deps/fetching
rm -rf "$work"
mkdir -p "$work"
CARGO_HOME=$work/cargo "$cargo" vendor --quiet --locked --versioned-dirs "$work/vendor" >/dev/null \
  || { echo "libdatachannel: cargo vendor failed; the lines above say why." >&2; exit 1; }

source=$(echo "$work"/vendor/datachannel-sys-*/libdatachannel)
for patch in "$here"/patches/*.patch; do
  # The ceiling hides the surrounding repository: git would apply relative to its root and skip what it ignores.
  (cd "$source" && GIT_CEILING_DIRECTORIES=$(dirname "$source") git apply --whitespace=nowarn "$patch") \
    || { echo "libdatachannel: $(basename "$patch") does not apply to the fetched source." >&2; exit 1; }
done

rm -rf "$deps/source"
mv "$source" "$deps/source"
rm -rf "$work"
printf '%s' "$wanted" >"$deps/.fetched"
