// @vitest-environment jsdom
import { act, render, renderHook, screen } from "@testing-library/react";
import { useState } from "react";
import { renderToString } from "react-dom/server";
import { expect, test, vi } from "vitest";
import type { ProjectEvent } from "../src/index.ts";
import {
  HubProvider,
  useConnectionHealth,
  useGuideChat,
  useLiaisonChat,
  useLostConnection,
  useProject,
  useThread,
} from "../src/react/index.ts";
import { setUp } from "./fake/client.ts";
import { fakePage, pass, within } from "./fake/react.tsx";

fakePage();

function Page() {
  const [count, setCount] = useState(0);
  const chat = useGuideChat();
  const liaison = useLiaisonChat("content");
  const thread = useThread("t");
  const project = useProject("demo");
  return (
    <button type="button" onClick={() => setCount(count + 1)}>
      {[chat, liaison, thread, project].map(({ status }) => status).join()} {count}
    </button>
  );
}

function Still() {
  const { messages, status, agent } = useGuideChat({ threadId: "t" });
  const { stages } = useProject("demo");
  const { events } = useThread("t");
  const health = useConnectionHealth();
  useLostConnection(() => {});
  return <p>{[messages.length, status, agent, stages.length, events.length, health.length].join()}</p>;
}

test("Under StrictMode, with several hooks and a new token function at each render, there is one socket per hub", async () => {
  const { client, server } = setUp();
  render(<Page />, { wrapper: within(client) });
  await pass();
  act(() => screen.getByRole("button").click());
  await pass(5_000);
  expect(screen.getByRole("button").textContent).toBe("connected,connected,connected,connected 1");
  expect(server.ports.map((port) => port.request.url)).toEqual(["http://hub/hubs/agent", "http://hub/hubs/project"]);

  const own = setUp();
  const asked = vi.fn(() => "token");
  const { rerender } = renderHook(() => useGuideChat({ sessionToken: () => asked() }), { wrapper: within(own.client) });
  await pass();
  rerender();
  await pass(5_000);
  expect(own.server.ports).toHaveLength(1);
  expect(asked).toHaveBeenCalledTimes(1);
});

test("On a server the hooks render their beginning and do nothing", () => {
  const { client, server } = setUp();
  expect(() => renderToString(<Still />)).toThrow("There is no HubProvider");
  expect(
    renderToString(
      <HubProvider client={client}>
        <Still />
      </HubProvider>,
    ),
  ).toBe("<p>0,idle,idle,8,0,0</p>");
  expect(server.ports).toEqual([]);
  expect(client.getAllConnectionsHealth().size).toBe(0);
});

test("An outage of several connections is told once, and over when none is away any more", async () => {
  const { client, server } = setUp();
  const phases: string[] = [];
  renderHook(() => useLostConnection((phase) => phases.push(phase)), { wrapper: within(client) });
  const guide = await client.connectToGuide();
  await client.connectToLiaison("content");
  const project = await client.connectToProject("demo");
  await pass();
  const refuse = (text: string) => () => {
    throw new Error(text);
  };
  const endAll = () => {
    for (const port of server.live) {
      port.end();
    }
  };
  server.start = refuse("away");
  endAll();
  await pass(10_000);
  expect(phases).toEqual(["lost"]);
  server.start = (port) => (port.request.url.endsWith("agent") ? undefined : refuse("away")());
  await pass(200);
  expect(client.isConnected(guide)).toBe(true);
  expect(phases).toEqual(["lost"]);
  await client.disconnect(project);
  expect(phases).toEqual(["lost", "restored"]);
  server.start = refuse("Status code '401'");
  endAll();
  await pass(10_000);
  expect(phases).toEqual(["lost", "restored", "failed"]);
  server.start = () => {};
  client.reconnectNow();
  await pass(200);
  expect(phases).toEqual(["lost", "restored", "failed", "restored"]);
});

