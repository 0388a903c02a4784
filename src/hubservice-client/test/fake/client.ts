import { afterEach, beforeEach, vi } from "vitest";
import {
  type ClientEvents,
  HubClient,
  type HubClientOptions,
  type RetryPolicy,
  type SubscribeOptions,
} from "../../src/index.ts";
import { FakeServer } from "./server.ts";

/** Waits that a test can count on: 100 ms, whatever the attempt. */
export const steady: RetryPolicy = {
  next: ({ serverHintMs }) => (serverHintMs === undefined ? 100 : serverHintMs / 2),
};

export function fakeClock(): void {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });
}

export const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** A client of a fake hub, with what it tells. */
export function setUp(options: Partial<HubClientOptions> = {}) {
  const server = new FakeServer();
  let ids = 0;
  const client = new HubClient({
    url: "http://hub",
    sessionToken: "token",
    retry: steady,
    newId: () => `${++ids}`,
    openPort: server.open,
    ...options,
  });
  const told: { [Type in keyof ClientEvents]?: ClientEvents[Type][] } = {};
  const note = <Type extends keyof ClientEvents>(type: Type) => {
    const list: ClientEvents[Type][] = [];
    Object.assign(told, { [type]: list });
    client.on(type, (event) => list.push(event));
    return list;
  };
  return {
    server,
    client,
    statuses: note("status"),
    recoveries: note("recovery"),
    losses: note("lost"),
    drains: note("draining"),
    errors: note("error"),
  };
}

/** The outcome of a promise, or `pending` after the time that a test lets pass. */
export function outcome(promise: Promise<unknown>): { now: () => unknown } {
  let result: unknown = "pending";
  promise.then(
    (value) => {
      result = value;
    },
    (error: unknown) => {
      result = error;
    },
  );
  return { now: () => result };
}

/** The same, with a handle of the guide on thread `t` that is connected. */
export async function connected(options: Partial<HubClientOptions> = {}) {
  const all = setUp(options);
  const id = await all.client.connectToGuide(undefined, { threadId: "t" });
  await pass(0);
  return { ...all, id };
}

/** The same, with a subscriber of all events. */
export async function following(options: SubscribeOptions = { from: "start" }, handler?: () => Promise<void>) {
  const all = await connected();
  const seqs: number[] = [];
  const stop = all.client.subscribe(all.id, "*", handler ?? ((event) => seqs.push(event.seq)), options);
  await pass(0);
  return { ...all, seqs, stop };
}

export const oneTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);
