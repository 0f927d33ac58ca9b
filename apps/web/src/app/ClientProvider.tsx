import { createContext, use, useSyncExternalStore, type ReactNode } from "react";
import type { Client } from "./client";

const ClientContext = createContext<Client | undefined>(undefined);

export function ClientProvider({ client, children }: { client: Client; children: ReactNode }) {
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
