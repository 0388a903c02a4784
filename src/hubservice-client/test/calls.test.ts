import { expect, test } from "vitest";
import { HubError } from "../src/index.ts";
import { fakeClock, outcome, pass, setUp } from "./fake/client.ts";
import type { FakePort } from "./fake/port.ts";

fakeClock();

async function connected(options = {}) {
  const all = setUp(options);
  const id = await all.client.connectToGuide(undefined, { threadId: "t" });
  await pass(0);
  return { ...all, id };
}

test("A message is sent with an id and answered", async () => {
  const { client, server, id } = await connected();
  await expect(client.sendMessage(id, "hello")).resolves.toEqual({
    thread_id: "t",
    message_id: "msg_1",
    seq: 1,
    duplicate: false,
  });
  expect(server.called("SendMessage")).toEqual([
    [{ text: "hello", thread_id: "t", message_id: "msg_1", target: "guide" }],
  ]);
});

test("Messages wait for the first connection, and go out in their order", async () => {
  const { client, server } = setUp();
  const id = await client.connectToLiaison("content", undefined, { threadId: "t" });
  const sent = ["one", "two", "three"].map((text) => client.sendMessage(id, text));
  expect(client.getConnectionHealth(id)).toMatchObject({ queued: 3, inFlight: 0 });
  await pass(0);
  expect(await Promise.all(sent)).toMatchObject([{ seq: 1 }, { seq: 2 }, { seq: 3 }]);
  expect(server.called("SendMessage").map(([m]) => (m as { target: string }).target)).toEqual(
    Array(3).fill("liaison:content"),
  );
  expect(client.getConnectionHealth(id)).toMatchObject({ queued: 0, inFlight: 0 });
});

test("The first messages of a conversation begin one thread", async () => {
  const { client, server } = setUp();
  const id = await client.connectToGuide();
  const sent = Promise.all([client.sendMessage(id, "one"), client.sendMessage(id, "two")]);
  await pass(0);
  expect((await sent).map((ack) => ack.thread_id)).toEqual(["thread_of_msg_1", "thread_of_msg_1"]);
  expect(client.getConnectionHealth(id).threadId).toBe("thread_of_msg_1");
  expect(server.called("SendMessage")).toHaveLength(2);
});

test("When the first message fails the next one begins the conversation", async () => {
  const { client, server } = setUp();
  server.answers.SendMessage = ([message]) =>
    (message as { text: string }).text === "bad"
      ? { error: { code: "invalid_message", message: "text: no.", retryable: false, trace_id: "abc" } }
      : undefined;
  const id = await client.connectToGuide();
  const bad = outcome(client.sendMessage(id, "bad"));
  const good = client.sendMessage(id, "good");
  await pass(0);
  expect(bad.now()).toMatchObject({ code: "invalid_message", traceId: "abc", retryable: false });
  expect((await good).thread_id).toBe("thread_of_msg_2");
});

test("A message whose connection is lost before the answer is sent again under the same id, and kept once", async () => {
  const { client, server, id } = await connected();
  server.answers.SendMessage = (_, port) => {
    // The hub took it, and the answer was lost.
    delete server.answers.SendMessage;
    queueMicrotask(() => port.end());
    server.invoke(port, "SendMessage", server.called("SendMessage").at(-1) as unknown[]);
    port.frozen = true;
    throw new Error("Invocation canceled due to the underlying connection being closed.");
  };
  const ack = client.sendMessage(id, "hello");
  await pass(200);
  await expect(ack).resolves.toMatchObject({ message_id: "msg_1", seq: 1, duplicate: true });
  expect(server.stream("t").events).toHaveLength(1);
});

test("Refusals that pass are tried again in time, with the hub's own delay", async () => {
  const { client, server, id } = await connected();
  const refusals = [
    { code: "rate_limited", message: "", retryable: true, details: { retry_after_ms: 3_000 } },
    { code: "store_unavailable", message: "", retryable: true },
    { code: "draining", message: "", retryable: true },
  ];
  server.answers.SendMessage = () => (refusals.length > 0 ? { error: refusals.shift() } : undefined);
  const ack = outcome(client.sendMessage(id, "hello"));
  await pass(3_000);
  expect(server.called("SendMessage")).toHaveLength(1);
  await pass(100 + 100 + 100);
  expect(ack.now()).toMatchObject({ seq: 1 });
});

