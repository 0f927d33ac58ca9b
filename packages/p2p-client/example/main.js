import { Signaling, WatchSession } from "./p2p-client/index.js";

// example/?server=https://live.example&stream=0123456789abcdef0123
const parameters = new URLSearchParams(location.search);
const state = document.querySelector("#state");

const session = new WatchSession({
  signaling: new Signaling(parameters.get("server") ?? location.origin),
  streamId: parameters.get("stream") ?? "",
  video: document.querySelector("#video"),
});

session.onChange(() => {
  const { state: now, problem, stream } = session.current();
  state.textContent = problem ? `${problem.code}: ${problem.detail}` : `${now}: ${stream?.title ?? ""}`;
});

setInterval(() => {
  const stats = session.stats();
  if (stats) console.log(`${stats.behindLiveS?.toFixed(1)} s behind live, ${stats.neighbors.length} peers, ${stats.givenBytes} bytes given`);
}, 5_000);
