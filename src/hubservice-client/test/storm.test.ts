/** Everything at once, with seeded randomness: whatever happens, every follower has the whole stream in the end, in order and once. */
import { expect, test } from "vitest";
import { fullJitter } from "../src/index.ts";
import { fakeClock, outcome, pass, setUp } from "./fake/client.ts";

fakeClock();

/** Mulberry32. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A reader's copy of the stream, as an application would keep it. */
function copy() {
  const events: number[] = [];
  const faults: string[] = [];
  return {
    events,
    faults,
    take(seq: number) {
      if (seq !== (events.at(-1) ?? 0) + 1) {
        faults.push(`${seq} after ${events.at(-1) ?? 0}`);
      }
      events.push(seq);
    },
    reset(lastValid: number) {
      events.length = Math.min(events.length, lastValid);
    },
  };
}

test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])("Storm %i", async (seed) => {
  const random = seeded(seed);
  const { client, server } = setUp({ retry: fullJitter({ random, minMs: 20, maxMs: 100 }) });
  const id = await client.connectToGuide(undefined, { threadId: "t" });
  const copies: ReturnType<typeof copy>[] = [];
  const sends: ReturnType<typeof outcome>[] = [];
  let epoch = 1;
  const join = () => {
    const mine = copy();
    copies.push(mine);
    client.subscribe(id, "*", (event) => mine.take(event.seq), { from: "start", onReset: (to) => mine.reset(to) });
  };
  const actions = [
    () => server.publishMany("t", 1 + Math.floor(random() * 5)),
    () => server.live.at(-1)?.end(),
    () => copies.length < 6 && join(),
    () => sends.push(outcome(client.sendMessage(id, "hello"))),
    // The newest events are lost with a node, or none are.
    () => server.rollback("t", `e${++epoch}`, Math.max(0, server.stream("t").events.length - Math.floor(random() * 3))),
    // Some events are lost on the way to the client.
    () => server.live.at(-1)?.cursors.set("t", server.publish("t").seq),
    () => server.live.at(-1)?.session("ServerDraining", "server_draining", { reconnect_within_ms: 50 }),
  ];
  join();
  for (let i = 0; i < 400; i++) {
    actions[Math.floor(random() * actions.length)]?.();
    await pass(Math.floor(random() * 40));
  }
  server.publish("t");
  await pass(60_000);
  const whole = server.stream("t").events.map((event) => event.seq);
  expect(whole.length).toBeGreaterThan(100);
  for (const { events, faults } of copies) {
    expect(faults).toEqual([]);
    expect(events).toEqual(whole);
  }
  expect(sends.length).toBeGreaterThan(10);
  expect(sends.filter((sent) => sent.now() === "pending")).toEqual([]);
});
