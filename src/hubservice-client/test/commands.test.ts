import { expect, test } from "vitest";
import { connected, fakeClock, outcome, pass, setUp } from "./fake/client.ts";
import type { FakePort } from "./fake/port.ts";

fakeClock();

test("A command waits for a connection, the first or a later one, as long as for an answer", async () => {
  const { client, server } = setUp({ ackTimeoutMs: 1_000 });
  let open = () => {};
  server.start = () => new Promise((resolve) => (open = () => resolve()));
  const id = await client.connectToProject("demo");
  const tooEarly = outcome(client.confirm(id, "TRAIN"));
  await pass(999);
  expect(tooEarly.now()).toBe("pending");
  await pass(1);
  const unsent = { code: "not_connected", retryable: true, message: "Confirm was not sent." };
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
  const event = { type: "status_update", payload: { status: "on" } } as const;
  const nameless = { ...event, event_id: null } as unknown as typeof event;
  const published = client.publish(id, [event, nameless, { ...event, event_id: "mine" }]);
  await pass(200);
  await expect(published).resolves.toEqual([{ seq: 1, duplicate: true }]);
  const [first, second] = server.called("Publish");
  const ids = ["evt_1", "evt_2", "mine"];
  expect(first).toEqual(["t", ids.map((event_id) => ({ ...event, event_id }))]);
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
