/**
 * The one stream that a side of the page follows, folded into a view; its events are kept, to be folded again after a reset.
 * The client promises that nothing is missing and nothing comes twice: the page counts for itself.
 */
import type { ConnectionId, EventOf, HubErrorJson, Position, RecoveryInfo } from "hubservice-client";
import type { Connection } from "./connection";
import { createStore, type Schedule, type Store } from "./store";

export interface StreamView {
  id: string;
  position: Position;
  received: number;
  /** Events that never arrived. */
  missing: number;
  duplicates: number;
  /** How the newest (re)subscription went. */
  resume: Resume | null;
  error: HubErrorJson | null;
}

export type Resume =
  | { state: "subscribing" }
  | { state: "replaying"; expected: number; from: number; lostBefore: number; since: number }
  | { state: "done"; first: boolean; replayed: number; lost: number; tookMs: number };

export interface FollowedParts<Id extends ConnectionId, View> {
  connection: Connection<Id>;
  empty: View;
  fold: (view: View, event: EventOf<Id>) => View;
  markLost: (view: View, from: number, to: number) => View;
  /** What greets a joiner, outside the order of the stream. */
  greet?: (view: View, event: EventOf<Id>) => View;
  /** After each successful subscription to the stream. */
  subscribed?: (id: string) => void;
  now: () => number;
  schedule?: Schedule;
}

export class Followed<Id extends ConnectionId, View> {
  readonly view: Store<View>;
  readonly stream: Store<StreamView | null>;
  readonly #parts: FollowedParts<Id, View>;
  #streamId: string | null = null;
  #stop: (() => void) | null = null;
  #events: EventOf<Id>[] = [];
  #lost = 0;
  #first = true;
  #asked = 0;

  constructor(parts: FollowedParts<Id, View>) {
    this.#parts = parts;
    this.view = createStore(parts.empty, parts.schedule);
    this.stream = createStore<StreamView | null>(null, parts.schedule);
    const { connection } = parts;
    connection.client.on("recovery", (recovery) => {
      if (recovery.connectionId === connection.id && recovery.streamId === this.#streamId) {
        this.#recovery(recovery);
      }
    });
    connection.onConnected(() => this.#asking());
    connection.onOpen((id) => this.#follow(id));
  }

  /** Leaves the stream that is open and follows another one from its beginning, or none. */
  open(streamId: string | null): void {
    this.#stop?.();
    this.#stop = null;
    this.#streamId = streamId;
    this.#events = [];
    this.#lost = 0;
    this.#first = true;
    this.view.set(this.#parts.empty);
    this.stream.set(
      streamId === null
        ? null
        : {
            id: streamId,
            position: { epoch: "", seq: 0 },
            received: 0,
            missing: 0,
            duplicates: 0,
            resume: null,
            error: null,
          },
    );
    this.#asking();
    const { id } = this.#parts.connection;
    if (id !== null) {
      this.#follow(id);
    }
  }

  #follow(id: Id): void {
    const { connection, fold, markLost, greet, empty } = this.#parts;
    if (this.#streamId === null || this.#stop) {
      return;
    }
    this.#stop = connection.client.subscribe(id, "*", (event) => this.#take(event), {
      threadId: this.#streamId,
      from: "start",
      ...(greet && { onGreeting: (event) => this.view.update((view) => greet(view, event as EventOf<Id>)) }),
      onLost: (from, to) => {
        this.#lost += to - from + 1;
        this.#change((view) => ({ ...view, position: { ...view.position, seq: to } }));
        this.view.update((view) => markLost(view, from, to));
      },
      onReset: (lastValid) => {
        this.#change((view) => ({
          ...view,
          position: { ...view.position, seq: Math.min(view.position.seq, lastValid) },
        }));
        this.#events = this.#events.filter((event) => place(event).seq <= lastValid);
        this.view.set(this.#events.reduce(fold, empty));
      },
      onError: (error) => this.#change((view) => ({ ...view, error: error.toJSON(), resume: null })),
    });
  }

  #take(event: EventOf<Id>): void {
    const { epoch, seq } = place(event);
    this.#events.push(event);
    this.#change((view) => {
      const ahead = seq - view.position.seq - 1;
      return {
        ...view,
        position: { epoch, seq },
        received: view.received + 1,
        missing: view.missing + Math.max(0, ahead),
        duplicates: view.duplicates + (ahead < 0 ? 1 : 0),
      };
    });
    this.view.update((view) => this.#parts.fold(view, event));
    this.#settle();
  }

  #asking(): void {
    this.#asked = this.#parts.now();
    this.#change((view) => ({ ...view, resume: { state: "subscribing" }, error: null }));
  }

  #recovery({ epoch, recovered, replayed }: RecoveryInfo): void {
    this.#change((view) => ({
      ...view,
      position: { ...view.position, epoch },
      error: null,
      resume: recovered
        ? { state: "replaying", expected: replayed, from: view.received, lostBefore: this.#lost, since: this.#asked }
        : view.resume,
    }));
    this.#settle();
    if (this.#streamId !== null) {
      this.#parts.subscribed?.(this.#streamId);
    }
  }

  /** The replay is over once as many events came as were announced. */
  #settle(): void {
    const view = this.stream.get();
    if (view?.resume?.state !== "replaying" || view.received - view.resume.from < view.resume.expected) {
      return;
    }
    const { expected, lostBefore, since } = view.resume;
    const tookMs = this.#parts.now() - since;
    const done: Resume = {
      state: "done",
      first: this.#first,
      replayed: expected,
      lost: this.#lost - lostBefore,
      tookMs,
    };
    this.#first = false;
    this.#change((before) => ({ ...before, resume: done }));
  }

  #change(change: (view: StreamView) => StreamView): void {
    this.stream.update((view) => view && change(view));
  }
}

function place(event: unknown): Position {
  return event as Position;
}
