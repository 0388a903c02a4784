/**
 * One stream on one connection, for all who follow it there. Every follower has its own cursor and gets each event once and in
 * order; the hub is asked from the position of the one who needs most, the others drop what they know.
 */
import type { Calls } from "./calls.ts";
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
import { fromConnection, HubError } from "./errors.ts";
import type { HubListener } from "./hub.ts";
import { forever } from "./retry.ts";
import type { ConnectionId, SubscribeOptions } from "./types.ts";

/** An event, of either hub. */
export interface StreamEvent extends Position {
  readonly type: string;
}

/** What somebody asked for, and does with what comes. */
export interface Taking<Event = StreamEvent> extends Omit<SubscribeOptions, "onGreeting"> {
  event(event: Event): void;
  /** The greeting of a project, outside the order. */
  onGreeting?: ((event: Event) => void) | undefined;
  /** Nothing comes any more: the hub does not let it follow, or whose it is has stopped it. */
  ended(error?: HubError): void;
}

export interface Follower extends Taking {
  /** Whose it is: the handle's id. */
  readonly owner: ConnectionId;
  cursor: Cursor;
  /** False while it takes nothing; `resume` when it does again, from its position. */
  accepting: boolean;
  resume(): void;
  stop(): void;
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
  reason: RecoveryReason;
}

/**
 * Why a stream was asked for, or what the hub told; the .NET client has the same words.
 * - `subscribed`: somebody came to follow it
 * - `resumed`: the connection is a new one
 * - `gap`: an event was missing
 * - `slow_subscriber`: a reader who fell behind takes events again
 * - `history_lost`: events are gone by retention
 * - `reset`: what was seen is valid no more, or the positions were asked for again after that
 */
export type RecoveryReason = "subscribed" | "resumed" | "gap" | "slow_subscriber" | "history_lost" | "reset";

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
  readonly calls: Pick<Calls, "call" | "retryMs">;
  readonly tell: Pick<HubListener, "recovery" | "error">;
}

