// The official MessagePack protocol beside the JSON one, on the same streams: whatever a JSON client gets, a MessagePack client gets too.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as signalR from "@microsoft/signalr";
import { MessagePackHubProtocol } from "@microsoft/signalr-protocol-msgpack";
import { Listener, oneTo } from "../support/listener.js";
import { Pair } from "../support/pair.js";
import { Service, note, run, token, until } from "../support/service.js";

let service;
before(async () => (service = await Service.start()));
after(() => service.stop());

const numbers = [0, -1, 127, 128, -33, 65_536, 2 ** 31, -(2 ** 31) - 1, 2 ** 53 - 1, -(2 ** 53) + 1, 0.1, -0.5, 1e300, 5e-324, 812.5];
const anything = {
  numbers,
  texts: ["", "é", "日本語", "😀", 'a "quoted" \\ line\n\u0001', "x".repeat(20_000)],
  nested: { a: [{ b: [[], {}, [null, true, false]] }] },
  wide: Object.fromEntries(oneTo(40).map((i) => [`key_${i}`, i])),
  many: oneTo(5_000),
};

const richRun = (id) => {
  const events = run(id);
  events[0].payload.context = anything;
  events[0].metadata = { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", note: "ünï" };
  events[1].payload.progress = 0.25;
  events[2].payload.parameters = { nested: anything.nested, none: null };
  events[3].payload.duration_ms = 812.5;
  events[3].payload.result = numbers;
  return events;
};

for (const transport of ["WebSockets", "LongPolling"]) {
  test(`${transport}: the five critical events, published by either client, arrive the same`, async () => {
    const thread = `t-same-${transport}`;
    const pair = await Pair.connect(service, "agent", { transport: signalR.HttpTransportType[transport] });
    await pair.invoke("Subscribe", thread);
    for (const publisher of pair.connections) {
      for (const event of richRun(`run_${publisher === pair.json ? "json" : "packed"}`)) {
        const { results } = await publisher.invoke("Publish", thread, [event]);
        assert.equal(results[0].error, undefined);
      }
    }
    await service.publish(thread, oneTo(300).map((i) => note("x".repeat(i))));
    const [json, packed] = await pair.calls(310);
    assert.deepStrictEqual(packed, json);
    assert.deepEqual(json.map(([, e]) => e.seq), oneTo(310));
    assert.deepEqual(json.slice(0, 5).map(([method]) => method), ["AgentStarted", "AgentThinking", "ToolExecuting", "ToolCompleted", "AgentCompleted"]);
    assert.deepEqual(json[0][1].payload.context, anything);
    await pair.stop();
  });
}

test("a stream is replayed the same, and a position that is no longer good is answered with a reset", async () => {
  const thread = "t-replayed";
  await service.publish(thread, richRun("run_replayed"));
  await service.publish(thread, oneTo(500).map((i) => note("y".repeat(1000) + i)));
  const pair = await Pair.connect(service, "agent");
  const [answer] = await pair.same("Subscribe", thread, ":0");
  assert.deepEqual([answer.recovered, answer.replayed], [true, 505]);
  const [json, packed] = await pair.calls(505);
  assert.deepStrictEqual(packed, json);
  await pair.invoke("Subscribe", "t-empty", "other:7");
  const told = (await pair.calls(506)).map((calls) => calls.at(-1));
  assert.equal(told[0][0], "Reset");
  for (const [, reset] of told) assert.deepEqual([reset.payload.stream, reset.payload.last_valid], ["thread:t-empty", 0]);
  await pair.stop();
});

test("a connection that drops again and again resumes and misses nothing", async () => {
  const listener = await Listener.connect(service, "t-packed-drop", { protocol: new MessagePackHubProtocol() });
  for (let i = 0; i < 60; i++) {
    if (i % 7 === 3) listener.drop();
    await service.publish("t-packed-drop", note(i));
  }
  await listener.has(60);
  assert.deepEqual(listener.seqs, oneTo(60));
  assert.ok(listener.reconnects > 0 && !listener.closed);
  await listener.stop();
});

test("server-sent events carry no binary and are refused by the client and by the hub", async () => {
  const connection = Pair.build(service, "agent", { transport: signalR.HttpTransportType.ServerSentEvents }, new MessagePackHubProtocol());
  await assert.rejects(connection.start(), /Binary/);

  const headers = { authorization: `Bearer ${token()}` };
  const { connectionToken } = await (await fetch(`${service.url}/hubs/agent/negotiate?negotiateVersion=1`, { method: "POST", headers })).json();
  const address = `${service.url}/hubs/agent?id=${connectionToken}`;
  const ending = new AbortController();
  const stream = await fetch(address, { headers: { ...headers, accept: "text/event-stream" }, signal: ending.signal });
  await fetch(address, { method: "POST", headers, body: '{"protocol":"messagepack","version":1}\u001e' });
  let text = "";
  for await (const chunk of stream.body) {
    text += Buffer.from(chunk).toString();
    if (text.includes("error")) break;
  }
  assert.match(text, /Binary/);
  ending.abort();
});

test("calls of the agent hub are answered the same", async () => {
  const pair = await Pair.connect(service, "agent");
  const thread = "t-calls";
  await service.publish(thread, [...richRun("run_calls"), note("é")]);
  const [page] = await pair.same("GetHistory", thread);
  assert.equal(page.events.length, 6);
  await pair.same("GetHistory", thread, ":2", undefined, 2);
  await pair.same("Unsubscribe", thread);
  await pair.same("ListThreads");
  await pair.alike("Ping", Date.now());
  await pair.alike("CreateThread", { title: "é", metadata: { a: [1, { b: null }] } });
  for (const [i, connection] of pair.connections.entries()) assert.equal((await connection.invoke("ServeAgents", [`parrot-${i}`], 5)).error, undefined);
  for (const target of ["parrot-0", "parrot-1"]) {
    await pair.alike("SendMessage", { text: "hello", target });
    await pair.alike("StartAgent", { user_request: "go", agent: target });
  }
  const [json, packed] = await pair.calls(4, (calls) => calls.filter(([method]) => method === "MessageReceived" || method === "RunRequested"));
  assert.deepEqual(packed.map(Pair.shape), json.map(Pair.shape));
  await pair.same("StopAgent", "run_nobody");
  await pair.stop();
});

test("calls of the project hub are answered the same, from the greeting on", async () => {
  const pair = await Pair.connect(service, "project");
  await pair.alike("Subscribe", "p1");
  await pair.alike("ServeProjects", ["p1"]);
  for (const connection of pair.connections) {
    connection.on("CommandReceived", ({ command_id, args }) => connection.invoke("CompleteCommand", command_id, { done: args }));
  }
  const { error } = await pair.json.invoke("SetStage", "p1", "dataset", "IN_PROGRESS");
  await pair.same("GetState", "p1");
  await pair.same("Confirm", "p1", "no such stage");
  await pair.same("SetStage", "p1", "dataset", "NONSENSE");
  await pair.same("WaitForConfirmation", "p1", "nothing", "sure?", ["confirm"]);
  await pair.alike("Command", "p1", "retrain", { rate: 0.1, layers: [64, 32] });
  await pair.same("CompleteCommand", "cmd_nobody");
  await pair.same("Heartbeat", "p9");
  await pair.packed.invoke("Publish", "p1", { name: "LOG_LINE", payload: { run_id: "system", level: "info", text: "é" } });
  await until(() => pair.heard.every((calls) => calls.some(([, e]) => e.event?.name === "LOG_LINE")), "the line arrives");
  const [json, packed] = pair.heard.map((calls) => calls.filter(([method]) => method === "ProjectEvent").map(([, e]) => e));
  assert.deepStrictEqual(packed.filter((e) => e.type === "EVENT"), json.filter((e) => e.type === "EVENT"));
  assert.deepEqual(packed.map((e) => e.event.name), json.map((e) => e.event.name));
  assert.equal(json[0].event.name, "HELLO");
  assert.equal(error?.code, (await pair.packed.invoke("SetStage", "p1", "dataset", "IN_PROGRESS")).error?.code);
  await pair.stop();
});

test("a stream from the client is published event by event, and answered so", async () => {
  const pair = await Pair.connect(service, "agent");
  for (const [i, connection] of pair.connections.entries()) {
    const subject = new signalR.Subject();
    const results = [];
    const answered = new Promise((complete, error) => connection.stream("PublishStream", `t-upload-${i}`, subject).subscribe({ next: (r) => results.push(r), complete, error }));
    for (const event of richRun("run_upload")) subject.next(event);
    subject.complete();
    await answered;
    assert.deepEqual(results.map((r) => [r.seq, r.error]), oneTo(5).map((seq) => [seq, undefined]));
  }
  await pair.stop();
});

test("wrong calls are refused in the same words, and the connection goes on", async () => {
  const pair = await Pair.connect(service, "agent");
  for (const call of [
    ["Subscribe", "t", "not a position"],
    ["Subscribe", "run_1"],
    ["Subscribe"],
    ["Subscribe", 5],
    ["Subscribe", "a", "b:1", "c"],
    ["Ping", "7"],
    ["Ping", 0.5],
    ["Ping"],
    ["NoSuchMethod"],
    ["Publish", "t", []],
    ["Publish", "t", 7],
    ["Publish", "t", { type: "nonsense", payload: {} }],
    ["Publish", "t", note("x", { seq: 5 })],
    ["SendMessage", { text: 5 }],
    ["SendMessage", { text: "x", target: "nobody" }],
    ["ServeAgents", "guide", 1],
    ["Publish", "t", { type: "custom", payload: { name: "deep", value: JSON.parse("[".repeat(40) + "]".repeat(40)) } }],
    ["Publish", "t", { type: "custom", payload: { name: "deeper", value: JSON.parse("[".repeat(90) + "]".repeat(90)) } }],
  ]) {
    await pair.same(...call);
  }
  const refused = (value) => pair.packed.invoke("Publish", "t", { type: "custom", payload: { name: "x", value } });
  await assert.rejects(refused(new Uint8Array(5)), /invalid_message.*binary data is not part of the contract/);
  await assert.rejects(refused(Number.NaN), /invalid_json.*not finite/);
  const time = new Date("2026-01-02T03:04:05.678Z");
  for (const connection of pair.connections) {
    await connection.invoke("Publish", "t-time", { type: "custom", payload: { name: "time", value: time } });
  }
  const { events } = await pair.packed.invoke("GetHistory", "t-time");
  assert.deepEqual(events.map((e) => e.payload.value), [time.toISOString(), time.toISOString()]);
  assert.equal((await pair.packed.invoke("Ping", 7)).ts, 7);
  await pair.stop();
});
