#!/usr/bin/env python3
"""Checks that each folder includes only what its layer allows (docs/overview.md has the table).

Looks at every #include "folder/..." and #include <boost/...>, <libav...>, <openssl/...>, <rtc/...> in our sources.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

# folder -> libraries of ours that it may include
ALLOWED = {
    "libs/base": set(),
    "libs/wire": {"base"},
    "libs/scoring": {"base"},
    "libs/media": {"base"},
    "libs/socketio": {"base"},
    "libs/turn": {"base"},
    "libs/p2p-core": {"base", "wire", "scoring"},
    "libs/directory": {"base", "scoring"},
    "libs/transport": {"base", "p2p-core"},
    "libs/transcode": {"base", "media"},
    "libs/net": {"base", "scoring", "socketio", "turn", "media", "directory"},
    "simulator": {"base", "wire", "p2p-core", "directory", "scoring"},
    "bindings/wasm": {"base", "p2p-core", "media", "simulator"},
    "apps/p2p-stream": {"base", "wire", "scoring", "media", "socketio", "turn", "p2p-core", "directory", "transport", "transcode", "net", "simulator"},
}
LIBRARIES = {"base", "wire", "scoring", "media", "socketio", "turn", "p2p-core", "directory", "transport", "transcode", "net", "simulator"}

# system libraries -> folders that may see them
OUTSIDE = {
    r"boost/": {"libs/net", "apps/p2p-stream"},
    r"libav|libsw": {"libs/transcode", "apps/p2p-stream"},
    r"openssl/": {"libs/transport", "libs/net", "libs/turn"},
    r"rtc/": {"libs/transport"},
    r"spdlog/|CLI/": {"apps/p2p-stream", "libs/net", "libs/transcode", "libs/transport"},
}
NO_IO = {"libs/wire", "libs/scoring", "libs/p2p-core", "libs/directory", "libs/media", "libs/socketio", "libs/turn"}
NO_IO_HEADERS = re.compile(r"<(i|o|f|s)?stream>|<thread>|<mutex>|<random>|<cstdio>|<ctime>|<fstream>|<iostream>")
CLOCKS = re.compile(r"\b(steady_clock|system_clock|high_resolution_clock)::now|std::rand\b|random_device|std::shuffle\b|_distribution\b")


def folder_of(path: pathlib.Path) -> str | None:
    name = path.relative_to(ROOT).as_posix()
    matches = [folder for folder in ALLOWED if name.startswith(folder + "/")]
    return max(matches, key=len) if matches else None


def main() -> int:
    problems = []
    checked = 0
    for path in sorted(ROOT.glob("**/*.[ch]pp")):
        relative = path.relative_to(ROOT)
        if relative.parts[0] not in ("libs", "simulator", "bindings", "apps") or "node_modules" in relative.parts:
            continue
        folder = folder_of(path)
        if folder is None:
            problems.append(f"{relative}: lies in no folder of the house")
            continue
        checked += 1
        own = folder.split("/")[-1]
        tested = path.stem.endswith(("_test", "_fuzz")) or "testing" in relative.parts
        for number, line in enumerate(path.read_text().splitlines(), 1):
            place = f"{relative}:{number}"
            if include := re.match(r'\s*#include "([\w-]+)/', line):
                library = include[1]
                if library in LIBRARIES and library != own and library not in ALLOWED[folder] and not (tested and library == "media"):
                    problems.append(f"{place}: {folder} may not use {library}")
            if include := re.match(r"\s*#include <(.+)>", line):
                for pattern, folders in OUTSIDE.items():
                    if re.match(pattern, include[1]) and folder not in folders:
                        problems.append(f"{place}: {folder} may not see <{include[1]}>")
            if folder in NO_IO and not tested:
                if NO_IO_HEADERS.search(line) and line.lstrip().startswith("#include"):
                    problems.append(f"{place}: {folder} does no I/O")
                if CLOCKS.search(line):
                    problems.append(f"{place}: {folder} is told the time and draws from the seeded Prng")
    print("\n".join(problems))
    print(f"{checked} files, {len(problems)} problems")
    return 1 if problems or checked < 50 else 0


if __name__ == "__main__":
    sys.exit(main())
