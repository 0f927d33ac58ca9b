// A host's own view of the box. `udpProbe.ts answer ADDRESS PORT` tells each sender how it looks from there;
// `udpProbe.ts ask PORT ADDRESS:PORT...` asks those from one local port and prints a line of JSON for each.
import { createSocket } from "node:dgram";
import { once } from "node:events";

const [mode, ...rest] = process.argv.slice(2);
const socket = createSocket("udp4");

if (mode === "answer") {
  const [address, port] = rest;
  socket.on("message", (_, from) => socket.send(`${from.address}:${from.port}`, from.port, from.address));
  socket.bind(Number(port), address, () => console.log("answering"));
} else {
  const [localPort, ...targets] = rest;
  socket.bind(Number(localPort));
  await once(socket, "listening");
  for (const target of targets) {
    const [address, port] = target.split(":");
    const began = performance.now();
    socket.send("how do I look?", Number(port), address);
    const [seen] = (await once(socket, "message")) as [Buffer];
    console.log(JSON.stringify({ target, seen: seen.toString(), ms: performance.now() - began }));
  }
  socket.close();
}
