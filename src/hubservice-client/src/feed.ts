/**
 * One stream on one connection, for all who follow it there. Every follower has its own cursor and gets each event once and in
 * order; the hub is asked from the position of the one who needs most, the others drop what they know.
 */
import type { HistoryLost, StreamReset, SubscribeResult } from "./contracts.ts";
import {
  advance,
  anchor,
  type Cursor,
  historyLost,
  type Position,
  positionText,
  recovered,
  reset,
  type Step,
} from "./cursor.ts";
import { guard } from "./emitter.ts";
import { fromConnection, HubError, textOf } from "./errors.ts";

/** An event, of either hub. */
export interface StreamEvent extends Position {
  readonly type: string;
}

export interface Follower<Event = StreamEvent> {
  /** Whose it is: the handle's id. */
  readonly owner: string;
  cursor: Cursor;
  /** False while it takes nothing; `resume` of the feed when it does again. */
  accepting: boolean;
  event(event: Event): void;
  /** The greeting of a project, outside the order. */
  greeting?: ((event: Event) => void) | undefined;
  /** `from..to` are gone. */
  lost?: ((from: number, to: number) => void) | undefined;
  /** Nothing above is valid. */
  reset?: ((lastValid: number) => void) | undefined;
  /** Nothing comes any more: the hub does not let it follow, or whose it is has stopped it. */
  ended?: ((error?: HubError) => void) | undefined;
}

/** After a (re)subscription, or when the hub tells that something is missing: did the follower get every event? */
export interface Recovery {
  recovered: boolean;
  /** With `recovered`: what was asked from and the head. Otherwise the first and last seq that are gone. */
  fromSeq: number;
  toSeq: number;
  /** That of the stream now. */
  epoch: string;
  replayed: number;
  reason: "subscribed" | "resumed" | "history_lost" | "reset";
}

/** Of all streams of a connection. */
export interface Stats {
  gaps: number;
  /** Events that nobody needed any more. */
  duplicatesDropped: number;
  /** When the newest came, Unix ms. */
  lastEventAt: number | null;
}

/** What a stream needs of its connection. */
export interface FeedHub {
  readonly stats: Stats;
  readonly isConnected: boolean;
  call(method: string, ...args: unknown[]): Promise<unknown>;
  /** ms before a refused subscription is tried again. */
  retryMs(attempt: number, error: HubError): number;
  told(feed: Feed, recovery: Recovery): void;
  trouble(error: HubError): void;
}

export class Feed {
  readonly id: string;
  readonly followers = new Set<Follower>();
  readonly #hub: FeedHub;
  /** Counts connections: an answer of a former one is void. */
  #life = 0;
  #asking = false;
  #askAgain = false;
  #subscribed = false;
  #attempt = 0;
  /** That of the newest answer. */
  #epoch = "";
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(id: string, hub: FeedHub) {
    this.id = id;
    this.#hub = hub;
  }

  add(follower: Follower): void {
    const ahead = this.#cursors().sort((a, b) => b.seq - a.seq)[0];
    this.followers.add(follower);
    if (!follower.cursor && ahead) {
      // From now on means from where the others stand.
      follower.cursor = ahead;
    } else {
      void this.#ask();
    }
  }

