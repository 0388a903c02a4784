/**
 * One followed stream: subscribes from its position after every (re)connection, passes each event on exactly once and
 * in order, and counts what should never happen.
 */
import { backoff } from "../core/backoff";
import { advance, type Position, positionText, recovered, rewind, skip, start } from "../core/cursor";
import type { HubError, SubscribeResult } from "../wire/results";
import type { HistoryLost, SessionEvent, StreamReset } from "../wire/session";
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
  error: HubError | null;
}

export type Resume =
  | { state: "subscribing" }
  | { state: "replaying"; expected: number; from: number; lostBefore: number; since: number }
  | { state: "done"; first: boolean; replayed: number; lost: number; tookMs: number };

export interface StreamParts<Event extends Position> {
  kind: "thread" | "project";
  id: string;
  connection: Connection;
  /** Events that only greet and must not move the cursor. */
  belongsToGreeting?: (event: Event) => boolean;
  accept: (event: Event) => void;
  /** The events `from..to` will never come. */
  lost: (from: number, to: number) => void;
  /** Everything above this seq is void; 0 voids all. */
  discardAbove: (seq: number) => void;
  /** After each successful subscription. */
  subscribed?: () => void;
  now: () => number;
  random: () => number;
  schedule?: Schedule;
}

export class Stream<Event extends Position> {
  readonly view: Store<StreamView>;
  readonly #parts: StreamParts<Event>;
  readonly #unlisten: () => void;
  #attempt = 0;
  #everSubscribed = false;
  #closed = false;
  #lost = 0;
  #unplaced = false;

  constructor(parts: StreamParts<Event>) {
    this.#parts = parts;
    this.view = createStore<StreamView>(
      { id: parts.id, position: start, received: 0, missing: 0, duplicates: 0, resume: null, error: null },
      parts.schedule,
    );
    this.#unlisten = parts.connection.onConnected(() => void this.#subscribe());
  }

  /** Stops following; the server is told when it is there. */
  close(): void {
    this.#closed = true;
    this.#unlisten();
    if (this.#parts.connection.view.get().state === "connected") {
      void this.#parts.connection.invoke("Unsubscribe", this.#parts.id);
    }
  }

  receive(event: Event): void {
    if (this.#closed) {
      return;
    }
    const view = this.view.get();
    if (this.#parts.belongsToGreeting?.(event)) {
      this.#parts.accept(event);
      return;
    }
    const { at, verdict } = advance(view.position, { epoch: event.epoch, seq: event.seq });
    switch (verdict.kind) {
      case "duplicate":
        this.#change({ duplicates: view.duplicates + 1 });
        return;
      case "gap":
        this.#missed(verdict.from, verdict.to);
        break;
      case "reset":
        this.#askAgain();
        return;
      case "accept":
        break;
    }
    this.#change({ position: at, received: view.received + 1 });
    this.#parts.accept(event);
    this.#settle();
  }

  historyLost(event: SessionEvent<HistoryLost>): void {
    if (!this.#closed && event.payload.stream === this.#name) {
      const { from, to } = event.payload;
      this.#lost += to - from + 1;
      this.#change({ position: skip(this.view.get().position, to) });
      this.#parts.lost(from, to);
      this.#settle();
    }
  }

  reset(event: SessionEvent<StreamReset>): void {
    if (!this.#closed && event.payload.stream === this.#name) {
      const { epoch, last_valid } = event.payload;
      this.#change({ position: rewind(this.view.get().position, epoch, last_valid) });
      this.#parts.discardAbove(last_valid);
      this.#settle();
      if (epoch === "") {
        // The stream may be out of reach by now, which only the answer to Subscribe tells.
        void this.#subscribe();
      }
    }
  }

  get #name(): string {
    return `${this.#parts.kind}:${this.#parts.id}`;
  }

  async #subscribe(): Promise<void> {
    const attempt = ++this.#attempt;
    const since = this.#parts.now();
    const from = this.view.get().received;
    const lostBefore = this.#lost;
    this.#unplaced = false;
    this.#change({ resume: { state: "subscribing" }, error: null });
    const asked = this.view.get().position;
    const answer = await this.#parts.connection.invoke<SubscribeResult>(
      "Subscribe",
      this.#parts.id,
      positionText(asked),
    );
    if (this.#closed || attempt !== this.#attempt) {
      return;
    }
    if (answer.error) {
      this.#change({ error: answer.error, resume: null });
      if (answer.error.retryable && this.#parts.connection.view.get().state === "connected") {
        setTimeout(() => !this.#closed && attempt === this.#attempt && void this.#subscribe(), this.#retryDelay());
      }
      return;
    }
    // Before the first event the epoch comes from here, so that a position never travels without it.
    const { position } = this.view.get();
    if (answer.epoch && position.epoch === "") {
      this.#change({ position: { epoch: answer.epoch, seq: position.seq } });
    } else if (answer.epoch && answer.recovered) {
      this.#change({ position: recovered(position, asked, answer.epoch) });
    }
    this.#change({ resume: { state: "replaying", expected: answer.replayed ?? 0, from, lostBefore, since } });
    this.#settle();
    this.#parts.subscribed?.();
    if (this.#unplaced && answer.recovered && this.view.get().position.epoch !== answer.epoch) {
      // The position moved on in the former epoch while the hub was asked about it.
      void this.#subscribe();
    }
  }

  /** One question at a time: what cannot be placed meanwhile is left over from before it, or its answer tells. */
  #askAgain(): void {
    this.#unplaced = true;
    if (this.view.get().resume?.state !== "subscribing") {
      void this.#subscribe();
    }
  }

  #retryDelay(): number {
    return 500 + backoff(3, this.#parts.random);
  }

  /** The replay is over once as many events came as were announced. */
  #settle(): void {
    const { resume, received } = this.view.get();
    if (resume?.state !== "replaying" || received - resume.from < resume.expected) {
      return;
    }
    this.#change({
      resume: {
        state: "done",
        first: !this.#everSubscribed,
        replayed: resume.expected,
        lost: this.#lost - resume.lostBefore,
        tookMs: this.#parts.now() - resume.since,
      },
    });
    this.#everSubscribed = true;
  }

  #missed(from: number, to: number): void {
    const count = to - from + 1;
    this.#lost += count;
    this.#change({ missing: this.view.get().missing + count });
    this.#parts.lost(from, to);
  }

  #change(part: Partial<StreamView>): void {
    this.view.update((view) => ({ ...view, ...part }));
  }
}
