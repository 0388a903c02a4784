// hubservice-client in Node, against the real service and through nginx with two nodes.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { fullJitter, HubClient } from "hubservice-client";
import { Balanced, skipBalanced } from "../support/balanced.js";
import { oneTo } from "../support/listener.js";
import { hundredCuts, seeded, Wire } from "../support/proxy.js";
import { Service, note, run, token, until } from "../support/service.js";

const closing = [];
after(async () => {
  for (const close of closing.reverse()) await close();
});

let service;
async function running() {
  if (!service) {
    service = await Service.start({ "Delivery:DrainTime": "00:00:01" });
    closing.push(() => service.stop());
  }
  return service;
}

function clientOf(url, options = {}) {
  const client = new HubClient({ url, sessionToken: () => token(), retry: fullJitter({ minMs: 10, maxMs: 50, random: seeded(7) }), ...options });
  closing.push(() => client.close());
  return client;
}

test("a run is seen whole, in order and typed, over the transport that was negotiated", async () => {
  const { url } = await running();
  const client = clientOf(url);
  const id = await client.connectToGuide(undefined, { threadId: "c-run" });
  const types = [];
  client.subscribe(id, "*", (event) => types.push(event.type), { from: "start" });
  await client.ready(id, 10_000);
  await service.publish("c-run", run("run_1"));
  await until(() => types.length === 5);
  assert.deepEqual(types, ["agent_started", "agent_thinking", "tool_executing", "tool_completed", "agent_completed"]);
  const health = await until(() => client.getConnectionHealth(id).healthy && client.getConnectionHealth(id));
  assert.equal(health.transport, "WebSockets");
  assert.ok(health.rttMs >= 0 && health.serverConnectionId);
  await client.disconnect(id);
});

test("a first message begins the conversation, and its retry is the same message", async () => {
  const { url } = await running();
  const client = clientOf(url, { transport: "websockets-only" });
  const id = await client.connectToGuide();
  const texts = [];
  client.subscribe(id, "user_message", (event) => texts.push(event.payload.text));
  const first = await client.sendMessage(id, "hello", { messageId: "msg_once", target: null });
  const again = await client.sendMessage(id, "hello", { messageId: "msg_once", target: null });
  assert.equal(again.thread_id, first.thread_id);
  assert.equal(again.seq, first.seq);
  assert.equal(again.duplicate, true);
  await until(() => texts.length === 1);
  const { threads } = await client.call(id, "ListThreads", []);
  assert.ok(threads.some((thread) => thread.thread_id === first.thread_id));
});

test("a refused token is told, also over a bare WebSocket", async () => {
  const { url } = await running();
  for (const transport of ["auto", "websockets-only"]) {
    const client = clientOf(url, { transport, sessionToken: "not a token" });
    const id = await client.connectToGuide();
    await assert.rejects(client.ready(id, 10_000), { code: "unauthorized", status: 401 });
    assert.equal(client.getConnectionStatus(id), "failed");
  }
});

test("wrong calls are refused with their code", async () => {
  const { url } = await running();
  const client = clientOf(url);
  const id = await client.connectToProject("c-wrong");
  await client.ready(id, 10_000);
  await assert.rejects(client.restartStage(id, "NO_SUCH_STAGE"), { code: "invalid_stage", retryable: false });
  await assert.rejects(client.call(id, "NoSuchMethod", []), { code: "invalid_message" });
  const state = await client.getState(id);
  assert.equal(state.stages.length, 8);
});

test("a project is followed, its greeting told apart, and published to", async () => {
  const { url } = await running();
  const client = clientOf(url);
  const id = await client.connectToProject("c-project");
  const events = [];
  const greetings = [];
  client.subscribe(id, "*", (event) => events.push(event), { from: "start", onGreeting: (event) => greetings.push(event.event.name) });
  const lines = ["one", "two"].map((text) => ({ name: "LOG_LINE", payload: { run_id: "system", level: "info", text } }));
  const results = await client.publish(id, lines);
  assert.deepEqual(results.map((r) => r.seq), [1, 2]);
  await until(() => events.length === 2);
  assert.deepEqual(events.map((e) => [e.seq, e.event.payload.text]), [[1, "one"], [2, "two"]]);
  assert.equal(greetings[0], "HELLO");
});

test("a token that ends is replaced over the connection, which stays", async () => {
  const { url } = await running();
  let lifetime = 3;
  const reasons = [];
  const client = clientOf(url, {
    sessionToken: ({ reason }) => {
      reasons.push(reason);
      const text = token({ lifetime });
      lifetime = 300;
      return text;
    },
  });
  const id = await client.connectToGuide(undefined, { threadId: "c-token" });
  await client.ready(id, 10_000);
  await until(() => reasons.length === 2);
  assert.deepEqual(reasons, ["initial", "expiring"]);
  assert.equal(client.getConnectionHealth(id).reconnects, 0);
});

