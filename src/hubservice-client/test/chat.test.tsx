// @vitest-environment jsdom
import { act, renderHook } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { useGuideChat, useThread } from "../src/react/index.ts";
import { setUp } from "./fake/client.ts";
import { fakePage, pass, within } from "./fake/react.tsx";

fakePage();

test("A message is shown at once, waits, is sent, and takes its place in the thread", async () => {
  const { client, server } = setUp();
  server.start = (_, attempt) => {
    if (attempt < 3) {
      throw new Error("away");
    }
  };
  const { result } = renderHook(() => useGuideChat(), { wrapper: within(client) });
  await pass(50);
  let sent: Promise<unknown> = Promise.resolve();
  act(() => {
    sent = result.current.send("hello");
  });
  await pass(20);
  expect(result.current.messages).toMatchObject([{ text: "hello", role: "user", state: "queued", seq: null }]);
  await pass(1_000);
  await sent;
  expect(result.current.messages).toMatchObject([{ text: "hello", state: "done", seq: 1 }]);
  expect(result.current.threadId).toMatch(/^thread_of_msg_/);
  expect(result.current.events).toHaveLength(1);
});

test("A refused message is marked, shown as error, and sent again as the same message; nothing is thrown", async () => {
  const unhandled = vi.fn();
  process.on("unhandledRejection", unhandled);
  const { client, server } = setUp();
  const { result } = renderHook(() => useGuideChat({ threadId: "t" }), { wrapper: within(client) });
  await pass();
  server.answers.SendMessage = () => ({
    error: { code: "agent_not_available", message: "Nobody is there.", retryable: true },
  });
  act(() => {
    void result.current.send({ text: "hello" });
  });
  await pass();
  const [failed] = result.current.messages;
  expect(failed).toMatchObject({ state: "failed", error: { code: "agent_not_available" } });
  expect(result.current.error).toMatchObject({ code: "agent_not_available" });
  act(() => result.current.clearError());
  delete server.answers.SendMessage;
  act(() => {
    void result.current.retry(failed?.id ?? "");
    void result.current.retry("msg_unknown");
  });
  await pass();
  expect(result.current.error).toBeNull();
  expect(result.current.messages).toMatchObject([{ id: failed?.id, state: "done", error: null }]);
  expect(new Set(server.called("SendMessage").map(([m]) => (m as { message_id: string }).message_id)).size).toBe(1);
  process.off("unhandledRejection", unhandled);
  expect(unhandled).not.toHaveBeenCalled();
});

test("Deltas are put together and rendered once per frame", async () => {
  const { client, server } = setUp();
  let renders = 0;
  const { result } = renderHook(
    () => {
      renders++;
      return useGuideChat({ threadId: "t" });
    },
    { wrapper: within(client, false) },
  );
  await pass();
  const before = renders;
  server.publish("t", "agent_started", { agent_name: "guide" });
  for (let i = 0; i < 200; i++) {
    server.publish("t", "agent_streaming", { message_id: "m", delta: `${i} `, stream_index: i });
  }
  await pass();
  expect(renders - before).toBeLessThanOrEqual(2);
  expect(result.current.messages[0]?.text.split(" ")).toHaveLength(201);
  expect(result.current).toMatchObject({ agent: "streaming", messages: [{ role: "assistant", state: "streaming" }] });
  const kept = result.current;
  await pass(1_000);
  expect(result.current).toBe(kept);
});

test("What the agent does, asks and completes is followed; stop and answer reach it", async () => {
  const { client, server } = setUp();
  const seen: string[] = [];
  const { result } = renderHook(() => useGuideChat({ threadId: "t", onEvent: (event) => seen.push(event.type) }), {
    wrapper: within(client),
  });
  await pass();
  const run = (type: string, payload: object) => {
    const event = server.publish("t", type, payload);
    Object.assign(event, { run_id: "run_1" });
  };
  // The run's id has to travel with each event.
  const original = server.publish.bind(server);
  server.publish = (id, type, payload) => {
    server.port.frozen = true;
    const event = original(id, type, payload);
    Object.assign(event, { run_id: "run_1" });
    server.port.frozen = false;
    server.port.deliver(id);
    return event;
  };
  run("agent_started", { agent_name: "guide" });
  await pass();
  expect(result.current.agent).toBe("thinking");
  run("input_requested", { request_id: "r1", prompt: "Sure?" });
  await pass();
  expect(result.current).toMatchObject({ agent: "waiting_for_user", inputs: [{ request_id: "r1" }] });
  await act(() => result.current.answer("r1", true));
  await act(() => result.current.stop());
  expect(server.called("ProvideInput")).toEqual([["r1", true, "t"]]);
  expect(server.called("CancelRun")).toEqual([["run_1", "Stopped by the user"]]);
  run("input_provided", { request_id: "r1", value: true });
  run("agent_completed", { status: "success", duration_ms: 5, final_response: "Done." });
  await pass();
  expect(result.current).toMatchObject({ agent: "idle", inputs: [], messages: [{ role: "assistant", text: "Done." }] });
  expect(seen).toEqual(["agent_started", "input_requested", "input_provided", "agent_completed"]);
});

test("After a rollback the conversation is what is still true", async () => {
  const { client, server } = setUp();
  const { result } = renderHook(() => useGuideChat({ threadId: "t" }), { wrapper: within(client) });
  await pass();
  for (const text of ["one", "two", "three"]) {
    server.publish("t", "user_message", { message_id: text, text });
  }
  await pass();
  act(() => server.rollback("t", "e2", 1));
  server.publish("t", "user_message", { message_id: "four", text: "four" });
  await pass();
  expect(result.current.messages.map(({ text }) => text)).toEqual(["one", "four"]);
  expect(result.current.recovery).toMatchObject({ recovered: false, reason: "reset", fromSeq: 2, toSeq: 3 });
});

test("A component that comes back within the linger goes on from its position; another conversation starts anew", async () => {
  const { client, server } = setUp();
  const { result, rerender } = renderHook(({ id }) => useThread(id), {
    wrapper: within(client, false),
    initialProps: { id: "t" as string | null },
  });
  await pass();
  server.publishMany("t", 3);
  server.publishMany("u", 2);
  await pass();
  expect(result.current).toMatchObject({ lastSeq: 3, status: "connected", recovery: { recovered: true } });
  rerender({ id: "u" });
  await pass();
  expect(result.current.events.map((event) => event.thread_id)).toEqual(["u", "u"]);
  rerender({ id: null });
  await pass(5_000);
  expect(result.current).toMatchObject({ events: [], status: "idle" });
  expect(server.live).toEqual([]);
  expect(server.ports).toHaveLength(1);
});

test("A thread can be read from now on, and its older events loaded page by page", async () => {
  const { client, server } = setUp();
  server.publishMany("t", 10);
  server.answers.GetHistory = ([, , before, limit]) => {
    const end = Number(String(before).split(":")[1]);
    const events = server
      .stream("t")
      .events.filter(({ seq }) => seq < end)
      .slice(-Math.min(4, Number(limit)));
    return { events, epoch: "e1", head: 12 };
  };
  const { result } = renderHook(() => useThread("t", { from: "now" }), { wrapper: within(client) });
  await pass();
  server.publishMany("t", 2);
  await pass();
  const seqs = () => result.current.events.map((event) => event.seq);
  expect(seqs()).toEqual([11, 12]);
  const loaded: boolean[] = [];
  for (let i = 0; i < 4; i++) {
    await act(async () => loaded.push(await result.current.loadOlder()));
    await pass();
  }
  expect(loaded).toEqual([true, true, true, false]);
  expect(seqs()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
});
