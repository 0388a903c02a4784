/** The work behind a thread that is only read. */
import type { HubClient } from "../client.ts";
import type { AgentEvent, AgentEventType } from "../contracts.ts";
import type { SessionToken } from "../token.ts";
import type { AgentConnectionId } from "../types.ts";
import { Live, type LiveView } from "./live.ts";
import type { Source } from "./snapshot.ts";

export interface ThreadOptions {
  sessionToken?: SessionToken;
  /** Only these types; all by default. */
  types?: readonly AgentEventType[];
  /** `start` (default): all that is kept; `now`: what comes from now on, older events with `loadOlder`. */
  from?: "start" | "now";
}

export interface ThreadView extends LiveView {
  readonly events: readonly AgentEvent[];
  /** The newest seq that arrived; 0 before. */
  readonly lastSeq: number;
}

const page = 200;

export class Thread implements Source<ThreadView> {
  readonly initial: ThreadView;
  readonly #live: Live<AgentConnectionId>;
  readonly #threadId: string | null;
  readonly #options: ThreadOptions;
  /** The seq of the first event that is here, wanted or not. */
  #first: number | null = null;
  #lastSeq = 0;
  #events: AgentEvent[] = [];

  constructor(client: HubClient, threadId: string | null, options: ThreadOptions) {
    this.#live = new Live(client);
    this.#threadId = threadId;
    this.#options = options;
    this.initial = this.read();
  }

  read(): ThreadView {
    return { ...this.#live.view, events: [...this.#events], lastSeq: this.#lastSeq };
  }

  start(changed: () => void): () => void {
    const threadId = this.#threadId;
    if (threadId === null) {
      return () => {};
    }
    const { sessionToken, from = "start" } = this.#options;
    return this.#live.start(changed, {
      from,
      open: () => this.#live.client.open("guide", sessionToken, { threadId }),
      event: (event) => {
        this.#first ??= event.seq;
        this.#lastSeq = event.seq;
        this.#add([], [event]);
      },
      reset: (lastValid) => {
        this.#events = this.#events.filter((event) => event.seq <= lastValid);
        this.#lastSeq = Math.min(this.#lastSeq, lastValid);
      },
    });
  }

  /** Puts a page of older events in front. False when there are none, or they could not be had. */
  async loadOlder(): Promise<boolean> {
    const { id, client, epoch, view } = this.#live;
    const first = this.#first ?? (view.recovery ? view.recovery.toSeq + 1 : 1);
    if (!id || first <= 1) {
      return false;
    }
    const answer = await this.#live.told(client.getHistory(id, { before: `${epoch}:${first}`, limit: page }));
    const older = (answer?.events ?? []) as readonly AgentEvent[];
    this.#first = older[0]?.seq ?? this.#first;
    this.#add(older, []);
    this.#live.changed();
    return older.length > 0;
  }

  #add(before: readonly AgentEvent[], after: readonly AgentEvent[]): void {
    const { types } = this.#options;
    const wanted = (event: AgentEvent) => types?.includes(event.type) ?? true;
    if (before.length > 0) {
      this.#events.unshift(...before.filter(wanted));
    }
    this.#events.push(...after.filter(wanted));
  }
}
