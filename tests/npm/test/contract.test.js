import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Parser } from "@asyncapi/parser";
import { Contract } from "../support/contract.js";
import { Service } from "../support/service.js";

let service, contract;
before(async () => {
  service = await Service.start();
  contract = await Contract.load(service);
});
after(() => service.stop());

test("AsyncAPI's parser accepts the document", async () => {
  const { document, diagnostics } = await new Parser().parse(JSON.stringify(contract.asyncApi));
  // Severity 0 is an error and 1 a warning; below that it recommends the next version of AsyncAPI.
  assert.deepEqual(diagnostics.filter((d) => d.severity < 2).map((d) => `${d.path.join(".")}: ${d.message}`), []);
  assert.equal(document.version(), "3.0.0");
  assert.deepEqual(document.channels().all().map((c) => c.address()).sort(), [
    "/api/v1/projects/{id}/events", "/api/v1/projects/{id}/stream", "/api/v1/threads/{id}/events", "/api/v1/threads/{id}/stream",
    "/api/v1/users/{id}/events", "/api/v1/users/{id}/stream", "/hubs/agent", "/hubs/project",
  ]);
  for (const message of document.components().messages().all()) assert.ok(message.examples().all().length > 0, `${message.id()} has no example`);
});

test("AsyncAPI's parser rejects a broken one", async () => {
  const broken = structuredClone(contract.asyncApi);
  delete broken.channels.agent_hub.messages.agent_started;
  const { diagnostics } = await new Parser().parse(JSON.stringify(broken));
  assert.ok(diagnostics.some((d) => d.severity === 0));
});

test("every schema compiles", () => {
  assert.ok(contract.schemas.size > 200);
  for (const name of contract.schemas.keys()) assert.equal(typeof contract.validator(name), "function");
});

test("every example fits its schemas", () => {
  const kinds = { agent: "AgentEvent", project: "ProjectEvent", session: "SessionEvent" };
  let count = 0;
  for (const [kind, events] of Object.entries(contract.events)) {
    for (const [type, { payload, envelope }] of Object.entries(events)) {
      for (const { payload: example } of contract.asyncApi.components.messages[type].examples) {
        assert.deepEqual(contract.faults(envelope, example, ""), [], `${envelope} ${JSON.stringify(example)}`);
        assert.deepEqual(contract.faults(kinds[kind], example, ""), [], `${kinds[kind]} ${type}`);
        count++;
      }
      for (const example of contract.examples(type)) assert.deepEqual(contract.faults(payload, example, ""), [], type);
    }
  }
  assert.ok(count >= 100);
});

test("an envelope with the payload of another event does not fit", () => {
  const [{ payload: started }] = contract.asyncApi.components.messages.agent_started.examples;
  assert.deepEqual(contract.faults("AgentStartedEvent", { ...started, payload: { thought: "hm" } }, ""), ["payload.agent_name"]);
  assert.deepEqual(contract.faults("AgentStartedEvent", { ...started, type: "agent_thinking" }, ""), ["type"]);
});
