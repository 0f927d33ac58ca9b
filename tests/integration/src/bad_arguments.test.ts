import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer as createTcpServer, type AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { Program, programPath, startServer, unassignedPort, type Server } from "../../e2e/src/program.ts";
import { inFolder } from "./media.ts";
import { publish, smallPattern } from "./peers.ts";

let server: Server;
const nobody = "00000000000000000000";

/** The program refuses: with a sentence that fits, a code that is not 0, and without a crash. */
async function refuses(args: string[], sentence: RegExp): Promise<void> {
  const program = Program.start("refuses", args);
  const code = await program.exited;
  assert.notEqual(code, 0, `${args.join(" ")}: taken`);
  assert.notEqual(code, null, `${args.join(" ")}: ended by a signal`);
  assert.match(program.output, sentence);
  assert.doesNotMatch(program.output, /terminate called|std::|Assertion|Viewers keep watching|Peers keep the stream/, "not for a person");
}

before(async () => {
  server = await startServer();
});
after(async () => {
  await server.program.stop();
});

test("an address that is none is refused", async () => {
  for (const url of ["notaurl", "http://", "ftp://localhost", "http://[::1", "http://localhost:99999"]) {
    await refuses(["publish", "--test-pattern", "--server", url], /is no server address|is not the address of a server/);
  }
  for (const url of ["", "localhost", `${server.url}/watch/xyz`, `${server.url}/watch/${nobody}00`]) {
    await refuses(["watch", url], /is no watch address|names no stream/);
  }
});

test("a server that cannot be reached is named, and what to do", async () => {
  const port = await unassignedPort();
  await refuses(
    ["publish", "--test-pattern", "--server", `http://127.0.0.1:${port}`],
    /No p2p-stream server answers at .*Start one with `p2p-stream serve`/,
  );
  await refuses(["watch", `http://127.0.0.1:${port}/watch/${nobody}`], /No p2p-stream server answers at .*check the address/);
  await refuses(["publish", "--test-pattern", "--server", "http://no.such.host.invalid"], /the name no\.such\.host\.invalid is not known/);
  await refuses(["publish", "--test-pattern", "--server", server.url.replace("http:", "https:")], /offers no TLS connection/);
});

test("a server that is not p2p-stream is told apart", async () => {
  const web = createHttpServer((_request, response) => response.writeHead(404).end("nothing here"));
  web.on("upgrade", (_request, socket) => socket.end("HTTP/1.1 404 Not Found\r\n\r\n"));
  const echo = createTcpServer((socket) => socket.on("error", () => {}).pipe(socket));
  for (const other of [web, echo]) {
    await once(other.listen(0, "127.0.0.1"), "listening");
    const { port } = other.address() as AddressInfo;
    await refuses(
      ["publish", "--test-pattern", "--server", `http://127.0.0.1:${port}`],
      /is not a p2p-stream server of this version.*Check the address/,
    );
  }
  web.closeAllConnections();
  web.close();
  echo.close();
});

test("a stream that does not exist is said to be gone", () => refuses(["watch", `${server.url}/watch/${nobody}`], /No stream at that address\./));

test("inputs that are no media say what to give instead", async () => {
  const text = inFolder("words.txt");
  writeFileSync(text, "These are words.\n");
  mkdirSync(inFolder("a-folder"), { recursive: true });
  const cases: [string, RegExp][] = [
    [text, /is no media that FFmpeg knows\. Give/],
    [inFolder("nothing.mp4"), /There is no file .*Check the path\./],
    [inFolder("a-folder"), /is a folder\. Name a file in it\./],
    ["/dev/video9", /There is no device "\/dev\/video9"\..*ls \/dev\/video/],
    ["/dev/null", /is no media/],
    ["nosuch://host/x", /scheme that this build of FFmpeg does not know/],
    [`${server.numericUrl}/no-such-file.mp4`, /\(404\)\. Check the address\.|is no media/],
  ];
  for (const [input, sentence] of cases) await refuses(["publish", input, "--server", server.url], sentence);
  await refuses(["publish", "--server", server.url], /Give a file, device or URL to publish, or --test-pattern\./);
  await refuses(["publish", "--test-pattern", text, "--server", server.url], /Give a file, device or URL/);
});

test("titles that no page could show are refused", async () => {
  const pattern = ["publish", "--test-pattern", "--server", server.url, "--title"];
  await refuses([...pattern, "x".repeat(121)], /Give it 1 to 120\./);
  await refuses([...pattern, "two\nlines"], /control characters/);
  // An argument that is not UTF-8, which node cannot write.
  const odd = Program.start(
    "odd-title",
    ["-c", `"$0" publish --test-pattern --server "$1" --title "$(printf '\\377\\376')"`, programPath, server.url],
    "/bin/sh",
  );
  assert.equal(await odd.exited, 1);
  assert.match(odd.output, /The title is not UTF-8 text\./);
});