test("A project has its stages from its state and its events, and its commands say whether they were taken", async () => {
  const { client, server } = setUp();
  const stages = ["A", "B"].map((id, index) => ({
    id,
    index,
    status: index === 0 ? "COMPLETED" : "PENDING",
    message: "",
  }));
  server.answers.GetState = () => ({ stages, current_stage: stages[1] });
  const names: string[] = [];
  const { result } = renderHook(
    () => useProject("demo", { onEvent: (event: ProjectEvent) => names.push(event.event.name) }),
    { wrapper: within(client) },
  );
  await pass();
  expect(result.current).toMatchObject({ percent: 50, current: { id: "B" }, done: false, waiting: null });
  const send = (seq: number, name: string, payload: object) =>
    server.port.send("ProjectEvent", {
      v: 1,
      type: "EVENT",
      project_id: "demo",
      seq,
      epoch: "e1",
      ts: 0,
      event_id: `evt_${seq}`,
      stage: { id: "B", index: 1, status: "IN_PROGRESS" },
      event: { name, payload },
    });
  send(1, "WAITING_CONFIRMATION", { stage_id: "B", summary: "Go on?", next_actions: [] });
  await pass();
  expect(result.current).toMatchObject({ waiting: { summary: "Go on?" }, current: { status: "WAITING_CONFIRMATION" } });
  let confirmed = false;
  await act(async () => {
    confirmed = await result.current.confirm();
  });
  expect(confirmed).toBe(true);
  expect(server.called("Confirm")).toEqual([["demo", "B"]]);
  send(2, "STAGE_STATUS", { stage_id: "B", status: "COMPLETED" });
  await pass();
  expect(result.current).toMatchObject({ percent: 100, done: true, waiting: null, busy: false });
  server.answers.RestartStage = () => ({
    error: { code: "invalid_stage", message: "No such stage.", retryable: false },
  });
  await act(async () => {
    confirmed = await result.current.restart("C");
  });
  await pass();
  expect(confirmed).toBe(false);
  expect(result.current.error).toMatchObject({ code: "invalid_stage" });
  expect(names).toEqual(["WAITING_CONFIRMATION", "STAGE_STATUS"]);
});

test("A refused token is shown as error and thrown by nobody", async () => {
  const { client, server } = setUp();
  server.start = () => {
    throw new Error("Status code '401'");
  };
  const { result } = renderHook(() => useGuideChat({ threadId: "t" }), { wrapper: within(client) });
  await pass();
  expect(result.current).toMatchObject({ status: "failed", error: { code: "unauthorized" } });
  const bare = setUp();
  const nobody = Object.assign(bare.client, {
    open: () => {
      throw new Error("There is no token.");
    },
  });
  const { result: none } = renderHook(() => useThread("t"), { wrapper: within(nobody) });
  await pass();
  expect(none.current).toMatchObject({ status: "idle", error: { code: "internal", message: "There is no token." } });
});

test("A disabled chat connects nobody", async () => {
  const { client, server } = setUp();
  const { result } = renderHook(() => useGuideChat({ enabled: false }), { wrapper: within(client) });
  await pass(5_000);
  expect(server.ports).toEqual([]);
  await expect(result.current.send("hello")).rejects.toMatchObject({ code: "closed" });
});

test("The health of the connections is rendered, and a loss is told", async () => {
  const { client, server } = setUp({ lostConnectionAfterMs: 1_000 });
  const phases: string[] = [];
  const { result } = renderHook(
    () => {
      useGuideChat({ threadId: "t" });
      useLostConnection((phase) => phases.push(phase));
      return useConnectionHealth();
    },
    { wrapper: within(client) },
  );
  await pass();
  expect(result.current).toMatchObject([{ target: "guide", status: "connected", healthy: true, node: "node-a" }]);
  server.start = () => {
    throw new Error("away");
  };
  server.port.end();
  await pass(2_000);
  expect(result.current).toMatchObject([{ healthy: false }]);
  server.start = () => {};
  await pass(200);
  expect(phases).toEqual(["lost", "restored"]);
});
