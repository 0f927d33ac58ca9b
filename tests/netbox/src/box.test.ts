import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { artifactsPath } from "../../e2e/src/program.ts";
import { Netbox, routerPath, whyNotHere } from "./netbox.ts";

const probe = fileURLToPath(new URL("udpProbe.ts", import.meta.url));
const namespaces = () => execFileSync("ip", ["netns", "list"], { encoding: "utf8" });

describe("the box", { skip: whyNotHere() ?? false }, () => {
  test("packets take as long as the lines and the distance say, and come from the NAT's address", async () => {
    const box = await Netbox.open({
      sites: [
        { name: "server", hosts: ["here", "there"] },
        { name: "home", at_ms: [30, 40], nat: "endpoint-independent", up: { delay_ms: 5 }, down: { delay_ms: 5 } },
        { name: "office", nat: "address-and-port-dependent" },
      ],
    });
    try {
      const servers = ["here", "there"].map((name) => box.host(name).address);
      for (const [i, name] of ["here", "there"].entries()) {
        await box.start(name, `probe-${name}`, process.execPath, [probe, "answer", servers[i] ?? "", "7000"]).says(/answering/);
      }
      const ask = async (host: string) => {
        const asking = box.start(host, `probe-${host}`, process.execPath, [probe, "ask", "6000", ...servers.map((address) => `${address}:7000`)]);
        assert.equal(await asking.exited, 0);
        return asking.output.trim().split("\n").map((line) => JSON.parse(line) as { seen: string; ms: number });
      };
      const home = await ask("home");
      assert.deepEqual(home.map(({ seen }) => seen), Array(2).fill(`${box.host("home").publicAddress}:6000`), "one endpoint for all");
      for (const { ms } of home) assert.ok(ms >= 110, `${ms} ms: 2 x 50 ms of distance and 10 ms of line`);
      const [first, second] = await ask("office");
      assert.ok(first?.seen.startsWith(`${box.host("office").publicAddress}:`));
      assert.notEqual(first?.seen, second?.seen, "another endpoint for each");
    } finally {
      await box.close();
    }
  });

  test("whoever of its processes is killed, no namespace and no program stays behind", async () => {
    mkdirSync(artifactsPath, { recursive: true });
    const scenario = path.join(artifactsPath, "killed.json");
    writeFileSync(scenario, '{"sites": [{"name": "a"}, {"name": "b"}]}');
    for (const victim of ["keeper", "router", "owner"]) {
      const run = `netbox${process.pid}-killed-${victim}`;
      const keeper = spawn(routerPath, [scenario, "--run", run], { stdio: ["pipe", "pipe", "ignore"] });
      const lines = createInterface(keeper.stdout);
      await once(lines, "line");
      const sleeper = spawn("ip", ["netns", "exec", `${run}-a`, "sleep", "1000"]);
      const slept = once(sleeper, "exit");
      const gone = once(lines, "close"); // neither process holds the pipe any more
      const router = Number(readFileSync(`/proc/${keeper.pid}/task/${keeper.pid}/children`, "utf8"));
      if (victim === "owner") keeper.stdin.end();
      else process.kill(victim === "keeper" ? Number(keeper.pid) : router, "SIGKILL");
      await Promise.all([gone, slept]);
      assert.ok(!namespaces().includes(run), victim);
    }
  });

  test("a scenario that cannot be read is answered with a sentence", async () => {
    await assert.rejects(Netbox.open({ sites: [{ name: "Not A Name" }] }), /ended with 2/);
  });
});
