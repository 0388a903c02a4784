import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Listener, oneTo } from "../support/listener.js";
import { Service, note, run } from "../support/service.js";

let service;
before(async () => (service = await Service.start()));
after(() => service.stop());

test("the five critical events of a run arrive in order at a plain client", async () => {
  const listener = await Listener.connect(service, "t-run");
  const seen = [];
  listener.connection.on("AgentStarted", (e) => seen.push(e.payload.agent_name));
  const published = await service.publish("t-run", run("run_1"));
  assert.deepEqual(published.results.map((r) => r.seq), oneTo(5));
  await listener.has(5);
  assert.deepEqual(listener.events.map((e) => e.type), ["agent_started", "agent_thinking", "tool_executing", "tool_completed", "agent_completed"]);
  assert.deepEqual(listener.seqs, oneTo(5));
  assert.deepEqual(seen, ["helper"]);
  assert.ok(listener.events.every((e) => e.v === 1 && e.thread_id === "t-run" && e.run_id === "run_1" && e.epoch === listener.events[0].epoch));
  await listener.stop();
});

test("a connection that drops in the middle of a run misses nothing and gets nothing twice", async () => {
  const listener = await Listener.connect(service, "t-drop");
  const events = Array.from({ length: 20 }, (_, i) => run(`run_d${i}`)).flat();
  for (let i = 0; i < events.length; i++) {
    if (i % 7 === 3) {
      listener.drop();
    }
    const { results } = await service.publish("t-drop", [events[i]]);
    assert.equal(results[0].seq, i + 1);
  }
  await listener.has(100);
  assert.deepEqual(listener.seqs, oneTo(100));
  assert.deepEqual(listener.events.map((e) => e.type), events.map((e) => e.type));
  assert.ok(listener.reconnects > 0 && !listener.closed);
  await listener.stop();
});

test("the position of Subscribe may be left out, also by send, and a start position replays all", async () => {
  const late = await Listener.connect(service, "t-late");
  await service.publish("t-late", [note(1), note(2)]);
  await late.has(2);
  const all = await Listener.connect(service, "t-late", { position: ":0" });
  await all.has(2);
  assert.equal(all.answer.recovered, true);
  assert.equal(all.answer.replayed, 2);

  // Without an answer to wait for, the cursor of such a client never started.
  await all.connection.invoke("Unsubscribe", "t-late");
  await all.connection.send("Subscribe", "t-late");
  await all.connection.invoke("Ping", 1);
  await service.publish("t-late", note(3));
  await all.has(3);
  assert.deepEqual(all.seqs, oneTo(3));
  await Promise.all([late.stop(), all.stop()]);
});

test("wrong calls are answered with a code", async () => {
  const { connection, ...listener } = await Listener.connect(service, "t-wrong");
  const code = async (...call) => (await connection.invoke(...call)).error?.code;
  assert.equal(await code("Subscribe", "t-wrong", "not a position"), "invalid_message");
  assert.equal(await code("Subscribe", "run_1"), "invalid_recipient");
  assert.equal(await code("Subscribe", "bad id"), "invalid_message");
  assert.equal(await code("Unsubscribe", "bad id"), "invalid_message");
  assert.equal(await code("Publish", "t-wrong", []), "invalid_message");
  const { results } = await connection.invoke("Publish", "t-wrong", { type: "nonsense", payload: {} });
  assert.equal(results[0].error.code, "unknown_type");
  await assert.rejects(connection.invoke("NoSuchMethod"), /invalid_message/);
  await assert.rejects(connection.invoke("Subscribe", 5), /invalid_message/);
  assert.equal(await code("Subscribe"), "invalid_message");
  await assert.rejects(connection.invoke("Subscribe", "a", "b:1", "c"), /invalid_message/);
  assert.equal((await connection.invoke("Ping", 7)).ts, 7);
  assert.equal(listener.closed, false);
  await connection.stop();
});
