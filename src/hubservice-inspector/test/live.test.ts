import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Agent } from "../src/live/agent";
import { Project } from "../src/live/project";
import { TokenSource } from "../src/live/token";
import { epoch, ProjectScript, ThreadScript } from "./events";
import { agentConnection, atOnce, clientOf, FakeHub, projectConnection } from "./fakeHub";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const flush = () => vi.advanceTimersByTimeAsync(0);

async function openAgent(threadId: string | null = "thread_1") {
  const hub = new FakeHub();
  hub.answers.Subscribe = { epoch, seq: 0, recovered: true, replayed: 0 };
  const connection = agentConnection(clientOf({ agent: hub, project: new FakeHub() }));
  const agent = new Agent({
    connection,
    now: () => Date.now(),
    newId: () => "msg_new",
    threadId,
    threadChanged: () => undefined,
    schedule: atOnce,
  });
  connection.run();
  await flush();
  return { hub, connection, agent };
}

async function openProject() {
  const hub = new FakeHub();
  hub.answers.Subscribe = { epoch, seq: 0, recovered: true, replayed: 0 };
  const connection = projectConnection(clientOf({ agent: new FakeHub(), project: hub }));
  const project = new Project({
    connection,
    now: () => Date.now(),
    projectId: "demo",
    projectChanged: () => undefined,
    schedule: atOnce,
  });
  connection.run();
  await flush();
  return { hub, connection, project };
}

const method = (type: string) => type.replace(/(?:^|_)([a-z])/g, (_, c: string) => c.toUpperCase());

test("A reset without an epoch empties the thread and asks the hub, which may say that it is no longer there", async () => {
  const { hub, agent } = await openAgent();
  for (const event of new ThreadScript().wholeRun()) {
    hub.send(method(event.type), event);
  }
  hub.answers.Subscribe = { error: { code: "not_found", message: "gone", retryable: false } };
  hub.send("Reset", { type: "reset", payload: { stream: "thread:thread_1", epoch: "", last_valid: 0 } });
  await flush();
  expect(agent.thread.get().items).toEqual([]);
  expect(hub.called("Subscribe")).toHaveLength(2);
  expect(agent.stream.get()?.error?.code).toBe("not_found");
});

test("Without a connection a message is answered with an error, not queued", async () => {
  const { hub, connection, agent } = await openAgent();
  hub.refuse = 1_000;
  connection.drop();
  await flush();
  expect(await agent.send("hi")).toBe(false);
  expect(agent.view.get().error?.code).toBe("not_connected");
  expect(hub.called("SendMessage")).toEqual([]);
});

test("A drop is followed by a resume from the last position", async () => {
  const { hub, connection, agent } = await openAgent();
  const events = new ThreadScript().wholeRun();
  for (const event of events.slice(0, 4)) {
    hub.send(method(event.type), event);
  }
  hub.answers.Subscribe = { epoch, seq: 9, recovered: true, replayed: 5 };
  connection.drop();
  await flush();
  expect(connection.client.getConnectionStatus(connection.id ?? ("" as never))).toBe("reconnecting");
  await vi.advanceTimersByTimeAsync(2_000);
  expect(hub.called("Subscribe")).toEqual([
    ["thread_1", ":0"],
    ["thread_1", `${epoch}:4`],
  ]);
  for (const event of events.slice(4)) {
    hub.send(method(event.type), event);
  }
  expect(agent.stream.get()).toMatchObject({
    received: 9,
    missing: 0,
    duplicates: 0,
    position: { epoch, seq: 9 },
    resume: { state: "done", first: false, replayed: 5, lost: 0 },
  });
});

test("A replayed event that is known already changes nothing", async () => {
  const { hub, agent } = await openAgent();
  const [first] = new ThreadScript().wholeRun();
  hub.send("UserMessage", first);
  hub.send("UserMessage", first);
  expect(agent.stream.get()).toMatchObject({ received: 1, duplicates: 0, missing: 0 });
  expect(agent.thread.get().items).toHaveLength(1);
});

test("Lost history is shown and is no gap", async () => {
  const { hub, agent } = await openAgent();
  const script = new ThreadScript();
  hub.send("HistoryLost", { type: "history_lost", payload: { stream: "thread:thread_1", from: 1, to: 40 } });
  script.seq = 40;
  hub.send("UserMessage", script.event("user_message", { message_id: "m", text: "hi" }));
  expect(agent.stream.get()).toMatchObject({ missing: 0, position: { epoch, seq: 41 } });
  expect(agent.thread.get().items.map((item) => item.kind)).toEqual(["notice", "user"]);
});

test("A reset discards what is above last_valid and goes on in the new epoch", async () => {
  const { hub, agent } = await openAgent();
  for (const event of new ThreadScript().wholeRun()) {
    hub.send(method(event.type), event);
  }
  hub.send("Reset", { type: "reset", payload: { stream: "thread:thread_1", epoch: "epochtwo", last_valid: 3 } });
  expect(agent.stream.get()?.position).toEqual({ epoch: "epochtwo", seq: 3 });
  const run = agent.thread.get().items[1];
  expect(run?.kind === "run" && run.status).toBe("running");
  const script = new ThreadScript();
  script.seq = 3;
  const next = { ...script.event("agent_completed", { status: "abandoned", duration_ms: 1 }), epoch: "epochtwo" };
  hub.send("AgentCompleted", next);
  expect(agent.stream.get()).toMatchObject({ missing: 0, duplicates: 0 });
});

