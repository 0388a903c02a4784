import { expect, test, vi } from "vitest";
import { type AgentEvent, HubClient, HubError, type SubscribeOptions } from "../src/index.ts";
import { fakeClock, outcome, pass, setUp } from "./fake/client.ts";

fakeClock();

async function following(options: SubscribeOptions = { from: "start" }, handler?: () => Promise<void>) {
  const all = setUp();
  const id = await all.client.connectToGuide(undefined, { threadId: "t" });
  await pass(0);
  const seqs: number[] = [];
  const stop = all.client.subscribe(id, "*", handler ?? ((event) => seqs.push(event.seq)), options);
  await pass(0);
  return { ...all, id, seqs, stop };
}

const oneTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

test("A subscriber gets what is kept and what comes, and with a type only that", async () => {
  const { client, server, id, seqs } = await following();
  server.publishMany("t", 3);
  const messages: string[] = [];
  client.subscribe(id, "user_message", (event) => messages.push(event.payload.text), { from: "start" });
  await client.sendMessage(id, "hello");
  await pass(0);
  expect(seqs).toEqual(oneTo(4));
  expect(messages).toEqual(["hello"]);
});

test("From now on means from the head, from a position means behind it", async () => {
  const { client, server, id } = await following();
  server.publishMany("other", 5);
  const now: number[] = [];
  client.subscribe(id, "*", (event) => now.push(event.seq), { threadId: "other" });
  await pass(0);
  const from: number[] = [];
  client.subscribe(id, "*", (event) => from.push(event.seq), { threadId: "other", from: "e1:3" });
  await pass(0);
  server.publishMany("other", 2);
  expect(now).toEqual([6, 7]);
  expect(from).toEqual([4, 5, 6, 7]);
  expect(() => client.subscribe(id, "*", () => {}, { from: "nonsense" })).toThrow("no position");
});

test("After a lost connection the stream goes on from the position", async () => {
  const { server, seqs, recoveries, id } = await following();
  server.publishMany("t", 3);
  server.port.end();
  server.publishMany("t", 2);
  await pass(200);
  server.publishMany("t", 1);
  expect(seqs).toEqual(oneTo(6));
  expect(server.called("Subscribe")).toEqual([
    ["t", ":0"],
    ["t", "e1:3"],
  ]);
  expect(recoveries).toEqual([
    {
      connectionId: id,
      streamId: "t",
      recovered: true,
      fromSeq: 0,
      toSeq: 0,
      replayed: 0,
      reason: "subscribed",
      epoch: "e1",
    },
    {
      connectionId: id,
      streamId: "t",
      recovered: true,
      fromSeq: 3,
      toSeq: 5,
      replayed: 2,
      reason: "resumed",
      epoch: "e1",
    },
  ]);
});

test("A stream without events is subscribed to, not resumed, whoever comes and however many", async () => {
  const { client, recoveries, id } = await following();
  const other = await client.connectToGuide(undefined, { threadId: "t" });
  client.subscribe(other, "*", () => {});
  client.subscribe(id, "*", () => {}, { from: "start" });
  await pass(0);
  expect(new Set(recoveries.map(({ reason }) => reason))).toEqual(new Set(["subscribed"]));
});

test("A gap makes it ask again from its position, and nothing is missing", async () => {
  const { client, server, seqs, id, recoveries } = await following();
  server.publishMany("t", 2);
  // Events 3 and 4 are lost on the way.
  server.port.cursors.set("t", 4);
  server.publishMany("t", 3);
  await pass(0);
  expect(seqs).toEqual(oneTo(5));
  expect(client.getConnectionHealth(id)).toMatchObject({ gaps: 1 });
  expect(recoveries.at(-1)).toMatchObject({ recovered: true, fromSeq: 2, reason: "gap" });
});

test("An event that comes twice is handed on once", async () => {
  const { client, server, seqs, id } = await following();
  server.publishMany("t", 2);
  server.port.cursors.set("t", 0);
  server.port.deliver("t");
  expect(seqs).toEqual(oneTo(2));
  expect(client.getConnectionHealth(id)).toMatchObject({ duplicatesDropped: 2, gaps: 0 });
});

test("Lost history is told with its bounds and is no gap", async () => {
  const lost: [number, number][] = [];
  const { server, seqs, recoveries } = await following({ from: "start", onLost: (from, to) => lost.push([from, to]) });
  server.publishMany("t", 2);
  server.port.end();
  server.publishMany("t", 10);
  server.trim("t", 8);
  await pass(200);
  expect(seqs).toEqual([1, 2, 8, 9, 10, 11, 12]);
  expect(lost).toEqual([[3, 7]]);
  expect(recoveries.at(-1)).toMatchObject({ recovered: false, fromSeq: 3, toSeq: 7, reason: "history_lost" });
});

