import { useEffect, useRef } from "react";
import type { HubClient } from "../client.ts";
import type { ClientEvents, ConnectionHealth } from "../types.ts";
import { useHubClient, useSource } from "./provider.tsx";
import type { Source } from "./snapshot.ts";

const none: readonly ConnectionHealth[] = [];

class Health implements Source<readonly ConnectionHealth[]> {
  readonly initial = none;
  readonly #client: HubClient;

  constructor(client: HubClient) {
    this.#client = client;
  }

  read(): readonly ConnectionHealth[] {
    return [...this.#client.getAllConnectionsHealth().values()];
  }

  start(changed: () => void): () => void {
    changed();
    return this.#client.on("health", changed);
  }
}

/** The health of every connection of the client, anew at most once per frame. */
export function useConnectionHealth(): readonly ConnectionHealth[] {
  return useSource<readonly ConnectionHealth[], Health>("", (client) => new Health(client)).value;
}

/** Calls back when a connection is away for long, is back, or is refused for good. */
export function useLostConnection(
  handler: (phase: ClientEvents["lost"]["phase"], event: ClientEvents["lost"]) => void,
): void {
  const client = useHubClient();
  const latest = useRef(handler);
  useEffect(() => {
    latest.current = handler;
  }, [handler]);
  useEffect(() => client.on("lost", (event) => latest.current(event.phase, event)), [client]);
}