  remove(follower: Follower): void {
    this.followers.delete(follower);
    if (this.followers.size === 0) {
      clearTimeout(this.#timer);
      this.#life++;
      if (this.#hub.isConnected) {
        this.#hub.call("Unsubscribe", this.id).catch(() => {});
      }
    }
  }

  /** The follower accepts again, from its position. */
  resume(follower: Follower): void {
    follower.accepting = true;
    void this.#ask();
  }

  connected(): void {
    this.#life++;
    this.#asking = false;
    this.#attempt = 0;
    void this.#ask();
  }

  event(event: StreamEvent): void {
    if (event.type === "HELLO") {
      this.#each((follower) => follower.greeting?.(event));
      return;
    }
    let accepted = false;
    let duplicate = false;
    this.#each((follower) => {
      const { verdict, cursor } = advance(follower.cursor, event);
      follower.cursor = cursor;
      accepted ||= verdict === "accept";
      duplicate ||= verdict === "duplicate";
      if (verdict === "gap" || verdict === "reset") {
        this.#misplaced(verdict);
      }
      return verdict === "accept" && follower.event(event);
    });
    this.#hub.stats.duplicatesDropped += duplicate && !accepted ? 1 : 0;
  }

  historyLost(payload: HistoryLost): void {
    let told = false;
    this.#each((follower) => {
      const from = (follower.cursor?.seq ?? 0) + 1;
      const took = this.#took(follower, historyLost(follower.cursor, payload));
      told ||= took;
      return took && follower.lost?.(from, payload.to);
    });
    if (told) {
      this.#tell("history_lost", payload.from, payload.to);
    }
  }

  reset(payload: StreamReset): void {
    let highest = -1;
    this.#each((follower) => {
      const seq = follower.cursor?.seq ?? 0;
      const took = this.#took(follower, reset(follower.cursor, payload));
      highest = took ? Math.max(highest, seq) : highest;
      return took && follower.reset?.(payload.last_valid);
    });
    if (highest >= 0) {
      this.#epoch = payload.epoch;
      this.#tell("reset", payload.last_valid + 1, highest);
    }
    if (payload.epoch === "" || this.followers.size > 1) {
      // It may be out of reach by now, which only the answer to Subscribe tells; or others wait for what was not asked yet.
      void this.#ask();
    }
  }

  #took(follower: Follower, { verdict, cursor }: Step): boolean {
    follower.cursor = cursor;
    if (verdict === "gap") {
      this.#misplaced(verdict);
    }
    return verdict === "accept";
  }

  /** One question at a time: what cannot be placed meanwhile is left over from before it, or its answer tells. */
  #misplaced(verdict: "gap" | "reset"): void {
    if (!this.#asking) {
      this.#hub.stats.gaps += verdict === "gap" ? 1 : 0;
      void this.#ask();
    }
  }

  async #ask(): Promise<void> {
    const accepting = [...this.followers].filter((follower) => follower.accepting);
    if (!this.#hub.isConnected || accepting.length === 0) {
      return;
    }
    if (this.#asking) {
      this.#askAgain = true;
      return;
    }
    clearTimeout(this.#timer);
    this.#asking = true;
    this.#askAgain = false;
    const life = this.#life;
    const asked = this.#neediest();
    const answer = await this.#subscribe(asked);
    if (life !== this.#life) {
      return;
    }
    this.#asking = false;
    if (answer instanceof HubError) {
      this.#refused(answer);
      return;
    }
    this.#attempt = 0;
    this.#place(asked, answer);
    if (this.#askAgain || (answer.recovered && !this.#served(asked, answer.epoch ?? ""))) {
      void this.#ask();
    }
  }

  /** Who stands in another epoch than the stream first, since only the hub knows what of it is valid; then the lowest. */
  #neediest(): Cursor {
    const rising = this.#cursors().sort((a, b) => a.seq - b.seq);
    return rising.findLast(({ epoch }) => epoch && epoch !== this.#epoch) ?? rising[0] ?? null;
  }

  #cursors(): Position[] {
    return [...this.followers].filter((follower) => follower.accepting).flatMap(({ cursor }) => cursor ?? []);
  }

  async #subscribe(asked: Cursor): Promise<SubscribeResult | HubError> {
    try {
      return (await this.#hub.call("Subscribe", this.id, ...(asked ? [positionText(asked)] : []))) as SubscribeResult;
    } catch (error) {
      return fromConnection(error);
    }
  }

  #refused(error: HubError): void {
    if (!this.#hub.isConnected) {
      return;
    }
    if (error.retryable) {
      this.#timer = setTimeout(() => void this.#ask(), this.#hub.retryMs(this.#attempt++, error));
      return;
    }
    this.#hub.trouble(error);
    for (const follower of this.followers) {
      this.#guard(() => follower.ended?.(error));
    }
  }

  /** What the answer says about where the followers stand. */
  #place(asked: Cursor, answer: SubscribeResult): void {
    const epoch = answer.epoch ?? "";
    this.#epoch = epoch;
    const head = answer.seq ?? 0;
    for (const follower of this.followers) {
      const { cursor } = follower;
      if (!cursor || cursor.epoch === "") {
        follower.cursor = anchor(cursor, { epoch, seq: head });
      } else if (asked && answer.recovered && cursor.epoch === asked.epoch && cursor.seq <= asked.seq) {
        // Below a position that is good everything is.
        follower.cursor = recovered(cursor, cursor, epoch);
      }
    }
    if (answer.recovered) {
      this.#tell(this.#subscribed ? "resumed" : "subscribed", asked?.seq ?? head, head, answer.replayed ?? 0);
    }
    this.#subscribed = true;
  }

  #tell(reason: Recovery["reason"], fromSeq: number, toSeq: number, replayed?: number): void {
    const recovered = replayed !== undefined;
    this.#hub.told(this, { recovered, reason, fromSeq, toSeq, replayed: replayed ?? 0, epoch: this.#epoch });
  }

  /** Nobody stands before what was asked for, or in another epoch. */
  #served(asked: Cursor, epoch: string): boolean {
    return this.#cursors().every((cursor) => cursor.epoch === epoch && cursor.seq >= (asked?.seq ?? 0));
  }

  #each(act: (follower: Follower) => unknown): void {
    for (const follower of this.followers) {
      if (follower.accepting) {
        this.#guard(() => act(follower));
      }
    }
  }

  #guard(handler: () => unknown): void {
    guard(handler, (cause) =>
      this.#hub.trouble(new HubError("internal", `A handler threw: ${textOf(cause)}`, { cause })),
    );
  }
}
