/** A follower as an async iterable. A reader who falls behind stops the follower, which then goes on from its position: nothing piles up. */

import type { HubError } from "./errors.ts";
import type { Follower } from "./feed.ts";

const most = 1_000;

export interface IterateParts<Event> {
  owner: string;
  signal?: AbortSignal | undefined;
  /** Attaches the follower; the answer detaches it. */
  follow: (follower: Follower<Event>) => () => void;
  resume: (follower: Follower<Event>) => void;
  /** Calls back when no more events can come. */
  onEnd: (end: () => void) => () => void;
}

export async function* iterate<Event>(parts: IterateParts<Event>): AsyncGenerator<Event, void, undefined> {
  const waiting: Event[] = [];
  let error: HubError | null = null;
  let ended = parts.signal?.aborted ?? false;
  let wake: () => void = () => {};
  const end = () => {
    ended = true;
    wake();
  };
  const follower: Follower<Event> = {
    owner: parts.owner,
    cursor: null,
    accepting: true,
    event(event) {
      waiting.push(event);
      follower.accepting = waiting.length < most;
      wake();
    },
    failed(reason) {
      error = reason;
      end();
    },
  };
  const stop = parts.follow(follower);
  const unlisten = parts.onEnd(end);
  parts.signal?.addEventListener("abort", end);
  try {
    for (;;) {
      while (waiting.length > 0 && !parts.signal?.aborted) {
        yield waiting.shift() as Event;
      }
      if (error) {
        throw error;
      }
      if (ended) {
        return;
      }
      if (!follower.accepting) {
        parts.resume(follower);
      }
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (waiting.length > 0 || ended) {
          resolve();
        }
      });
    }
  } finally {
    stop();
    unlisten();
    parts.signal?.removeEventListener("abort", end);
  }
}
