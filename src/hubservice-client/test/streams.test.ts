import { expect, test } from "vitest";
import { fakeClock, following, oneTo, pass, setUp } from "./fake/client.ts";

fakeClock();

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

test("While a refused subscription waits nothing makes it ask, neither events nor followers", async () => {
  const { client, server, id, seqs } = await following();
  server.publishMany("t", 3);
  let asked = 0;
  const error = { code: "rate_limited", message: "", retryable: true, details: { retry_after_ms: 5_000 } };
  server.answers.Subscribe = () => (asked++ === 0 ? { error } : undefined);
  // Event 4 is lost on the way.
  server.port.cursors.set("t", 4);
  const later: number[] = [];
  for (let i = 0; i < 20; i++) {
    server.publish("t");
    await pass(10);
  }
  client.subscribe(id, "*", (event) => later.push(event.seq), { from: "start" });
  await pass(4_800);
  expect([asked, seqs]).toEqual([1, oneTo(3)]);
  await pass(200);
  expect([seqs, later]).toEqual([oneTo(23), oneTo(23)]);
});

test("A subscription that is refused and given up by the policy is asked for again by the next connection", async () => {
  const { client, server } = setUp({ retry: { next: () => null } });
  const id = await client.connectToGuide(undefined, { threadId: "t" });
  let asked = 0;
  server.answers.Subscribe = () =>
    asked++ === 0 ? { error: { code: "store_unavailable", message: "", retryable: true } } : undefined;
  const seqs: number[] = [];
  client.subscribe(id, "*", (event) => seqs.push(event.seq), { from: "start" });
  server.publishMany("t", 2);
  await pass(60_000);
  expect([asked, seqs]).toEqual([1, []]);
  client.reconnectNow(id);
  await pass(0);
  expect(seqs).toEqual(oneTo(2));
});

test("An event of a type that a later hub adds takes its place in the order", async () => {
  const { client, server, id, seqs } = await following();
  server.publish("t", "hologram_shown");
  server.publishMany("t", 1);
  expect(seqs).toEqual([1, 2]);
  expect(client.getConnectionHealth(id)).toMatchObject({ gaps: 0 });
});

test("A method of a later hub is no event and no fault, whatever its argument", async () => {
  const { client, server, seqs, errors } = await following();
  const heard: unknown[] = [];
  client.on("received", ({ method }) => heard.push(method));
  server.publish("t");
  const typing = { thread_id: "t", seq: 2, user: "x" };
  for (const message of [undefined, null, "text", 7, typing, { ...typing, epoch: 1 }, { ...typing, seq: "2" }]) {
    server.port.send("Later", message);
  }
  server.publishMany("t", 2);
  await pass(0);
  expect(seqs).toEqual(oneTo(3));
  expect(heard).toHaveLength(10);
  expect(errors).toEqual([]);
  expect(server.called("Subscribe")).toHaveLength(1);
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
