import { createContext, use, useState, useSyncExternalStore, type ReactNode } from "react";
import { Signaling, StreamList } from "@p2p-stream/client";

interface Client {
  signaling: Signaling;
  streamList: StreamList;
}

const ClientContext = createContext<Client | undefined>(undefined);

/** One connection to the server for the whole application. */
export function ClientProvider({ children }: { children: ReactNode }) {
  const [client] = useState<Client>(() => {
    const signaling = new Signaling(location.origin);
    return { signaling, streamList: new StreamList(signaling) };
  });
  return <ClientContext value={client}>{children}</ClientContext>;
}

export function useClient(): Client {
  const client = use(ClientContext);
  if (!client) throw new Error("useClient is for components inside of ClientProvider");
  return client;
}

/** Since when the server is away (Date.now()), undefined while it is there. */
export function useServerAway(): number | undefined {
  const { signaling } = useClient();
  return useSyncExternalStore(
    (listener) => {
      const stops = [signaling.onConnected(listener), signaling.onAway(listener)];
      return () => stops.forEach((stop) => stop());
    },
    () => signaling.awaySince,
  );
}
