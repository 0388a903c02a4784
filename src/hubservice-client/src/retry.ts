import type { HubError } from "./errors.ts";

/** The longest that a timer takes, 24 days in ms. */
export const forever = 2_147_483_647;

export interface RetryContext {
  /** Failed attempts before this one; 0 for the first. */
  attempt: number;
  /** Time since the connection was last good, in ms. */
  elapsedMs: number;
  error?: HubError;
  /** The hub asks to be back within this time, in ms. */
  serverHintMs?: number | undefined;
}

/** Says how long to wait before the next attempt, the first connect included. */
export interface RetryPolicy {
  /**
   * The wait in ms; null to wait until the browser is online or the page visible again, or `reconnectNow` is called. After null what
   * the hub refused is not sent again, and a stream is asked for again by the next connection.
   */
  next(context: RetryContext): number | null;
}

export interface FullJitterOptions {
  /** The upper bound of the first wait; 500 ms by default. */
  minMs?: number;
  /** The upper bound of every wait; 20 s by default. */
  maxMs?: number;
  random?: () => number;
}

/** Attempt n waits a random part of `minMs * 2^n`, so that clients which lost the same node do not come back in step. */
export function fullJitter(options: FullJitterOptions = {}): RetryPolicy {
  const { minMs = 500, maxMs = 20_000, random = Math.random } = options;
  return {
    next({ attempt, serverHintMs }) {
      return Math.round(random() * (serverHintMs ?? Math.min(maxMs, minMs * 2 ** attempt)));
    },
  };
}