test("a service that drains and comes back is found again, and nothing is missing", async () => {
  await running();
  const client = clientOf(service.url);
  const id = await client.connectToGuide(undefined, { threadId: "c-drain" });
  const seqs = [];
  const drained = [];
  client.on("draining", (event) => drained.push(event));
  client.subscribe(id, "*", (event) => seqs.push(event.seq), { from: "start" });
  await service.publish("c-drain", oneTo(10).map((i) => note(i)));
  await until(() => seqs.length === 10);
  assert.deepEqual(await service.end("SIGTERM"), { code: 0, signal: null });
  const waiting = client.sendMessage(id, "I wait", { target: null });
  await service.run();
  await service.publish("c-drain", oneTo(10).map((i) => note(10 + i)));
  await waiting;
  await until(() => seqs.length === 21);
  assert.deepEqual(seqs, oneTo(21));
  assert.equal(drained.length, 1);
});

/** A hundred cuts while a run streams; what must hold afterwards. */
async function survives({ wire, client, thread, publish, seed }) {
  const random = seeded(seed);
  const id = await client.connectToGuide(undefined, { threadId: thread });
  const seen = [];
  const read = [];
  client.subscribe(id, "*", (event) => seen.push(event), { from: "start" });
  const reading = (async () => {
    for await (const event of client.events(id, { from: "start" })) read.push(event.seq);
  })();
  await client.ready(id, 10_000);
  const promises = [];
  let unsettled = 0;
  const track = (promise) => {
    unsettled++;
    promises.push(promise.then((value) => ({ value }), (error) => ({ error })).finally(() => unsettled--));
  };
  const reconnects = () => client.getConnectionHealth(id).reconnects;
  const published = await hundredCuts(wire, random, publish, reconnects, (cuts) => {
    if (cuts % 4 === 0) track(client.sendMessage(id, `message ${promises.length}`, { target: null }));
    if (cuts % 10 === 0) track(client.publish(id, [note(`status ${promises.length}`)]));
    if (cuts % 10 === 5) track(client.call(id, "ListThreads", []));
  });
  assert.equal(wire.cuts, 100);
  const results = await Promise.all(promises);
  assert.equal(unsettled, 0);
  // A plain call may have its outcome unknown; what is repeatable was carried out, once.
  const failed = results.filter(({ error }) => error);
  assert.ok(failed.every(({ error }) => ["outcome_unknown", "not_connected"].includes(error.code)), JSON.stringify(failed));
  const accepted = results.filter(({ value }) => value?.message_id);
  const statuses = results.filter(({ value }) => Array.isArray(value));
  assert.ok(accepted.length > 0 && statuses.length > 0);
  const expected = published + accepted.length + statuses.length;
  await until(() => seen.length >= expected && read.length >= expected, `${expected} events; there are ${seen.length} and ${read.length}`);
  assert.deepEqual(seen.map((event) => event.seq), oneTo(expected));
  assert.deepEqual(read, oneTo(expected));
  assert.equal(new Set(seen.map((event) => event.event_id)).size, expected);
  assert.equal(new Set(seen.filter((e) => e.type === "user_message").map((e) => e.payload.message_id)).size, accepted.length);
  await client.close();
  await reading;
}

for (const transport of ["auto", "websockets-only"]) {
  test(`100 cuts while a run streams (${transport}): no gap, no duplicate, no promise left`, async () => {
    await running();
    const wire = await Wire.to(service.port);
    closing.push(() => wire.close());
    const thread = `c-cuts-${transport}`;
    const client = clientOf(wire.url, { transport });
    await survives({ wire, client, thread, publish: (events) => service.publish(thread, events), seed: 11 });
  });
}

test("100 cuts while a run streams, through nginx with two nodes: no gap, no duplicate, no promise left", { skip: skipBalanced }, async () => {
  const balanced = await Balanced.start();
  closing.push(() => balanced.stop());
  const wire = await Wire.to(balanced.port);
  closing.push(() => wire.close());
  const text = await balanced.token();
  const client = clientOf(wire.url, { transport: "websockets-only", sessionToken: () => text });
  const nodes = new Set();
  client.on("health", () => {
    for (const { node } of client.getAllConnectionsHealth().values()) nodes.add(node);
  });
  await survives({ wire, client, thread: "c-cuts", publish: (events) => balanced.publish("c-cuts", events, text), seed: 13 });
  assert.ok(nodes.has("a") && nodes.has("b"), [...nodes].join());
});
