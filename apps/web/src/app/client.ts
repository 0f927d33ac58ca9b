import { Signaling, StreamList } from "@p2p-stream/client";
import { serverUrl } from "./server";
import type { Watching } from "../features/watch/watching";

/** One connection to the server for the whole application. */
export interface Client {
  signaling: Signaling;
  streamList: StreamList;
  /** A session that began before the page was drawn, until the watch page takes it over. */
  begun?: Watching | undefined;
}

export function makeClient(): Client {
  const signaling = new Signaling(serverUrl);
  return { signaling, streamList: new StreamList(signaling) };
}

/** Only once: whoever comes back to the stream later finds a session of his own. */
export function takeBegun(client: Client, streamId: string): Watching | undefined {
  const { begun } = client;
  client.begun = undefined;
  if (begun?.streamId === streamId) return begun;
  begun?.session.stop();
  return undefined;
}
