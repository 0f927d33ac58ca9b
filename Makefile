# Two commands: `make run` and `make test`. Both set up what is missing first; both may be repeated.
SHELL := /bin/bash
NODE := $(CURDIR)/.deps/node/bin
export PATH := $(NODE):$(PATH)
JOBS ?= $(shell nproc)

.DEFAULT_GOAL := build
.PHONY: build run test test-native test-sanitize test-threads test-web test-e2e test-netbox setup wasm web lint screenshots clean bench bench-e2e bench-netbox bench-reality bench-engine bench-relay bench-signaling bench-turn soak-signaling soak-pages bench-browsers

setup:
	@tools/setup.sh

## build: everything, into build/bin/p2p-stream
build: web
	@cmake --preset release -DP2P_WEB_DIST=$(CURDIR)/apps/web/dist >build/configure.log 2>&1 || { cat build/configure.log; exit 1; }
	@ninja -C build -j $(JOBS)

wasm: setup
	@mkdir -p build
	@cmake --preset wasm >build/configure-wasm.log 2>&1 || { cat build/configure-wasm.log; exit 1; }
	@ninja -C build/wasm -j $(JOBS)

web: wasm
	@tools/build_web.sh

## run: serves http://localhost:3001 with a live demo stream
run: build
	@tools/run_demo.sh

## test: every test
test: build
	@tools/test.sh

test-native: build
	@tools/test.sh native

test-sanitize: setup
	@tools/test.sh sanitize

## test-threads: what has threads, under the thread sanitizer (some minutes to build; not part of test)
test-threads: setup
	@tools/test.sh threads

test-web: web
	@tools/test.sh web

test-e2e: build
	@tools/test.sh e2e

## lint: eslint, prettier, clang-tidy (some minutes)
lint: build
	@tools/lint.sh

test-netbox: build
	@tools/test.sh netbox

## screenshots: every page, in both themes, on a desktop and on a phone, into build/screenshots
screenshots: build
	@node tests/e2e/src/screenshots.ts

bench-e2e: build
	@bench/e2e/run.sh

bench-netbox: build
	@bench/netbox/run.sh

bench-engine: build
	@bench/engine/run.sh

bench-relay: build
	@bench/relay/run.sh

bench-signaling: build
	@bench/signaling/run.sh

bench-turn: build
	@bench/turn/run.sh

## soak-signaling: minutes of load and abuse on the signaling server, then a look for leaks
soak-signaling: build
	@bench/signaling/soak.sh

## soak-pages: a quarter of an hour of watching and broadcasting, and fifty joins, with the pages' memory
soak-pages: build
	@bench/pages/run.sh

## bench-browsers: what a browser shows on bad lines
bench-browsers: build
	@bench/netbox/browsers.sh

bench-reality: build
	@bench/reality/run.sh

bench: bench-engine bench-relay bench-signaling bench-turn bench-e2e bench-netbox bench-browsers bench-reality

clean:
	rm -rf build apps/web/dist packages/p2p-client/dist
