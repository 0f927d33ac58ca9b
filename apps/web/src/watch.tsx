// The entry of /watch/<id>. Who opens a link to a stream waits for a picture, not for controls: the session starts before the page
// is drawn, and the page takes it over.
import { makeClient } from "./app/client";
import { startWatching, type Watching } from "./features/watch/watching";
import { startApp } from "./app/startApp";
import "./features/watch/WatchPage"; // in the first load, not in a second one

/** A slow server must not keep the page from being drawn. */
const drawAfterMs = 150;

/** Resolves when the server has named the peers: the page is drawn while the browser connects to them. */
function entered({ session }: Watching): Promise<void> {
  return new Promise((resolve) => {
    const stop = session.onChange(done);
    const timer = setTimeout(done, drawAfterMs);
    function done() {
      stop();
      clearTimeout(timer);
      resolve();
    }
  });
}

const client = makeClient();
const streamId = /^\/watch\/([^/]+)/.exec(location.pathname)?.[1];
if (streamId !== undefined) {
  client.begun = startWatching(client.signaling, streamId);
  await entered(client.begun);
}
startApp(client);
