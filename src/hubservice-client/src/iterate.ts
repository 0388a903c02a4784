/** A follower as an iterable. A reader who falls behind stops it, and it goes on from its position later: nothing piles up. */
import type { HubError } from "./errors.ts";
import type { Follower } from "./feed.ts";

const most = 1_000;

/**
 * @param follow attaches the follower; the answer detaches it
 * @param resume lets a follower that stopped go on
 */
export async function* iterate<Event>(
  owner: string,
  follow: (follower: Follower<Event>) => () => void,
  resume: (follower: Follower<Event>) => void,
): AsyncGenerator<Event, void, undefined> {
  const waiting: Event[] = [];
  let error: HubError | undefined;
  let ended = false;
  let wake = () => {};
  const follower: Follower<Event> = {
    owner,
    cursor: null,
    accepting: true,
    event(event) {
      follower.accepting = waiting.push(event) < most;
      wake();
    },
    ended(reason) {
      error = reason;
      ended = true;
      wake();
    },
  };
  const stop = follow(follower);
  try {
    while (!ended) {
      for (let event = waiting.shift(); event && !ended; event = waiting.shift()) {
        yield event;
      }
      if (!follower.accepting) {
        resume(follower);
      }
      if (waiting.length === 0 && !ended) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
    if (error) {
      throw error;
    }
  } finally {
    stop();
  }
}