test("a key that cannot be used says how to get one", async () => {
  const noKey = inFolder("no-key.pem");
  writeFileSync(noKey, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
  const pattern = ["publish", "--test-pattern", "--server", server.url, "--key"];
  await refuses([...pattern, noKey], /holds no Ed25519 private key.*Name another file with --key/);
  await refuses([...pattern, inFolder("")], /cannot be read: Is a directory\. Name another with --key/);
  await refuses([...pattern, inFolder("nowhere/key.pem")], /cannot be made: .*Choose a place that you may write to\./);
});

test("outputs that cannot be written are named at once", async () => {
  const url = `${server.url}/watch/${nobody}`;
  await refuses(["watch", url, "-o", inFolder("nowhere/x.mp4")], /cannot be written: .*Choose another with -o\./);
  await refuses(["watch", url, "-o", inFolder("")], /cannot be written: Is a directory/);
  await refuses(["watch", url, "--stats-json", inFolder("nowhere/x.json")], /cannot be written\. Choose another with --stats-json\./);
});

test("a full disk ends the watching with a sentence", async () => {
  const source = await publish(server, smallPattern);
  await refuses(["watch", source.watchUrl, "-o", "/dev/full"], /Writing to '\/dev\/full' failed: No space left on device\./);
  await source.program.stop("SIGINT");
});

test("an occupied port and an address of another machine are named", async () => {
  await refuses(
    ["serve", "--port", String(server.port), "--host", "127.0.0.1"],
    /is in use\. Stop the other program or choose another port with --port\./,
  );
  const taken = createSocket("udp4");
  await once(taken.bind(0, "127.0.0.1"), "listening");
  await refuses(
    ["serve", "--port", "0", "--host", "127.0.0.1", "--turn-port", String(taken.address().port)],
    /UDP port \d+ is in use\. .* choose another port with --turn-port, or do without the relay: --turn off\./,
  );
  await new Promise<void>((resolve) => taken.close(resolve));
  await refuses(["serve", "--port", "0", "--host", "192.0.2.1"], /Give an address of this machine with --host\./);
  await refuses(["serve", "--port", "0", "--host", "no.such.host.invalid"], /Give an address of this machine with --host\./);
});

test("options out of their range name the option", async () => {
  const pattern = ["publish", "--test-pattern", "--server", server.url];
  const url = `${server.url}/watch/${nobody}`;
  const cases: [string[], RegExp][] = [
    [["serve", "--port", "-1"], /--port: "-1" is no whole number from 0 to 65535/],
    [["serve", "--port", "70000"], /--port/],
    [["serve", "--port", "many"], /--port/],
    [["serve", "--port", "0", "--log-level", "loud"], /--log-level: "loud" is unknown\. Give debug/],
    [["serve", "--port", "0", "--allowed-origins", "https://a.example/"], /Write it without what follows the host: https:\/\/a\.example/],
    [["serve", "--port", "0", "--config", "/nowhere.toml"], /There is no settings file "\/nowhere\.toml"/],
    [["serve", "--port", "0", "--turn-secret", "x"], /Set TURN_SECRET in the environment/],
    [["serve", "--port", "0", "--turn", "perhaps"], /neither on nor off/],
    [["serve", "--port", "0", "--turn-relay-ports", "5-4"], /Write it as MIN-MAX/],
    [["serve", "--port", "0", "--turn-relay-ports", "80-90"], /no range of ports from 1024 on/],
    [["serve", "--port", "0", "--turn-allow", "10.0.0.0/40"], /--turn-allow: .*192\.168\.1\.0\/24/],
    [["serve", "--port", "0", "--turn-external-address", "example.org"], /is no IP address/],
    [["serve", "--port", "0", "--turn-bandwidth", "much"], /is no bit rate/],
    [["serve", "--port", "0", "--ice-servers", "garbage"], /write it as stun:host:port/],
    [["serve", "--port", "0", "--ice-servers", "[{"], /must be a JSON list/],
    [[...pattern, "--width", "-4"], /--width/],
    [[...pattern, "--connections-max", "0"], /--connections-max/],
    [[...pattern, "--upload-max", "-5M"], /'-5M' is no bit rate\. Give/],
    [[...pattern, "--video-bitrate", "fast"], /'fast' is no bit rate\. Give/],
    [["watch", url, "--duration", "-4"], /'-4' is no number of seconds above 0/],
    [["watch", url, "--duration", "nan"], /'nan' is no number of seconds above 0/],
    [["watch", url, "--upload-max", "0"], /is no bit rate/],
    [["publish", "--nonsense"], /There is no option --nonsense of publish\./],
    [["serve", "--prot", "1"], /Did you mean --port\?/],
    [["simulate", "nonsense"], /simulate --list/],
    [["nonsense"], /--help/],
    [[], /--help/],
  ];
  for (const [args, sentence] of cases) await refuses(args, sentence);
});

test("a log that nobody reads any more does not end the program", async () => {
  const source = await publish(server, smallPattern);
  const code = inFolder("code");
  const script = '{ "$0" watch "$1" --duration 3 -v 2>&1; echo "$?" >"$2"; } | head -c 1';
  await Program.start("unread-log", ["-c", script, programPath, source.watchUrl, code], "/bin/sh").exited;
  assert.equal(readFileSync(code, "utf8").trim(), "0");
  await source.program.stop("SIGINT");
});