test("A refusal that stays is the outcome once the time is over", async () => {
  const { client, server, id } = await connected();
  server.answers.SendMessage = () => ({ error: { code: "store_unavailable", message: "away", retryable: true } });
  const ack = outcome(client.sendMessage(id, "hello", { timeoutMs: 500 }));
  await pass(2_000);
  expect(ack.now()).toMatchObject({ code: "store_unavailable", retryable: true });
  expect(client.getConnectionHealth(id)).toMatchObject({ queued: 0, inFlight: 0 });
});

test("A refusal for good is the outcome at once", async () => {
  const { client, server, id } = await connected();
  server.answers.SendMessage = () => ({ error: { code: "agent_not_available", message: "nobody", retryable: true } });
  await expect(client.sendMessage(id, "hello")).rejects.toMatchObject({ code: "agent_not_available" });
  expect(server.called("SendMessage")).toHaveLength(1);
});

test("Who had to wait for the hub is not told at once that no agent is there: it may be on its way back, too", async () => {
  const { client, server, id } = await connected();
  server.port.end();
  const ack = outcome(client.sendMessage(id, "hello"));
  let absent = 3;
  server.answers.SendMessage = () =>
    absent-- > 0 ? { error: { code: "agent_not_available", message: "nobody", retryable: true } } : undefined;
  await pass(100 + 3 * 100);
  expect(ack.now()).toMatchObject({ message_id: "msg_1", seq: 1 });
  expect(server.called("SendMessage")).toHaveLength(4);
  absent = Number.POSITIVE_INFINITY;
  server.port.end();
  const never = outcome(client.sendMessage(id, "hello", { timeoutMs: 500 }));
  await pass(100 + 1_000);
  expect(never.now()).toMatchObject({ code: "agent_not_available", retryable: true });
});

test("A message that is certainly too long is refused here, in bytes", async () => {
  const { client, server, id } = await connected();
  for (const text of ["a".repeat(1_114_112), "\u20ac".repeat(371_371)]) {
    await expect(client.sendMessage(id, text)).rejects.toMatchObject({ code: "payload_too_large", retryable: false });
  }
  await expect(client.sendMessage(id, "a".repeat(1_100_000))).resolves.toMatchObject({ thread_id: "t" });
  expect(server.called("SendMessage")).toHaveLength(1);
});

test("A message over which the hub ends three connections in a row is not sent a fourth time, and later ones go on", async () => {
  const { client, server, id } = await connected();
  server.answers.SendMessage = ([message], port) => {
    if ((message as { text: string }).text === "poison") {
      port.end("Connection closed with an error.");
    }
    return undefined;
  };
  const poison = outcome(client.sendMessage(id, "poison"));
  await pass(60_000);
  expect(poison.now()).toMatchObject({ code: "outcome_unknown", retryable: false });
  expect(server.called("SendMessage")).toHaveLength(3);
  await expect(client.sendMessage(id, "hello")).resolves.toMatchObject({ thread_id: "t" });
});

test("A message in flight outlives any number of lost sockets, and of connections that were ended for a reason", async () => {
  const { client, server, id } = await connected({ ackTimeoutMs: 60_000 });
  server.start = (port) => {
    port.frozen = true;
  };
  server.port.frozen = true;
  const sent = outcome(client.sendMessage(id, "hello"));
  const limited = '{"code":"connection_limit","message":"Too many.","retryable":true}';
  for (const end of [() => server.port.cut(), () => server.port.end(limited), () => client.reconnectNow(id)]) {
    for (let i = 0; i < 4; i++) {
      end();
      await pass(200);
    }
  }
  server.start = () => {};
  client.reconnectNow(id);
  await pass(500);
  expect(sent.now()).toMatchObject({ thread_id: "t" });
});

test("Without an answer in time the outcome is unknown", async () => {
  const { client, server, id } = await connected({ ackTimeoutMs: 1_000 });
  server.port.frozen = true;
  const ack = outcome(client.sendMessage(id, "hello"));
  await pass(999);
  expect(ack.now()).toBe("pending");
  await pass(1);
  expect(ack.now()).toMatchObject({ code: "outcome_unknown", retryable: true });
});

