import { Signaling, StreamList } from "@p2p-stream/client";

/** One connection to the server for the whole application. */
export interface Client {
  signaling: Signaling;
  streamList: StreamList;
}

export function makeClient(): Client {
  const signaling = new Signaling(location.origin);
  return { signaling, streamList: new StreamList(signaling) };
}
