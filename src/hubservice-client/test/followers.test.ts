import { expect, test, vi } from "vitest";
import { type AgentEvent, HubClient, HubError } from "../src/index.ts";
import { connected, fakeClock, following, oneTo, outcome, pass, setUp } from "./fake/client.ts";

fakeClock();

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

test("From now on means from the head also beside one who comes from the start at the same time", async () => {
  const { client, server } = setUp();
  server.publishMany("t", 5);
  const id = await client.connectToGuide(undefined, { threadId: "t" });
  const all: number[] = [];
  const now: number[] = [];
  client.subscribe(id, "*", (event) => all.push(event.seq), { from: "start" });
  client.subscribe(id, "*", (event) => now.push(event.seq), { from: "now" });
  await pass(0);
  client.subscribe(id, "*", (event) => all.push(event.seq), { threadId: "u", from: "start" });
  client.subscribe(id, "*", (event) => now.push(event.seq), { threadId: "u" });
  server.publishMany("u", 1);
  await pass(0);
  server.publishMany("t", 1);
  expect([all, now]).toEqual([[...oneTo(5), 1, 6], [6]]);
  expect(server.called("Subscribe")).toEqual([
    ["t", ":0"],
    ["u", ":0"],
  ]);
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

test("Who is refused for good is told once and gets nothing any more; it may come again", async () => {
  const { client, server, id, errors } = await connected();
  server.answers.Subscribe = () => ({ error: { code: "forbidden", message: "no", retryable: false } });
  const told: string[] = [];
  const seqs: number[] = [];
  const follow = (onError: (error: HubError) => void) =>
    client.subscribe(id, "*", (event) => seqs.push(event.seq), { from: "start", onError });
  follow((error) => told.push(error.code));
  await pass(0);
  server.port.cut();
  await pass(200);
  delete server.answers.Subscribe;
  server.port.cut();
  await pass(200);
  server.publish("t");
  expect([told, seqs, errors.length]).toEqual([["forbidden"], [], 1]);
  server.answers.Subscribe = () => ({ error: { code: "forbidden", message: "no", retryable: false } });
  follow(() => {
    delete server.answers.Subscribe;
    follow(() => told.push("again"));
  });
  await pass(0);
  server.publish("t");
  await pass(0);
  expect([told, seqs]).toEqual([["forbidden"], [1, 2]]);
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