test("The queue is bounded, and can be switched off", async () => {
  const { client, server } = setUp({ offlineQueue: { maxMessages: 2 } });
  server.start = () => new Promise(() => {});
  const id = await client.connectToGuide("other", { threadId: "t" });
  const three = ["a", "b", "c"].map((text) => outcome(client.sendMessage(id, text)));
  const volatile = outcome(client.sendMessage(id, "d", { volatile: true }));
  const off = setUp({ offlineQueue: false });
  off.server.start = server.start;
  const offId = await off.client.connectToGuide(undefined, { threadId: "t" });
  const refused = outcome(off.client.sendMessage(offId, "hello"));
  await pass(0);
  expect(three.map((sent) => sent.now())).toMatchObject([
    "pending",
    "pending",
    { code: "queue_full", retryable: true },
  ]);
  expect(volatile.now()).toMatchObject({ code: "not_connected" });
  expect(refused.now()).toMatchObject({ code: "not_connected", retryable: true });
});

test("What waits too long is not sent", async () => {
  const { client, server } = setUp({ offlineQueue: { maxAgeMs: 10_000 } });
  server.start = () => new Promise(() => {});
  const id = await client.connectToGuide(undefined, { threadId: "t" });
  const ack = outcome(client.sendMessage(id, "hello"));
  await pass(10_000);
  expect(ack.now()).toMatchObject({
    code: "not_connected",
    message: "SendMessage was not sent: there is no connection.",
  });
  expect(server.called("SendMessage")).toEqual([]);
});

test("A signal ends a call that waits and one that is sent", async () => {
  const { client, server, id } = await connected();
  server.port.frozen = true;
  const control = new AbortController();
  const sent = outcome(client.sendMessage(id, "hello", { signal: control.signal }));
  const other = client.sendMessage(id, "hello", { signal: AbortSignal.abort() });
  await expect(other).rejects.toMatchObject({ code: "aborted" });
  control.abort();
  await pass(0);
  expect(sent.now()).toMatchObject({ code: "aborted", retryable: false });
  expect(client.getConnectionHealth(id)).toMatchObject({ queued: 0, inFlight: 0 });
});

test("disconnect settles the calls of its handle and no other; close settles all", async () => {
  const { client, server, id } = await connected();
  const second = await client.connectToGuide(undefined, { threadId: "t2" });
  server.port.frozen = true;
  const mine = outcome(client.sendMessage(id, "hello"));
  const other = outcome(client.sendMessage(second, "hello"));
  await client.disconnect(id);
  await pass(0);
  expect(mine.now()).toMatchObject({ code: "closed" });
  expect(other.now()).toBe("pending");
  await client.close();
  await pass(0);
  expect(other.now()).toMatchObject({ code: "closed" });
  await expect(client.sendMessage(id, "hello")).rejects.toMatchObject({ code: "closed" });
});

test("A connection that fails for good takes what waits with it", async () => {
  const { client, server } = setUp();
  server.start = () => {
    throw new Error("Status code '403'");
  };
  const id = await client.connectToGuide();
  const ack = outcome(client.sendMessage(id, "hello"));
  await pass(0);
  expect(ack.now()).toMatchObject({ code: "forbidden" });
});

test("What is called after the token was refused is refused at once, until somebody tries again", async () => {
  const { client, server } = setUp();
  server.start = () => {
    throw new Error("Status code '401'");
  };
  const id = await client.connectToGuide(undefined, { threadId: "t" });
  await pass(0);
  const refused = { code: "unauthorized", retryable: false };
  await expect(client.sendMessage(id, "hello")).rejects.toMatchObject(refused);
  await expect(client.call(id, "ListThreads", [])).rejects.toMatchObject(refused);
  expect(client.getConnectionHealth(id)).toMatchObject({ queued: 0, inFlight: 0 });
  server.start = () => {};
  client.reconnectNow(id);
  const sent = outcome(client.sendMessage(id, "hello"));
  await pass(0);
  expect(sent.now()).toMatchObject({ thread_id: "t" });
});