export class Feed {
  readonly id: string;
  readonly followers = new Set<Follower>();
  readonly #hub: FeedHub;
  /** Counts connections: an answer of a former one is void. */
  #life = 0;
  /** Also while a refused question waits to be asked again. */
  #asking = false;
  /** Why it is to be asked for, of several reasons the first; null when it is not. */
  #reason: RecoveryReason | null = null;
  #attempt = 0;
  /** That of the newest answer; null before the first. */
  #epoch: string | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(id: string, hub: FeedHub) {
    this.id = id;
    this.#hub = hub;
  }

  add(follower: Follower): void {
    const ahead = this.#cursors().at(-1);
    this.followers.add(follower);
    if (follower.cursor || !ahead) {
      void this.#ask("subscribed");
    } else if (this.#epoch !== null) {
      // From now on means from where the others stand, or else from the head that they are about to learn.
      follower.cursor = ahead;
    }
  }

  remove(follower: Follower): void {
    if (this.followers.delete(follower) && this.followers.size === 0) {
      clearTimeout(this.#timer);
      this.#life++;
      if (this.#hub.isConnected) {
        this.#call("Unsubscribe").catch(() => {});
      }
    }
  }

  /** The follower accepts again, from its position. */
  resume(follower: Follower): void {
    follower.accepting = true;
    void this.#ask("slow_subscriber");
  }

  connected(): void {
    this.#life++;
    clearTimeout(this.#timer);
    this.#asking = false;
    this.#attempt = 0;
    this.#reason = null;
    void this.#ask(this.#epoch === null ? "subscribed" : "resumed");
  }

  event(event: StreamEvent): void {
    if (event.type === "HELLO") {
      this.#each((follower) => follower.onGreeting?.(event));
      return;
    }
    let duplicates = 0;
    const seen = this.#take(
      (cursor) => {
        const step = advance(cursor, event);
        duplicates ||= step === "duplicate" ? 1 : 0;
        return step;
      },
      (follower) => follower.event(event),
    );
    this.#hub.stats.duplicatesDropped += seen < 0 ? duplicates : 0;
  }

  /** The hub tells what is gone, or void. */
  gone(type: "history_lost" | "reset", payload: HistoryLost & StreamReset): void {
    const again = type === "reset";
    const { from, to, last_valid, epoch } = payload;
    const seen = this.#take(
      (cursor) => (again ? reset : historyLost)(cursor, payload),
      (follower, seq) => (again ? follower.onReset?.(last_valid) : follower.onLost?.(seq + 1, to)),
    );
    if (seen >= 0) {
      this.#epoch = again ? epoch : this.#epoch;
      this.#tell(type, again ? last_valid + 1 : from, again ? seen : to);
    }
    if (again && (epoch === "" || this.followers.size > 1)) {
      // It may be out of reach by now, which only the answer to Subscribe tells; or others wait for what was not asked yet.
      void this.#ask(type);
    }
  }

  /** Moves each follower on; answers the highest seq at which one stood who accepted, -1 when nobody did. */
  #take(step: (cursor: Cursor) => Step, accepted: (follower: Follower, seq: number) => unknown): number {
    let highest = -1;
    this.#each((follower) => {
      const seq = follower.cursor?.seq ?? 0;
      const next = step(follower.cursor);
      if (typeof next === "object") {
        follower.cursor = next;
        highest = Math.max(highest, seq);
        return accepted(follower, seq);
      }
      // One question at a time: what cannot be placed meanwhile is left over from before it, or its answer tells.
      if (next !== "duplicate" && !this.#asking) {
        this.#hub.stats.gaps += next === "gap" ? 1 : 0;
        void this.#ask(next);
      }
      return;
    });
    return highest;
  }

  #call(method: string, ...position: string[]): Promise<unknown> {
    return this.#hub.calls.call(method, [this.id, ...position], { queue: false });
  }

  async #ask(reason: RecoveryReason): Promise<void> {
    this.#reason ??= reason;
    if (this.#asking || !this.#hub.isConnected || !this.#accepting().length) {
      return;
    }
    const why = this.#reason;
    this.#reason = null;
    this.#asking = true;
    const life = this.#life;
    const asked = this.#neediest();
    const answer = await this.#call("Subscribe", ...(asked ? [positionText(asked)] : [])).catch(fromConnection);
    if (life !== this.#life) {
      return;
    }
    if (answer instanceof HubError) {
      this.#refused(answer, why);
      return;
    }
    this.#asking = false;
    this.#attempt = 0;
    const again = this.#place(asked, answer as SubscribeResult, why) ? this.#reason : why;
    if (again) {
      void this.#ask(again);
    }
  }

  /** Who stands in another epoch than the stream first, since only the hub knows what of it is valid; then the lowest. */
  #neediest(): Cursor {
    const rising = this.#cursors();
    return rising.findLast(({ epoch }) => epoch && epoch !== this.#epoch) ?? rising[0] ?? null;
  }

  #accepting(): Follower[] {
    return [...this.followers].filter(({ accepting }) => accepting);
  }

  /** Where the followers stand, the lowest first. */
  #cursors(): Position[] {
    return this.#accepting()
      .flatMap(({ cursor }) => cursor ?? [])
      .sort((a, b) => a.seq - b.seq);
  }

  #refused(error: HubError, reason: RecoveryReason): void {
    if (error.retryable) {
      const wait = this.#hub.calls.retryMs(this.#attempt++, error);
      if (wait < forever) {
        this.#timer = setTimeout(() => {
          this.#asking = false;
          void this.#ask(reason);
        }, wait);
      }
      return;
    }
    this.#asking = false;
    this.#hub.tell.error(error);
    for (const follower of [...this.followers]) {
      guard(() => follower.ended(error), this.#hub.tell.error);
      follower.stop();
    }
  }

  /** What the answer says about where the followers stand. False when one stands before what was asked for, or in another epoch. */
  #place(asked: Cursor, answer: SubscribeResult, why: RecoveryReason): boolean {
    const epoch = answer.epoch ?? "";
    const seq = answer.seq ?? 0;
    this.#epoch = epoch;
    for (const follower of this.followers) {
      const at = anchor(follower.cursor, { epoch, seq });
      // Below a position that is good everything is.
      const good = asked && answer.recovered && at.epoch === asked.epoch && at.seq <= asked.seq;
      follower.cursor = good ? recovered(at, at, epoch) : at;
    }
    if (!answer.recovered) {
      return true;
    }
    this.#tell(why, asked?.seq ?? seq, seq, answer.replayed ?? 0);
    return this.#cursors().every((cursor) => cursor.epoch === epoch && cursor.seq >= (asked?.seq ?? 0));
  }

  #tell(reason: RecoveryReason, fromSeq: number, toSeq: number, replayed?: number): void {
    const recovered = replayed !== undefined;
    const epoch = this.#epoch ?? "";
    this.#hub.tell.recovery(this, { recovered, reason, fromSeq, toSeq, replayed: replayed ?? 0, epoch });
  }

  #each(act: (follower: Follower) => unknown): void {
    for (const follower of this.followers) {
      if (follower.accepting) {
        guard(() => act(follower), this.#hub.tell.error);
      }
    }
  }
}
