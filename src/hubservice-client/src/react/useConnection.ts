import { useEffect, useRef } from "react";
import type { HubClient } from "../client.ts";
import type { ClientEvents, ConnectionHealth, ConnectionId } from "../types.ts";
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

type Lost = ClientEvents["lost"];

/** Calls back once per outage, whatever the number of connections: `lost` with the first, `failed` when one is refused for good, `restored` when none is away any more. */
export function useLostConnection(
  handler: (phase: ClientEvents["lost"]["phase"], event: ClientEvents["lost"]) => void,
): void {
  const client = useHubClient();
  const latest = useRef(handler);
  useEffect(() => {
    latest.current = handler;
  }, [handler]);
  useEffect(() => {
    const away = new Map<ConnectionId, Lost["phase"]>();
    let told: Lost["phase"] = "restored";
    const note = ({ connectionId, phase }: Lost) => {
      away.delete(connectionId);
      if (phase !== "restored") {
        away.set(connectionId, phase);
      }
      const phases = [...away.values()];
      const now = phases.includes("failed") ? "failed" : (phases[0] ?? "restored");
      if (now !== told) {
        told = now;
        latest.current(now, { connectionId, phase: now });
      }
    };
    const stops = [
      client.on("lost", note),
      client.on(
        "status",
        ({ connectionId, status }) => status === "closed" && note({ connectionId, phase: "restored" }),
      ),
    ];
    return () => {
      for (const stop of stops) {
        stop();
      }
    };
  }, [client]);
}
