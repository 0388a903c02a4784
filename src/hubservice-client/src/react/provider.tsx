import { createContext, type ReactNode, useContext, useMemo, useState, useSyncExternalStore } from "react";
import type { HubClient } from "../client.ts";
import type { SessionToken } from "../token.ts";
import { Snapshot, type Source } from "./snapshot.ts";

const ClientContext = createContext<HubClient | null>(null);

/** Gives the components below the client whose connections they share. The client stays the application's: close it there. */
export function HubProvider({ client, children }: { client: HubClient; children?: ReactNode }): ReactNode {
  return <ClientContext.Provider value={client}>{children}</ClientContext.Provider>;
}

export function useHubClient(): HubClient {
  const client = useContext(ClientContext);
  if (!client) {
    throw new Error("There is no HubProvider above this component.");
  }
  return client;
}

/**
 * A source for as long as the client and the key are the same, started while the component is mounted.
 * @param make Makes the source; does nothing else.
 */
export function useSource<Value, Made extends Source<Value>>(
  key: string,
  make: (client: HubClient) => Made,
): { source: Made; value: Value } {
  const client = useHubClient();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for all that make reads
  const live = useMemo(() => {
    const source = make(client);
    return { source, snapshot: new Snapshot(source) };
  }, [client, key]);
  const { source, snapshot } = live;
  return { source, value: useSyncExternalStore(snapshot.subscribe, snapshot.get, snapshot.getServer) };
}

/** The same provider for all renders, although most components write a new function each time. */
export function useToken(token: SessionToken | undefined): SessionToken | undefined {
  const [latest] = useState<{ token: SessionToken | undefined; provider: SessionToken }>(() => {
    const box: { token: SessionToken | undefined; provider: SessionToken } = {
      token,
      provider: (context) => (typeof box.token === "function" ? box.token(context) : (box.token ?? "")),
    };
    return box;
  });
  latest.token = token;
  return typeof token === "function" ? latest.provider : token;
}
