// The entry of /watch/<id>. Who opens a link to a stream waits for a picture, not for controls: the session starts before the page
// is drawn, even loaded, and the page takes it over.
import { makeClient } from "./app/client";
import { startWatching, type Watching } from "./features/watch/watching";

/** A slow server must not keep the page from being drawn. */
const drawAfterMs = 250;

/** Resolves when the first peers have been asked for a link: the page is drawn while they answer. */
function asked({ session }: Watching): Promise<void> {
  return Promise.race([session.asked, new Promise<void>((resolve) => setTimeout(resolve, drawAfterMs))]);
}

const client = makeClient();
const streamId = /^\/watch\/([^/]+)/.exec(location.pathname)?.[1];
if (streamId !== undefined) {
  client.begun = startWatching(client.signaling, streamId);
  await asked(client.begun);
}
const [{ startApp }, { WatchPage }] = await Promise.all([import("./app/startApp"), import("./features/watch/WatchPage")]);
startApp(client, WatchPage);
