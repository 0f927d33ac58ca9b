import assert from "node:assert/strict";
import { test } from "node:test";
import { startServer, unassignedPort } from "../../e2e/src/program.ts";
import { ask, connect, create, join, makeKey, makeSecret, next, peerIdOf, ways } from "../../interop/client.js";
import { publish, smallPattern, startWatcher, until } from "./peers.ts";

interface Listed {
  id: string;
  sourceOnline: boolean;
}

test("peers play on while the server is dead, and are who they were when it is back", async () => {
  let server = await startServer(await unassignedPort()); // nobody takes it while no server listens
  const source = await publish(server, [...smallPattern, "--connections-max", "1", "-v"]);
  const stays = ["stays-1", "stays-2"].map((name) => startWatcher(name, source.watchUrl));
  const before = await Promise.all(
    stays.map((watcher) => until(watcher, "played", ({ partsPlayed, neighbors }) => partsPlayed > 10 && neighbors.length > 0)),
  );
  const namesOf = ({ neighbors }: { neighbors: { peerId: string }[] }): string[] => neighbors.map(({ peerId }) => peerId).sort();

  // A stock client, as somebody else's page would have it.
  const stock = await connect(server.numericUrl, ways["polling, then upgrade"]);
  const stockSecret = makeSecret();
  assert.equal((await join(stock, source.streamId, { secret: stockSecret, giving: false })).ok, true);
  const stockIsBack = next(stock, "hello");

  await server.program.stop("SIGKILL");
  await source.program.says(/The server is away\./);
  // Far more than any buffer holds: what is played now was relayed while the server was dead.
  await Promise.all(stays.map((watcher, i) => until(watcher, "went on", ({ partsPlayed }) => partsPlayed > (before[i]?.partsPlayed ?? 0) + 60)));

  server = await startServer(server.port);
  try {
    const observer = await connect(server.numericUrl, ways["WebSocket only"]);
    const isOurs = ({ id, sourceOnline }: Listed): boolean => id === source.streamId && sourceOnline;
    const listed = new Promise<void>((resolve) => {
      observer.on("streams:delta", ({ added, updated }: { added: Listed[]; updated: Listed[] }) => {
        if ([...added, ...updated].some(isOurs)) resolve();
      });
    });
    const { streams } = await ask(observer, "streams:watch");
    if (!streams.some(isOurs)) await listed;
    const room = await join(observer, source.streamId, { giving: false });
    assert.equal(room.ok, true);

    await stockIsBack;
    const rejoined = await join(stock, source.streamId, { secret: stockSecret, giving: false });
    assert.equal(rejoined.peerId, peerIdOf(stockSecret), "under the old name");
    assert.equal(rejoined.sourcePeerId, room.sourcePeerId);

    const thief = await connect(server.numericUrl, ways["WebSocket only"]);
    const other = makeKey();
    const stolen = await create(thief, { ...other, publicKey: room.publicKey });
    assert.equal(stolen.ok, false);
    assert.equal(stolen.error.code, "bad-signature");
    const unsigned = await ask(thief, "stream:create", {
      publicKey: room.publicKey,
      signature: "00".repeat(64),
      title: "mine",
      peerSecret: makeSecret(),
    });
    assert.equal(unsigned.error.code, "bad-signature");

    const newcomer = startWatcher("newcomer", source.watchUrl, ["--duration", "4"]);
    assert.equal(await newcomer.program.exited, 0, newcomer.program.output);

    const after = await Promise.all(
      stays.map((watcher, i) => until(watcher, "plays", ({ partsPlayed }) => partsPlayed > (before[i]?.partsPlayed ?? 0) + 90)),
    );
    const everybody = new Set(after.flatMap(namesOf));
    for (const name of before.flatMap(namesOf)) assert.ok(everybody.has(name), `${name} is known under another name`);
    for (const socket of [observer, stock, thief]) socket.close();
    for (const { program } of stays) assert.equal(await program.stop("SIGINT"), 0);
    assert.equal(await source.program.stop("SIGINT"), 0);
  } finally {
    await server.program.stop();
  }
});
