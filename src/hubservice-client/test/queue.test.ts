import { expect, test } from "vitest";
import { connected, fakeClock, outcome, pass, setUp } from "./fake/client.ts";

fakeClock();

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
    message: "SendMessage was not sent.",
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
