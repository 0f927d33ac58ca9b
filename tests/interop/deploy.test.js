import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { programPath } from "./server.js";

const deploy = (name) => readFileSync(new URL(`../../deploy/${name}`, import.meta.url), "utf8");
const folder = mkdtempSync(path.join(tmpdir(), "p2p-stream-deploy-"));
after(() => rmSync(folder, { recursive: true }));

const skip = (program) => (existsSync(program) ? false : `${program} is not installed`);

test("systemd takes the unit, and finds it shut in", { skip: skip("/usr/bin/systemd-analyze") }, () => {
  const unit = path.join(folder, "p2p-stream.service");
  writeFileSync(unit, deploy("p2p-stream.service").replace("/usr/local/bin/p2p-stream", programPath));
  const run = (...args) => execFileSync("systemd-analyze", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  assert.equal(run("verify", "--man=no", unit), "");
  // Of 100: what a unit may still do. An unconfined one has 96.
  run("security", "--offline=yes", "--threshold=20", unit);
});

test("the image has what the program links against", { skip: skip("/usr/bin/dpkg-query") }, () => {
  const packages = new Set(
    deploy("Dockerfile")
      .match(/^ {6}[a-z][\w.+-]*(?= \\$)/gm)
      .map((line) => line.trim()),
  );
  const needed = execFileSync("objdump", ["-p", programPath], { encoding: "utf8" }).matchAll(/NEEDED\s+(\S+)/g);
  const libraries = new Set([...needed].map(([, name]) => name));
  const resolved = execFileSync("ldd", [programPath], { encoding: "utf8" }).matchAll(/^\s*(\S+) => (\S+)/gm);
  const files = [...resolved].filter(([, name]) => libraries.has(name)).map(([, , file]) => file);
  // A package may name a file under /usr/lib that the loader knows under /lib, so both are asked for; those that are not found are no harm.
  const both = files.flatMap((file) => [file, file.startsWith("/usr/") ? file.slice("/usr".length) : `/usr${file}`]);
  const { stdout } = spawnSync("dpkg-query", ["-S", ...both], { encoding: "utf8" });
  const owners = new Set([...stdout.matchAll(/^([^:\n]+)(?::\w+)?: /gm)].map(([, owner]) => owner));
  assert.ok(owners.size >= 10, stdout);
  for (const owner of ["libc6", "libgcc-s1"]) owners.delete(owner); // libstdc++6 brings them
  for (const owner of owners) assert.ok(packages.has(owner), `deploy/Dockerfile lacks ${owner}`);
  for (const name of packages) assert.ok(owners.has(name) || name === "ca-certificates", `deploy/Dockerfile has ${name} for nothing`);
});
