// The entry of /watch/<id>. Who opens a link to a stream waits for a picture, not for controls: the session starts, and shows its picture
// in its place, before the page around it is drawn, even evaluated; the page takes both over.
import { makeClient } from "./app/client";
import { applyTheme } from "./app/theme";
import { placeAhead } from "./features/watch/placeAhead";
import { speakChosen } from "./text/languages";
import { startWatching, type Watching } from "./features/watch/watching";

/** Drawing takes a processor about as long as the way from the first part to the first frame: it comes after it, unless that is late. */
const drawAfterMs = 700;

/** Resolves with the first picture, with what else there is to say, or when neither comes soon. */
function begun({ session }: Watching): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, drawAfterMs);
    const stop = session.onChange(() => session.current().state !== "joining" && done());
    function done() {
      clearTimeout(timer);
      stop();
      resolve();
    }
  });
}

applyTheme();
const client = makeClient();
const speaking = speakChosen();
const streamId = /^\/watch\/([^/]+)/.exec(location.pathname)?.[1];
if (streamId !== undefined) {
  client.begun = startWatching(client.signaling, streamId);
  placeAhead(client.begun.video);
  await begun(client.begun);
}
const [{ startApp }, { WatchPage }] = await Promise.all([import("./app/startApp"), import("./features/watch/WatchPage"), speaking]);
startApp(client, WatchPage);