test("A session event of another stream is left alone", async () => {
  const { hub, agent } = await openAgent();
  hub.send("Reset", { type: "reset", payload: { stream: "thread:other", epoch: "x", last_valid: 0 } });
  expect(agent.stream.get()?.position.epoch).toBe(epoch);
});

test("A new conversation is created and followed before the message goes out", async () => {
  const { hub, agent } = await openAgent(null);
  hub.answers.CreateThread = { thread: { thread_id: "thread_9", title: "Hello" } };
  await agent.send("Hello");
  const order = hub.calls.map((call) => call.method).filter((name) => /CreateThread|Subscribe|SendMessage/.test(name));
  expect(order).toEqual(["CreateThread", "Subscribe", "SendMessage"]);
  expect(hub.called("SendMessage")).toEqual([
    [{ thread_id: "thread_9", message_id: "msg_new", text: "Hello", target: "guide" }],
  ]);
});

test("A retry of a refused message carries the same id", async () => {
  const { hub, agent } = await openAgent();
  let made = 0;
  hub.answers.SendMessage = () =>
    made++ === 0 ? { error: { code: "agent_not_available", message: "", retryable: true } } : {};
  expect(await agent.send("Hello")).toBe(false);
  expect(agent.view.get().error?.code).toBe("agent_not_available");
  expect(await agent.send("Hello")).toBe(true);
  const ids = hub.called("SendMessage").map(([message]) => (message as { message_id: string }).message_id);
  expect(new Set(ids).size).toBe(1);
});

test("The greeting of a project moves no counter", async () => {
  const { hub, project } = await openProject();
  const script = new ProjectScript();
  script.seq = 2;
  hub.send("ProjectEvent", script.greeting());
  const stage = { stage_id: "PARSE_INTENT", status: "IN_PROGRESS" };
  const waiting = { stage_id: "PARSE_INTENT", summary: "?", next_actions: [] };
  hub.send("ProjectEvent", script.repeated("STAGE_STATUS", stage));
  hub.send("ProjectEvent", script.repeated("WAITING_CONFIRMATION", waiting));
  script.seq = 0;
  // The same names again, now as events that were missed.
  hub.send("ProjectEvent", script.event("STAGE_STATUS", stage));
  hub.send("ProjectEvent", script.event("WAITING_CONFIRMATION", waiting));
  expect(project.stream.get()).toMatchObject({ received: 2, missing: 0, duplicates: 0, position: { epoch, seq: 2 } });
});

test("A refused confirmation is told", async () => {
  const { hub, project } = await openProject();
  hub.answers.Confirm = { error: { code: "stage_conflict", message: "TRAIN is IN_PROGRESS.", retryable: false } };
  expect(await project.confirm()).toBe(false);
  expect(project.view.get()).toMatchObject({ busy: null, error: { code: "stage_conflict" } });
});

test("A draining node is left within its time", async () => {
  const { hub, connection } = await openProject();
  hub.send("ServerDraining", { type: "server_draining", payload: { reconnect_within_ms: 2000 } });
  expect(connection.notice.get()).toContain("shutting down");
  await vi.advanceTimersByTimeAsync(1_500);
  expect(hub.starts).toBe(2);
  expect(connection.notice.get()).toBeNull();
});

test("An expiring token is renewed over the connection", async () => {
  const { hub } = await openProject();
  hub.send("TokenExpiring", { type: "token_expiring", payload: { expires_at: "2030-01-01T00:00:00Z" } });
  await flush();
  expect(hub.called("RefreshToken")).toEqual([["t"]]);
});

function tokenSource(answer: () => Response, stored: Record<string, string> = {}) {
  const bodies: string[] = [];
  const source = new TokenSource({
    fetch: async (_, init) => {
      bodies.push(String(init?.body));
      return answer();
    },
    now: () => Date.now(),
    storage: {
      getItem: (key) => stored[key] ?? null,
      setItem: (key, value) => {
        stored[key] = value;
      },
    },
    url: "/api/dev/token",
    schedule: atOnce,
  });
  return { source, bodies, stored };
}

test("A token is asked for once, kept, and asked anew for the same subject near its end", async () => {
  const answer = () =>
    Response.json({
      access_token: "t",
      expires_at: new Date(Date.now() + 300_000).toISOString(),
      subject: "user_a",
      tenant: "dev",
    });
  const { source, bodies } = tokenSource(answer);
  await Promise.all([source.get(), source.get()]);
  expect(bodies).toEqual(["{}"]);
  expect(source.signIn.get()).toMatchObject({ state: "signed_in", subject: "user_a" });
  await vi.advanceTimersByTimeAsync(250_000);
  expect(await source.get()).toBe("t");
  expect(bodies).toEqual(["{}", '{"subject":"user_a"}']);
});

test("Where development sign-in is off, a token is pasted", async () => {
  const { source } = tokenSource(() => new Response(null, { status: 404 }));
  expect(await source.get()).toBeNull();
  expect(source.signIn.get().state).toBe("paste");
  source.paste("nonsense");
  expect(source.signIn.get()).toMatchObject({ state: "paste", message: expect.stringContaining("JSON Web Token") });
  const claims = btoa(JSON.stringify({ sub: "user_b", tenant: "acme", exp: 2_000_000_000 }));
  source.paste(`x.${claims}.y`);
  expect(source.signIn.get()).toMatchObject({ state: "signed_in", subject: "user_b", tenant: "acme" });
});
