import { act, cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { Agent } from "../src/live/agent";
import type { Inspector } from "../src/live/inspector";
import { Journal } from "../src/live/journal";
import { Project } from "../src/live/project";
import { TokenSource } from "../src/live/token";
import { App } from "../src/shell/App";
import { epoch, ProjectScript, ThreadScript } from "./events";
import { agentConnection, atOnce, clientOf, FakeHub, projectConnection } from "./fakeHub";

vi.mock("uplot", () => ({
  default: class {
    series = [];
    setData() {}
    setSize() {}
    destroy() {}
  },
}));

beforeAll(() => {
  window.matchMedia = () =>
    ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined }) as never;
  window.ResizeObserver = class {
    observe() {}
    unobserve() {}
    disconnect() {}
  };
});
afterEach(cleanup);

async function openPage(threadId: string | null = "thread_1") {
  const hubs = { agent: new FakeHub(), project: new FakeHub() };
  const subscribed = { epoch, seq: 0, recovered: true, replayed: 0 };
  hubs.agent.answers.Subscribe = subscribed;
  hubs.project.answers.Subscribe = subscribed;
  const page = clientOf(hubs);
  const journal = new Journal(atOnce);
  journal.listen(page.client, () => Date.now());
  const common = { now: () => Date.now(), schedule: atOnce };
  const agent = agentConnection(page);
  const project = projectConnection(page);
  const inspector: Inspector = {
    journal,
    client: page.client,
    token: new TokenSource({
      fetch: async () =>
        Response.json({ access_token: "t", expires_at: "2099-01-01T00:00:00Z", subject: "user_a", tenant: "dev" }),
      now: () => Date.now(),
      storage: { getItem: () => null, setItem: () => undefined },
      url: "/api/dev/token",
      schedule: atOnce,
    }),
    agent: new Agent({ ...common, connection: agent, newId: () => "msg_1", threadId, threadChanged: () => undefined }),
    project: new Project({ ...common, connection: project, projectId: "demo", projectChanged: () => undefined }),
    run() {
      agent.run();
      project.run();
    },
  };
  render(<App inspector={inspector} />);
  await waitFor(() => expect(hubs.project.called("GetState")).toHaveLength(1));
  return hubs;
}

const method = (type: string) => type.replace(/(?:^|_)([a-z])/g, (_, c: string) => c.toUpperCase());

test("A run shows its thought, its tool and its answer", async () => {
  const { agent } = await openPage();
  act(() => {
    for (const event of new ThreadScript().wholeRun()) {
      agent.send(method(event.type), event);
    }
  });
  const run = screen.getByRole("article", { name: "Run of guide" });
  expect(within(run).getByText("Ask the order system")).toBeTruthy();
  expect(within(run).getByText("find_order")).toBeTruthy();
  expect(within(run).getByText("812 ms")).toBeTruthy();
  expect(within(run).getByText("It is on its way.")).toBeTruthy();
  expect(within(run).queryByRole("button", { name: "Cancel" })).toBeNull();
});

test("A running run can be cancelled", async () => {
  const { agent } = await openPage();
  act(() => agent.send("AgentStarted", new ThreadScript().event("agent_started", { agent_name: "guide" })));
  fireEvent.click(screen.getByRole("button", { name: "Cancel" }));
  await waitFor(() => expect(agent.called("CancelRun")[0]?.[0]).toBe("run_1"));
});

test("A person answers an agent's question", async () => {
  const { agent } = await openPage();
  const script = new ThreadScript();
  const request = { request_id: "req_1", prompt: "Refund 129 EUR?", schema: { type: "boolean" } };
  act(() => agent.send("InputRequested", script.event("input_requested", request)));
  fireEvent.click(screen.getByRole("button", { name: "Yes" }));
  await waitFor(() => expect(agent.called("ProvideInput")).toEqual([["req_1", true, "thread_1"]]));
});

test("A refused message keeps its text and says why", async () => {
  const { agent } = await openPage();
  agent.answers.SendMessage = { error: { code: "agent_not_available", message: "No worker.", retryable: true } };
  const field = screen.getByLabelText<HTMLTextAreaElement>("Message to the agent");
  fireEvent.change(field, { target: { value: "Hello" } });
  fireEvent.keyDown(field, { key: "Enter" });
  expect((await screen.findByRole("alert")).textContent).toContain("No agent is available right now.");
  expect(field.value).toBe("Hello");
});

test("An empty conversation offers questions", async () => {
  const { agent } = await openPage(null);
  agent.answers.CreateThread = { thread: { thread_id: "thread_7" } };
  fireEvent.click(screen.getByRole("button", { name: "What is 17 * 23 + 4?" }));
  await waitFor(() => expect(agent.called("SendMessage")).toHaveLength(1));
});

test("A fresh project is started, a waiting one confirmed", async () => {
  const { project } = await openPage();
  fireEvent.click(await screen.findByRole("button", { name: "Start the pipeline" }));
  await waitFor(() =>
    expect(project.called("Chat")).toEqual([["demo", "Train a classifier that tells malignant from benign tumours"]]),
  );
  const waiting = { stage_id: "PARSE_INTENT", summary: "A binary classifier.", next_actions: ["Confirm to go on"] };
  const script = new ProjectScript();
  act(() => project.send("ProjectEvent", script.event("WAITING_CONFIRMATION", waiting)));
  expect(screen.getByText("A binary classifier.")).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Confirm" }));
  await waitFor(() => expect(project.called("Confirm")).toEqual([["demo", "PARSE_INTENT"]]));
});

test("Any stage is restarted after a second look", async () => {
  const { project } = await openPage();
  act(() => project.send("ProjectEvent", new ProjectScript().event("LOG_LINE", { text: "go" })));
  fireEvent.click(screen.getByRole("button", { name: /^.*Model, to come$/ }));
  fireEvent.click(screen.getByRole("button", { name: "Restart Model" }));
  expect(project.called("RestartStage")).toEqual([]);
  fireEvent.click(screen.getByRole("button", { name: "Restart" }));
  await waitFor(() => expect(project.called("RestartStage")).toEqual([["demo", "MODEL_SELECT"]]));
});

test("The events drawer lists envelopes and filters them", async () => {
  const { agent, project } = await openPage();
  act(() => {
    agent.send("UserMessage", new ThreadScript().event("user_message", { message_id: "m", text: "hi" }));
    project.send("ProjectEvent", new ProjectScript().event("LOG_LINE", { text: "go" }));
  });
  fireEvent.click(screen.getByRole("button", { name: "Events" }));
  const drawer = screen.getByRole("complementary", { name: "Raw events" });
  expect(within(drawer).getAllByText(/user_message|LOG_LINE/, { selector: ".entry-name" })).toHaveLength(2);
  fireEvent.change(within(drawer).getByLabelText("Type"), { target: { value: "LOG_LINE" } });
  expect(within(drawer).getAllByText(/./, { selector: ".entry-name" })).toHaveLength(1);
});