test("A rollback is told before the first event of the new epoch", async () => {
  const told: string[] = [];
  const { client, server, seqs, id, recoveries } = await following({
    from: "start",
    onReset: (lastValid) => told.push(`reset to ${lastValid} after ${seqs.length}`),
  });
  server.publishMany("t", 5);
  server.port.end();
  server.rollback("t", "e2", 3);
  await pass(200);
  server.publishMany("t", 2);
  await pass(0);
  expect(seqs).toEqual([1, 2, 3, 4, 5, 4, 5]);
  expect(told).toEqual(["reset to 3 after 5"]);
  expect(recoveries.at(-1)).toMatchObject({ recovered: false, fromSeq: 4, toSeq: 5, reason: "reset" });
  expect(client.getConnectionHealth(id)).toMatchObject({ gaps: 0, duplicatesDropped: 0 });
});

test("A store that only restarted changes the epoch and nothing else", async () => {
  const { server, seqs } = await following();
  server.publishMany("t", 3);
  server.rollback("t", "e2", 3);
  server.publishMany("t", 1);
  server.port.end();
  server.rollback("t", "e3", 4);
  await pass(200);
  server.publishMany("t", 1);
  expect(seqs).toEqual(oneTo(5));
});

test("A stream that is no longer theirs is told to its followers", async () => {
  const refused: string[] = [];
  const { server, seqs, errors } = await following({ from: "start", onError: (error) => refused.push(error.code) });
  server.publishMany("t", 2);
  server.answers.Subscribe = () => ({ error: { code: "not_found", message: "gone", retryable: false } });
  server.port.session("Reset", "reset", { stream: "thread:t", epoch: "", last_valid: 0 });
  await pass(0);
  expect(refused).toEqual(["not_found"]);
  expect(errors.map(({ error }) => error.code)).toEqual(["not_found"]);
  expect(seqs).toEqual(oneTo(2));
});

test("A subscription that is refused for now is asked for again", async () => {
  const { client, server, id } = await following();
  let refusals = 3;
  server.answers.Subscribe = () =>
    refusals-- > 0
      ? { error: { code: "rate_limited", message: "", retryable: true, details: { retry_after_ms: 50 } } }
      : undefined;
  const seqs: number[] = [];
  client.subscribe(id, "*", (event) => seqs.push(event.seq), { threadId: "u", from: "start" });
  server.publishMany("u", 1);
  await pass(1_000);
  expect(seqs).toEqual([1]);
});

test("Who comes later gets all of it while the others get nothing twice", async () => {
  const { client, server, id, seqs } = await following();
  server.publishMany("t", 5);
  const later: number[] = [];
  client.subscribe(id, "*", (event) => later.push(event.seq), { from: "start" });
  server.publishMany("t", 1);
  await pass(0);
  server.publishMany("t", 1);
  expect(later).toEqual(oneTo(7));
  expect(seqs).toEqual(oneTo(7));
  expect(client.getConnectionHealth(id)).toMatchObject({ gaps: 0, duplicatesDropped: 0 });
});

test("Followers in different epochs are each brought to the present one", async () => {
  const { client, server, id, seqs } = await following();
  server.publishMany("t", 5);
  server.rollback("t", "e2", 4);
  const later: number[] = [];
  client.subscribe(id, "*", (event) => later.push(event.seq), { from: "start" });
  await pass(0);
  server.publishMany("t", 2);
  await pass(10);
  expect(later).toEqual(oneTo(6));
  expect(seqs).toEqual([1, 2, 3, 4, 5, 5, 6]);
});

test("The last follower of a stream leaves it; its events go nowhere", async () => {
  const { server, seqs, stop } = await following();
  stop();
  await pass(0);
  expect(server.called("Unsubscribe")).toEqual([["t"]]);
  server.publishMany("t", 1);
  server.port.end();
  await pass(200);
  expect(seqs).toEqual([]);
  expect(server.called("Subscribe")).toHaveLength(1);
});

test("A signal ends a subscription", async () => {
  const control = new AbortController();
  const { server, seqs } = await following({ from: "start", signal: control.signal });
  server.publishMany("t", 1);
  control.abort();
  server.publishMany("t", 1);
  expect(seqs).toEqual([1]);
});

test("Subscribers of a conversation that has not begun get it from its first event", async () => {
  const { client } = setUp();
  const id = await client.connectToGuide();
  const types: string[] = [];
  client.subscribe(id, "*", (event) => types.push(event.type));
  const never: string[] = [];
  const stop = client.subscribe(id, "*", (event) => never.push(event.type));
  stop();
  await pass(0);
  const sent = client.sendMessage(id, "hello");
  await pass(0);
  await sent;
  await pass(0);
  expect(types).toEqual(["user_message"]);
  expect(never).toEqual([]);
});

