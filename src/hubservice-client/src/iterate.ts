/** A follower as an iterable. A reader who falls behind stops it, and it goes on from its position later: nothing piles up. */
import type { HubError } from "./errors.ts";
import type { Follower, Taking } from "./feed.ts";

const most = 1_000;

/** @param follow attaches the follower */
export async function* iterate<Event>(
  follow: (taking: Pick<Taking<Event>, "event" | "ended">) => Follower,
): AsyncGenerator<Event, void, undefined> {
  const waiting: Event[] = [];
  let error: HubError | undefined;
  let ended = false;
  let wake = () => {};
  const follower = follow({
    event(event) {
      follower.accepting = waiting.push(event) < most;
      wake();
    },
    ended(reason) {
      error ??= reason;
      ended = true;
      wake();
    },
  });
  try {
    while (!ended) {
      for (let event = waiting.shift(); event && !ended; event = waiting.shift()) {
        yield event;
      }
      if (!follower.accepting) {
        follower.resume();
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
    follower.stop();
  }
}
