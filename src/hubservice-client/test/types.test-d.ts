/** Compiled, never run: what the types allow and what they refuse. `tsc` fails on an error that is missing, too. */
import {
  type AgentEvent,
  errorCodes,
  HubClient,
  type HubError,
  type ProjectEvent,
  type StageStatus,
} from "../src/index.ts";

const client = new HubClient({ url: "https://hub.example" });
const guide = await client.connectToGuide("token");
const project = await client.connectToProject("demo", () => Promise.resolve("token"));

client.subscribe(guide, "tool_completed", (event) => {
  const status: "ok" | "error" | "abandoned" = event.payload.status;
  const ms: number = event.payload.duration_ms;
  // @ts-expect-error There is no such field.
  event.payload.durationMs;
  return [status, ms];
});

client.subscribe(guide, "*", (event) => {
  switch (event.type) {
    case "agent_streaming":
      return event.payload.delta.length;
    case "agent_completed":
      // @ts-expect-error A delta belongs to another type.
      return event.payload.delta;
    default:
      return event.seq;
  }
});

client.subscribe(project, "METRIC_SCALAR", (event) => {
  const value: number = event.event.payload.value;
  return value;
});

client.subscribe(project, "*", (event) => {
  if (event.event.name === "STAGE_STATUS") {
    const payload: StageStatus = event.event.payload;
    return payload;
  }
  return event.stage.index;
});

// @ts-expect-error No event has this name.
client.subscribe(guide, "agent_finished", () => {});
// @ts-expect-error A conversation has no project events.
client.subscribe(guide, "METRIC_SCALAR", () => {});
// @ts-expect-error A project has no agent events.
client.subscribe(project, "agent_started", () => {});
// @ts-expect-error A project is no agent.
client.sendMessage(project, "hello");
// @ts-expect-error A text is no handle.
client.sendMessage("connection_1", "hello");
// @ts-expect-error A conversation has no stages.
client.confirm(guide);
// @ts-expect-error The target is an option, not a field of the message.
client.sendMessage(guide, { text: "hello", target: "guide" });
// @ts-expect-error Either it is there or it is not.
client.sendMessage(guide, "hello", { threadId: undefined });
// @ts-expect-error Either it is there or it is not.
new HubClient({ url: "https://hub.example", transport: undefined });
// @ts-expect-error A token is a text.
client.connectToGuide(() => 1);

const accepted = await client.sendMessage(
  guide,
  { text: "hello", metadata: { screen: "home" } },
  { messageId: "msg_1" },
);
const seq: number = accepted.seq;

await client.publish(guide, [{ type: "status_update", payload: { status: "on" } }]);
// @ts-expect-error The payload of another event.
await client.publish(guide, [{ type: "status_update", payload: { text: "on" } }]);
// @ts-expect-error The hub sets it.
await client.publish(guide, [{ type: "status_update", payload: { status: "on" }, seq: 1 }]);
await client.publish(project, [{ name: "LOG_LINE", payload: { run_id: "r", level: "info", text: "x" } }]);

const { threads } = await client.call(guide, "ListThreads", []);
const { thread } = await client.call(guide, "CreateThread", [{ title: "New" }]);
// @ts-expect-error A refusal is thrown.
(await client.call(guide, "ListThreads", [])).error;
// @ts-expect-error A title is missing.
client.call(guide, "RenameThread", ["thread_1"]);
// @ts-expect-error That is a project's.
client.call(guide, "Confirm", ["demo"]);
// @ts-expect-error The client's own matter.
client.call(guide, "Subscribe", ["thread_1"]);

for await (const event of client.events(project, { from: "start" })) {
  const one: ProjectEvent = event;
  // @ts-expect-error Not an agent's.
  const other: AgentEvent = event;
  console.log(one, other);
}

client.on("recovery", ({ recovered, fromSeq, toSeq }) => console.log(recovered, fromSeq, toSeq));
client.on("error", ({ error }) => {
  const whole: HubError = error;
  return whole.retryable;
});
// @ts-expect-error It tells no such thing.
client.on("message", () => {});

console.log(seq, threads, thread?.thread_id);

// A code may be one that is known, or one of a later service.
client.on("error", ({ error }) => {
  const status: number | undefined = errorCodes[error.code]?.status;
  const forbidden: 403 = errorCodes.forbidden.status;
  // @ts-expect-error Nothing may be known of it.
  return [status, forbidden, errorCodes[error.code].retryable];
});