test("The own conversation is followed from its start also when it has begun, and by an iterable", async () => {
  const { client, server } = setUp();
  const id = await client.connectToGuide();
  await pass(0);
  const { thread_id } = await client.sendMessage(id, "hello");
  // The agent was faster than who wants to read it.
  server.publish(thread_id, "agent_completed");
  const types: string[] = [];
  client.subscribe(id, "*", (event) => types.push(event.type));
  const iterated: string[] = [];
  const reader = (async () => {
    for await (const event of client.events(id)) {
      iterated.push(event.type);
      if (event.type === "agent_completed") {
        return "done";
      }
    }
    return "ended";
  })();
  await pass(0);
  expect(types).toEqual(["user_message", "agent_completed"]);
  expect(await reader).toBe("done");
  expect(iterated).toEqual(types);
  const kept: number[] = [];
  const again = await client.connectToGuide(undefined, { threadId: thread_id });
  client.subscribe(again, "*", (event) => kept.push(event.seq));
  client.subscribe(again, "*", (event) => kept.push(-event.seq), { from: "now" });
  await pass(0);
  expect(kept).toEqual([1, 2]);
});

test("A handler that throws is reported and gets the next event", async () => {
  const { client, server, id, errors } = await following();
  let calls = 0;
  client.subscribe(id, "*", () => {
    calls++;
    throw new Error("mine");
  });
  await pass(0);
  server.publishMany("t", 2);
  expect(calls).toBe(2);
  expect(errors.map(({ error }) => error.message)).toEqual(Array(2).fill("A handler threw: mine"));
});

test("A handler whose promise rejects is reported, and in the console when nobody listens to errors", async () => {
  const shown = vi.spyOn(console, "error").mockImplementation(() => {});
  const { server, errors } = await following({ from: "start" }, async () => {
    throw new Error("mine");
  });
  server.publishMany("t", 1);
  await pass(0);
  expect(errors.map(({ error }) => [error.message, error.cause])).toEqual([
    ["A handler threw: mine", expect.objectContaining({ message: "mine" })],
  ]);
  expect(shown).not.toHaveBeenCalled();
  const client = new HubClient({ url: "http://hub", sessionToken: "token", openPort: server.open });
  const id = await client.connectToGuide(undefined, { threadId: "t" });
  client.subscribe(id, "*", () => {
    throw new Error("mine");
  });
  await pass(0);
  expect(shown).toHaveBeenCalledExactlyOnceWith("A handler threw: mine", expect.any(HubError));
  shown.mockRestore();
});

test("An event of a type that a later hub adds takes its place in the order", async () => {
  const { client, server, id, seqs } = await following();
  server.publish("t", "hologram_shown");
  server.publishMany("t", 1);
  expect(seqs).toEqual([1, 2]);
  expect(client.getConnectionHealth(id)).toMatchObject({ gaps: 0 });
});

test("The greeting of a project is told apart from its events", async () => {
  const { client, server } = setUp();
  const id = await client.connectToProject("demo");
  const seen: string[] = [];
  client.subscribe(id, "*", (event) => seen.push(`${event.event.name} ${event.seq}`), {
    from: "start",
    onGreeting: (event) => seen.push(`greeting ${event.event.name}`),
  });
  await pass(0);
  const envelope = (type: string, seq: number, name: string) => ({
    v: 1,
    type,
    project_id: "demo",
    seq,
    epoch: "e1",
    event: { name, payload: {} },
  });
  server.port.send("ProjectEvent", envelope("HELLO", 7, "HELLO"));
  server.port.send("ProjectEvent", envelope("HELLO", 7, "STAGE_STATUS"));
  server.port.send("ProjectEvent", envelope("EVENT", 1, "STAGE_STATUS"));
  expect(seen).toEqual(["greeting HELLO", "greeting STAGE_STATUS", "STAGE_STATUS 1"]);
});

async function read(
  client: HubClient,
  id: Parameters<HubClient["sendMessage"]>[0],
  count: number,
  each: (event: AgentEvent) => Promise<void>,
) {
  for await (const event of client.events(id, { from: "start" })) {
    await each(event);
    if (--count === 0) {
      return;
    }
  }
}

test("An iterable gives the events in order, also to a reader slower than the stream, without piling them up", async () => {
  const { client, server, id, recoveries } = await following();
  const read5000: number[] = [];
  const reader = read(client, id, 5_000, async (event) => {
    read5000.push(event.seq);
    if (read5000.length === 1) {
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
  });
  await pass(0);
  server.publishMany("t", 2_500);
  await pass(500);
  server.publishMany("t", 2_500);
  await pass(2_000);
  await reader;
  expect(read5000).toEqual(oneTo(5_000));
  expect(server.called("Subscribe").length).toBeGreaterThan(2);
  expect(recoveries.at(-1)).toMatchObject({ recovered: true, reason: "slow_subscriber" });
});

test("An iterable ends with its handle, and throws when the stream may not be followed", async () => {
  const { client, server, id } = await following();
  const ended = outcome(read(client, id, 9, async () => {}));
  await pass(0);
  await client.disconnect(id);
  await pass(0);
  expect(ended.now()).toBeUndefined();
  const second = await client.connectToGuide(undefined, { threadId: "u" });
  server.answers.Subscribe = () => ({ error: { code: "forbidden", message: "no", retryable: false } });
  const refused = outcome(read(client, second, 9, async () => {}));
  await pass(0);
  expect(refused.now()).toMatchObject({ code: "forbidden" });
});