test("A command waits for a connection, the first or a later one, as long as for an answer", async () => {
  const { client, server } = setUp({ ackTimeoutMs: 1_000 });
  let open = () => {};
  server.start = () => new Promise((resolve) => (open = () => resolve()));
  const id = await client.connectToProject("demo");
  const tooEarly = outcome(client.confirm(id, "TRAIN"));
  await pass(999);
  expect(tooEarly.now()).toBe("pending");
  await pass(1);
  const unsent = { code: "not_connected", retryable: true, message: "Confirm was not sent: there is no connection." };
  expect(tooEarly.now()).toMatchObject(unsent);
  const confirmed = outcome(client.confirm(id, "TRAIN"));
  const called = outcome(client.call(id, "Chat", ["demo", "hi"]));
  await pass(500);
  open();
  await pass(0);
  expect([confirmed.now(), called.now()]).toEqual([{}, {}]);
  expect(server.called("Confirm")).toEqual([["demo", "TRAIN"]]);
  server.port.end();
  await pass(0);
  const meanwhile = outcome(client.confirm(id, "REVIEW_EDIT"));
  await pass(100);
  open();
  await pass(0);
  expect(meanwhile.now()).toEqual({});
  server.port.end();
  await pass(0);
  const tooLate = outcome(client.confirm(id, "EXPORT"));
  await pass(1_000);
  expect(tooLate.now()).toMatchObject(unsent);
  expect(server.called("Confirm").map(([, stage]) => stage)).toEqual(["TRAIN", "REVIEW_EDIT"]);
});

test("A command is sent once: a lost answer leaves its outcome unknown", async () => {
  const { client, server } = setUp();
  const id = await client.connectToProject("demo");
  await pass(0);
  server.port.frozen = true;
  const confirmed = outcome(client.confirm(id, "TRAIN"));
  await pass(0);
  server.port.end();
  await pass(500);
  expect(confirmed.now()).toMatchObject({ code: "outcome_unknown" });
  expect(client.isConnected(id)).toBe(true);
});

test("Commands reach the project's hub with their arguments", async () => {
  const { client, server } = setUp();
  const id = await client.connectToProject("demo");
  await pass(0);
  server.answers.Command = () => ({ result: { rows: 3 } });
  await client.confirm(id);
  await client.restartStage(id, "TRAIN");
  await client.chat(id, "hi");
  await client.cancelRun(id, "run_1");
  expect(await client.command(id, "preview", { rows: 3 })).toEqual({ result: { rows: 3 } });
  await client.getState(id);
  await client.getHistory(id, { after: "e1:4", limit: 10 });
  expect(server.port.request.url).toBe("http://hub/hubs/project");
  expect(server.calls.filter(({ method }) => method !== "Ping").map(({ method, args }) => [method, ...args])).toEqual([
    ["Confirm", "demo", null],
    ["RestartStage", "demo", "TRAIN"],
    ["Chat", "demo", "hi"],
    ["CancelRun", "demo", "run_1"],
    ["Command", "demo", "preview", { rows: 3 }],
    ["GetState", "demo"],
    ["GetHistory", "demo", "e1:4", null, 10],
  ]);
});

test("An agent's run is cancelled and its question answered on the conversation's thread", async () => {
  const { client, server, id } = await connected();
  await client.cancelRun(id, "run_1", "enough");
  await client.provideInput(id, "request_1", { yes: true });
  expect(server.called("CancelRun")).toEqual([["run_1", "enough"]]);
  expect(server.called("ProvideInput")).toEqual([["request_1", { yes: true }, "t"]]);
  const fresh = await client.connectToGuide();
  await expect(client.provideInput(fresh, "request_1", 1)).rejects.toMatchObject({ code: "invalid_message" });
});

