import { expect, test } from "vitest";
import { HubError } from "../src/index.ts";
import { connected, fakeClock, outcome, pass, setUp } from "./fake/client.ts";

fakeClock();

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

test("What was refused after a long outage is tried again as long as at any other time", async () => {
  const { client, server, id } = await connected();
  server.port.frozen = true;
  const ack = outcome(client.sendMessage(id, "hello"));
  await pass(100);
  server.start = () => {
    throw new Error("away");
  };
  server.port.cut();
  await pass(60_000);
  let refusals = 3;
  server.answers.SendMessage = () =>
    refusals-- > 0 ? { error: { code: "agent_not_available", message: "", retryable: true } } : undefined;
  server.start = () => {};
  await pass(1_000);
  expect(ack.now()).toMatchObject({ message_id: "msg_1", seq: 1 });
});

test("What a policy gives up is not sent again, and no number of the hub makes haste", async () => {
  const { client, server, id } = await connected({ retry: { next: () => null } });
  server.answers.SendMessage = () => ({ error: { code: "rate_limited", message: "", retryable: true } });
  await expect(client.sendMessage(id, "hello")).rejects.toMatchObject({ code: "rate_limited", retryable: true });
  expect(server.called("SendMessage")).toHaveLength(1);
  const other = await connected();
  const error = { code: "rate_limited", message: "", retryable: true, details: { retry_after_ms: "soon" } };
  other.server.answers.SendMessage = () => ({ error });
  const sent = outcome(other.client.sendMessage(other.id, "hello", { timeoutMs: 500 }));
  await pass(1_000);
  expect(sent.now()).toMatchObject({ code: "rate_limited" });
  expect(other.server.called("SendMessage")).toHaveLength(10);
});

test("A refusal for good is the outcome at once", async () => {
  const { client, server, id } = await connected();
  server.answers.SendMessage = () => ({ error: { code: "agent_not_available", message: "nobody", retryable: true } });
  await expect(client.sendMessage(id, "hello")).rejects.toMatchObject({ code: "agent_not_available" });
  expect(server.called("SendMessage")).toHaveLength(1);
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

test("An error is plain data where it is stored", () => {
  const error = new HubError("rate_limited", "Slow down.", { retryable: true, details: { retry_after_ms: 5 } });
  expect(JSON.parse(JSON.stringify(error))).toEqual({
    code: "rate_limited",
    message: "Slow down.",
    retryable: true,
    details: { retry_after_ms: 5 },
  });
});
