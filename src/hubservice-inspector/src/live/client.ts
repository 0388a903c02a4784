/** The client of the page: WebSockets whose handles are kept, so that they can be cut, and a pause to see what is resumed. */
import { fullJitter, HubClient, type HubClientOptions } from "hubservice-client";
import type { TokenSource } from "./token";

const handOutageMs = 1500;

export interface PageClient {
  client: HubClient;
  /** Cuts the wire to a hub, as a network would, and stays away for a moment. */
  drop(hub: "agent" | "project"): void;
}

export function createClient(url: string, token: TokenSource, options: Partial<HubClientOptions> = {}): PageClient {
  const sockets = new Map<string, WebSocket>();
  const jitter = fullJitter({ maxMs: 10_000 });
  let outageMs = 0;
  class HeldSocket extends WebSocket {
    constructor(address: string | URL, protocols?: string | string[]) {
      super(address, protocols);
      sockets.set(new URL(address).pathname.split("/").at(-1) ?? "", this);
    }
  }
  const client = new HubClient({
    url,
    sessionToken: async ({ reason }) => {
      if (reason === "rejected") {
        token.forget();
      }
      return (await token.get()) ?? "";
    },
    retry: {
      next(context) {
        const wait = jitter.next(context);
        const outage = outageMs;
        outageMs = 0;
        return wait === null ? null : wait + outage;
      },
    },
    transport: "websockets-only",
    pingIntervalMs: 5_000,
    WebSocket: HeldSocket,
    ...options,
  });
  return {
    client,
    drop(hub) {
      outageMs = handOutageMs;
      sockets.get(hub)?.close(4000, "dropped by hand");
    },
  };
}
