// The entry of /watch/<id>. Who opens a link to a stream waits for a picture, not for controls: the session starts before the page
// is drawn, and the page takes it over.
import { makeClient } from "./app/client";
import { startWatching } from "./features/watch/watching";
import { startApp } from "./app/startApp";
import "./features/watch/WatchPage"; // in the first load, not in a second one

const client = makeClient();
const streamId = /^\/watch\/([^/]+)/.exec(location.pathname)?.[1];
startApp({ client, watching: streamId === undefined ? undefined : startWatching(client.signaling, streamId) });
