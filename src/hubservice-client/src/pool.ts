/** The physical connections: one per hub and identity, kept a moment after its last user left. */
import { Hub, type HubListener, type HubName } from "./hub.ts";
import type { Settings } from "./options.ts";
import type { SessionToken } from "./token.ts";

export class Pool {
  readonly #settings: Settings;
  readonly #listener: (hub: Hub) => HubListener;
  readonly #hubs = new Set<Hub>();

  constructor(settings: Settings, listener: (hub: Hub) => HubListener) {
    this.#settings = settings;
    this.#listener = listener;
  }

  /** The same token, or the same provider, is the same identity. */
  take(name: HubName, token: SessionToken): Hub {
    const known = [...this.#hubs].find((hub) => hub.name === name && hub.token === token);
    const hub = known ?? new Hub(name, token, this.#settings, this.#listener);
    this.#hubs.add(hub);
    clearTimeout(hub.linger);
    hub.link.run();
    return hub;
  }

  leave(hub: Hub): void {
    if (!hub.users.size) {
      hub.linger = setTimeout(() => void this.#stop(hub), this.#settings.idleDisconnectMs);
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#hubs].map((hub) => this.#stop(hub)));
  }

  #stop(hub: Hub): Promise<void> {
    clearTimeout(hub.linger);
    this.#hubs.delete(hub);
    return hub.link.stop();
  }
}
