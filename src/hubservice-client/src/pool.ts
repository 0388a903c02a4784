/** The physical connections: one per hub and identity, kept a moment after its last user left. */
import { Hub, type HubListener, type HubName } from "./hub.ts";
import type { Settings } from "./options.ts";
import { type OpenPort, openSignalR } from "./port.ts";
import type { SessionToken } from "./token.ts";

interface Entry {
  hub: Hub;
  linger: ReturnType<typeof setTimeout> | undefined;
}

export class Pool {
  readonly #settings: Settings;
  readonly #open: OpenPort;
  readonly #listener: HubListener;
  /** By token or provider: the same one is the same identity. */
  readonly #entries: Readonly<Record<HubName, Map<SessionToken, Entry>>> = { agent: new Map(), project: new Map() };

  constructor(settings: Settings, open: OpenPort | undefined, listener: HubListener) {
    this.#settings = settings;
    this.#open = open ?? openSignalR;
    this.#listener = listener;
  }

  take(name: HubName, token: SessionToken): Hub {
    const entries = this.#entries[name];
    let entry = entries.get(token);
    if (!entry) {
      entry = { hub: new Hub(name, token, this.#settings, this.#open, this.#listener), linger: undefined };
      entries.set(token, entry);
    }
    clearTimeout(entry.linger);
    entry.hub.users++;
    entry.hub.link.run();
    return entry.hub;
  }

  leave(hub: Hub): void {
    hub.users--;
    for (const entry of this.#entries[hub.name].values()) {
      if (entry.hub === hub && hub.users === 0) {
        entry.linger = setTimeout(() => void this.#stop(hub), this.#settings.idleDisconnectMs);
      }
    }
  }

  async close(): Promise<void> {
    const hubs = Object.values(this.#entries).flatMap((entries) => [...entries.values()].map((entry) => entry.hub));
    await Promise.all(hubs.map((hub) => this.#stop(hub)));
  }

  async #stop(hub: Hub): Promise<void> {
    const entries = this.#entries[hub.name];
    for (const [token, entry] of entries) {
      if (entry.hub === hub) {
        clearTimeout(entry.linger);
        entries.delete(token);
      }
    }
    await hub.link.stop();
  }
}
