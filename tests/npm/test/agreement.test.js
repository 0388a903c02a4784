// What a schema refuses the service refuses, at the same place, and what it accepts the service accepts.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as signalR from "@microsoft/signalr";
import { Contract } from "../support/contract.js";
import { mutations } from "../support/mutations.js";
import { Service, token } from "../support/service.js";

const onlyByTheHub = new Set(["thread_created", "thread_updated", "thread_deleted", "user_message", "input_provided", "HELLO"]);

let service, contract;
before(async () => {
  service = await Service.start();
  contract = await Contract.load(service);
});
after(() => service.stop());

/** An example with times in the future, because the hub refuses a request that has expired. */
const later = (payload) => ("expires_at" in payload ? { ...payload, expires_at: "2999-01-01T00:00:00.000Z" } : payload);
const past = (payload) => /^(?!2999)\d{4}-/.test(payload.expires_at ?? "");

async function publish(folder, id, events) {
  const response = await fetch(`${service.url}/api/v1/${folder}/${id}/events`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token()}` },
    body: JSON.stringify(events),
  });
  const answer = await response.json();
  assert.equal(response.status, 200, JSON.stringify(answer).slice(0, 300));
  return answer.results;
}

/** Compares verdicts; a refusal for the state of the stream says that the payload is fine. */
function judge(type, { what, value }, faults, error) {
  const refused = error?.code === "invalid_message" && /^payload\b/.test(error.details?.field ?? "");
  const said = `${type} ${what}: the schema says ${JSON.stringify(faults)}, the service ${JSON.stringify(error ?? null)}; ${JSON.stringify(value).slice(0, 300)}`;
  if (faults.length === 0 ? refused : !refused || !faults.includes(error.details.field)) return said;
  // The rule stands behind the field: must …, is required, has the wrong type …
  return refused && !/: (must|is|has) /.test(error.message) ? `no rule: ${said}` : null;
}

async function compare(kind, folder, shape) {
  const disagreements = [];
  let count = 0, refused = 0;
  for (const [type, { payload }] of Object.entries(contract.events[kind])) {
    if (onlyByTheHub.has(type)) continue;
    const schema = contract.schemas.get(payload);
    const cases = contract.examples(type).flatMap((e) => [...mutations(later(e), schema, schema.$defs ?? {})]).filter((c) => !past(c.value));
    for (let i = 0; i < cases.length; i += 400) {
      const part = cases.slice(i, i + 400);
      const results = await publish(folder, `agree-${type}-${i}`, part.map((c) => shape(type, c.value)));
      part.forEach((c, j) => {
        const faults = contract.faults(payload, c.value, "payload");
        count++;
        if (faults.length > 0) refused++;
        disagreements.push(judge(type, c, faults, results[j].error));
      });
    }
  }
  assert.deepEqual(disagreements.filter((d) => d !== null), []);
  assert.ok(count > 1000 && refused > 500 && count - refused > 200, `${count} cases, ${refused} refused`);
}

test("agent events", () => compare("agent", "threads", (type, payload) => ({ type, payload })));

test("project events", () => compare("project", "projects", (name, payload) => ({ name, payload })));

test("events to publish, around their payload", async () => {
  const disagreements = [];
  let count = 0, refused = 0;
  for (const [folder, name, stream, event] of [
    ["threads", "NewAgentEvent", "thread_id", { type: "status_update", payload: { status: "running" }, agent_name: "guide", metadata: {}, v: 1 }],
    ["projects", "NewProjectEvent", "project_id", { name: "LOG_LINE", payload: { run_id: "run_1", level: "info", text: "Fitting" }, v: 1 }],
  ]) {
    const id = "agree-envelope", schema = contract.schemas.get(name), value = { ...event, [stream]: id };
    const more = ["run_", "run_1", `run_${"a".repeat(124)}`, `run_${"a".repeat(125)}`, "pipeline_1"].map((run_id) => ({ what: `run_id = ${run_id}`, value: { ...value, run_id } }));
    // An absent payload counts as {}.
    const cases = [...mutations(value, schema, schema.$defs ?? {}), ...more].filter((c) => "payload" in c.value);
    const results = await publish(folder, id, cases.map((c) => c.value));
    cases.forEach((c, i) => {
      const { error } = results[i];
      const faults = contract.faults(name, c.value, "");
      const named = error?.code === "invalid_message" && !error.details?.field.startsWith("payload.") ? error.details?.field : null;
      count++;
      if (faults.length > 0) refused++;
      // Which stream is published to is the address's business, which no schema knows.
      if (faults.length > 0 ? !faults.includes(named) : named !== null && named !== stream) disagreements.push(`${name} ${c.what}: ${JSON.stringify(faults)} ${JSON.stringify(error ?? null)}`);
    });
  }
  assert.deepEqual(disagreements, []);
  assert.ok(count > 200 && refused > 100 && count - refused > 50, `${count} cases, ${refused} refused`);
});

test("only the hub's own events are left out", async () => {
  for (const [kind, folder, key] of [["agent", "threads", "type"], ["project", "projects", "name"]]) {
    const types = Object.keys(contract.events[kind]);
    const results = await publish(folder, "agree-own", types.map((type) => ({ [key]: type, payload: later(contract.examples(type)[0]) })));
    assert.deepEqual(types.filter((_, i) => results[i].error?.code === "forbidden"), types.filter((t) => onlyByTheHub.has(t)));
  }
});

test("commands", async () => {
  const connection = new signalR.HubConnectionBuilder()
    .withUrl(`${service.url}/hubs/agent`, { transport: signalR.HttpTransportType.WebSockets, accessTokenFactory: () => token() })
    .configureLogging(signalR.LogLevel.None)
    .build();
  await connection.start();
  const disagreements = [];
  let count = 0;
  for (const [method, name, value] of [
    ["SendMessage", "SendMessage", { text: "Hello", thread_id: "agree-commands" }],
    ["StartAgent", "StartAgent", { user_request: "Run", thread_id: "agree-commands" }],
    ["CreateThread", "CreateThread", {}],
  ]) {
    const schema = contract.schemas.get(name);
    for (const c of mutations(value, schema, schema.$defs ?? {})) {
      const { error } = await connection.invoke(method, c.value);
      const faults = contract.faults(name, c.value, "");
      const named = error?.code === "invalid_message" ? error.details?.field : null;
      // Who may be a member is the token's business, which no schema knows.
      if (faults.length > 0 ? !faults.includes(named) : named !== null && named !== "members") disagreements.push(`${method} ${c.what}: ${JSON.stringify(faults)} ${JSON.stringify(error ?? null)}`);
      count++;
    }
  }
  await connection.stop();
  assert.deepEqual(disagreements, []);
  assert.ok(count > 200, `${count} cases`);
});
