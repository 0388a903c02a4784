/** A handle whose stream is followed while somebody looks: what became of it, and where to go on after a pause. */
import type { HubClient } from "../client.ts";
import { HubError, type HubErrorJson, textOf } from "../errors.ts";
import type { ConnectionStatus } from "../link.ts";
import type { ConnectionId, EventOf, RecoveryInfo, SubscribeOptions } from "../types.ts";

export interface Following<Id extends ConnectionId> extends Pick<SubscribeOptions, "from" | "onLost" | "onGreeting"> {
  open: () => Id;
  event: (event: EventOf<Id>) => void;
  reset: (lastValid: number) => void;
  connected?: (id: Id) => void;
}

/** What every hook tells of its connection. */
export interface LiveView {
  readonly status: ConnectionStatus;
  /** How the newest (re)subscription went. */
  readonly recovery: RecoveryInfo | null;
  readonly error: HubErrorJson | null;
}

export class Live<Id extends ConnectionId> {
  readonly client: HubClient;
  /** The handle; null while nobody looks. */
  id: Id | null = null;
  epoch = "";
  #seq: number | null = null;
  #view: LiveView = { status: "idle", recovery: null, error: null };
  #changed: () => void = () => {};

  constructor(client: HubClient) {
    this.client = client;
  }

  get view(): LiveView {
    return this.#view;
  }

  start(changed: () => void, following: Following<Id>): () => void {
    const { client } = this;
    const { open, event, reset, connected, from = "start", ...more } = following;
    this.#changed = changed;
    let id: Id;
    try {
      id = open();
    } catch (error) {
      this.fail(error);
      return () => {};
    }
    this.id = id;
    const stops = [
      client.on("status", ({ connectionId, status, error }) => {
        if (connectionId === id) {
          this.#set({ status, ...(status === "failed" && { error: error?.toJSON() ?? null }) });
          if (status === "connected") {
            connected?.(id);
          }
        }
      }),
      client.on("recovery", (recovery) => {
        if (recovery.connectionId === id) {
          this.epoch = recovery.epoch;
          this.#set({ recovery });
        }
      }),
      client.subscribe(id, "*", (each) => this.#take(each, event), {
        ...more,
        from: this.#seq === null ? from : `${this.epoch}:${this.#seq}`,
        onReset: (lastValid) => {
          this.#seq = Math.min(this.#seq ?? 0, lastValid);
          reset(lastValid);
          changed();
        },
        onError: (error) => this.fail(error),
      }),
      () => void client.disconnect(id),
    ];
    this.#set({ status: client.getConnectionStatus(id) });
    if (client.isConnected(id)) {
      connected?.(id);
    }
    return () => {
      for (const stop of stops) {
        stop();
      }
      this.id = null;
      this.#view = { ...this.#view, status: "idle" };
    };
  }

  fail(error: unknown): HubErrorJson {
    const known = error instanceof HubError ? error : new HubError("internal", textOf(error));
    this.#set({ error: known.toJSON() });
    return known.toJSON();
  }

  clearError(): void {
    this.#set({ error: null });
  }

  changed(): void {
    this.#changed();
  }

  /** The answer of a call; a refusal is shown instead of thrown, and gives undefined. */
  async told<Answer>(call: Promise<Answer>): Promise<Answer | undefined> {
    try {
      return await call;
    } catch (error) {
      this.fail(error);
      return undefined;
    }
  }

  #take(event: EventOf<Id>, handle: (event: EventOf<Id>) => void): void {
    const { epoch, seq } = event as { epoch: string; seq: number };
    this.epoch = epoch;
    this.#seq = seq;
    handle(event);
    this.#changed();
  }

  #set(part: Partial<LiveView>): void {
    this.#view = { ...this.#view, ...part };
    this.#changed();
  }
}
