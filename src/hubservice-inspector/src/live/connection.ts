/** One side's handle at the client, and what the page says about it beyond its health. */
import {
  type AgentConnectionId,
  type ConnectionId,
  HubError,
  type HubErrorJson,
  type ProjectConnectionId,
} from "hubservice-client";
import type { PageClient } from "./client";
import { createStore, type Schedule, type Store } from "./store";

export interface ConnectionParts<Id extends ConnectionId> {
  page: PageClient;
  hub: "agent" | "project";
  open: () => Id;
  schedule?: Schedule;
}

/** What a call answers; a refusal comes as its error, too. */
export type Answer<Result> = Result & { error?: HubErrorJson };

/** Of either side. */
export type AnyConnection = Connection<AgentConnectionId> | Connection<ProjectConnectionId>;

export class Connection<Id extends ConnectionId> {
  readonly notice: Store<string | null>;
  readonly #parts: ConnectionParts<Id>;
  readonly #opened = new Set<(id: Id) => void>();
  #id: Id | null = null;

  constructor(parts: ConnectionParts<Id>) {
    this.#parts = parts;
    this.notice = createStore<string | null>(null, parts.schedule);
    this.client.on("draining", ({ connectionId }) => {
      if (connectionId === this.#id) {
        this.notice.set("This node is shutting down; moving to another one.");
      }
    });
    this.client.on("error", ({ connectionId, error }) => {
      if (connectionId === this.#id && error.code === "unauthorized") {
        this.notice.set(`The sign-in could not be renewed: ${error.message}`);
      }
    });
    this.onConnected(() => this.notice.set(null));
  }

  get client() {
    return this.#parts.page.client;
  }

  /** Null before `run`. */
  get id(): Id | null {
    return this.#id;
  }

  /** Connects, once and for good. */
  run(): void {
    if (this.#id === null) {
      const id = this.#parts.open();
      this.#id = id;
      for (const opened of this.#opened) {
        opened(id);
      }
    }
  }

  /** Calls back with the handle, as soon as there is one. */
  onOpen(opened: (id: Id) => void): void {
    this.#opened.add(opened);
    if (this.#id !== null) {
      opened(this.#id);
    }
  }

  /** Called after every (re)connection. */
  onConnected(handler: () => void): void {
    this.client.on("status", ({ connectionId, status }) => {
      if (connectionId === this.#id && status === "connected") {
        handler();
      }
    });
  }

  /** Add to the local clock to get the hub's, in ms. */
  get clockOffsetMs(): number {
    return this.#id === null ? 0 : this.client.getConnectionHealth(this.#id).clockOffsetMs;
  }

  async answer<Result extends object>(call: (id: Id) => Promise<Result>): Promise<Answer<Partial<Result>>> {
    try {
      if (this.#id === null) {
        throw new HubError("not_connected", "There is no connection; nothing was sent.");
      }
      return await call(this.#id);
    } catch (error) {
      const known = error instanceof HubError ? error : new HubError("internal", String(error));
      return { error: known.toJSON() } as Answer<Partial<Result>>;
    }
  }

  drop(): void {
    this.#parts.page.drop(this.#parts.hub);
  }

  /** Tries again now instead of waiting for the rest of the pause. */
  retryNow(): void {
    if (this.#id !== null) {
      this.client.reconnectNow(this.#id);
    }
  }
}