test("Published events get ids, so that a retry is the same publish", async () => {
  const { client, server, id } = await connected();
  let lost: FakePort | null = null;
  server.answers.Publish = (_, port) => {
    if (!lost) {
      lost = port;
      port.end();
      throw new Error("closed");
    }
    return { results: [{ seq: 1, duplicate: true }] };
  };
  const published = client.publish(id, [{ type: "status_update", payload: { status: "on" } }]);
  await pass(200);
  await expect(published).resolves.toEqual([{ seq: 1, duplicate: true }]);
  const [first, second] = server.called("Publish");
  expect(first).toEqual(["t", [{ type: "status_update", payload: { status: "on" }, event_id: "evt_1" }]]);
  expect(second).toEqual(first);
});

test("A publish of which an event was refused rejects with its error and the results of all", async () => {
  const { client, server, id } = await connected();
  const error = { code: "invalid_message", message: "payload.status", retryable: false, details: { field: "status" } };
  const results = [
    { seq: 1, duplicate: false },
    { duplicate: false, error },
    { seq: 2, duplicate: false },
  ];
  server.answers.Publish = () => ({ results });
  const event = { type: "status_update", payload: { status: "on" } } as const;
  const details = { field: "status", results };
  const refused = { code: "invalid_message", message: "payload.status", retryable: false, details };
  await expect(client.publish(id, [event, event, event])).rejects.toMatchObject(refused);
  expect(server.called("Publish")).toHaveLength(1);
});

test("Events that are refused for now are published again under the same ids", async () => {
  const { client, server, id } = await connected();
  const refusal = (code: string) => ({ duplicate: false, error: { code, message: "", retryable: true } });
  const answers = [
    [{ seq: 1, duplicate: false }, refusal("store_unavailable")],
    [{ seq: 1, duplicate: true }, refusal("rate_limited")],
    [
      { seq: 1, duplicate: true },
      { seq: 2, duplicate: false },
    ],
  ];
  server.answers.Publish = () => ({ results: answers.shift() });
  const event = { type: "status_update", payload: { status: "on" } } as const;
  const published = outcome(client.publish(id, [event, event]));
  await pass(300);
  expect(published.now()).toEqual([
    { seq: 1, duplicate: true },
    { seq: 2, duplicate: false },
  ]);
  const [first, ...again] = server.called("Publish");
  expect(again).toEqual([first, first]);
});

test("What the hub says as a SignalR error has its code; a defect there is internal, what is no JSON is not sent", async () => {
  const { client, server, id } = await connected();
  server.answers.ListThreads = () => {
    throw new Error('HubException: {"code":"invalid_message","message":"target: no such method.","retryable":false}');
  };
  await expect(client.call(id, "ListThreads", [])).rejects.toMatchObject({ code: "invalid_message" });
  server.answers.ListThreads = () => {
    throw new Error("An unexpected error occurred invoking 'ListThreads' on the server.");
  };
  const defect = outcome(client.call(id, "ListThreads", []));
  const endless: Record<string, unknown> = {};
  endless.self = endless;
  const circular = outcome(client.provideInput(id, "r", endless));
  await pass(0);
  expect(defect.now()).toMatchObject({ code: "internal" });
  expect(circular.now()).toMatchObject({
    code: "invalid_message",
    retryable: false,
    message: expect.stringContaining("circular"),
  });
});

test("validate refuses a wrong event before it is sent, and reports one that arrives", async () => {
  const { client, server, errors, id } = await connected({
    validate: (type: string, payload: unknown) => {
      if (type === "status_update" && typeof (payload as { status?: unknown }).status !== "string") {
        throw new Error("payload.status must be a text");
      }
    },
  });
  const wrong = { status: 1 } as unknown as { status: string };
  await expect(client.publish(id, [{ type: "status_update", payload: wrong }])).rejects.toThrow("payload.status");
  expect(server.called("Publish")).toEqual([]);
  client.subscribe(id, "*", () => {});
  await pass(0);
  server.publish("t", "status_update", { status: 1 });
  await pass(0);
  expect(errors.map(({ error }) => error.message)).toEqual(["status_update: payload.status must be a text"]);
});

test("An error is plain data where it is stored", () => {
  const error = new HubError("rate_limited", "Slow down.", { retryable: true, details: { retry_after_ms: 5 } });
  expect(JSON.parse(JSON.stringify(error))).toEqual({
    code: "rate_limited",
    message: "Slow down.",
    retryable: true,
    details: { retry_after_ms: 5 },
  });
});
