// hubservice-client/validate: its verdicts are ajv's, and with the real service it finds nothing wrong in what is right.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { HubClient } from "hubservice-client";
import { fetchValidator } from "hubservice-client/validate";
import { Contract } from "../support/contract.js";
import { mutations } from "../support/mutations.js";
import { run, Service, token, until } from "../support/service.js";

let service, contract, validate;
before(async () => {
  service = await Service.start();
  contract = await Contract.load(service);
  validate = await fetchValidator(service.url);
});
after(() => service.stop());

function refusal(...what) {
  try {
    validate(...what);
    return null;
  } catch (error) {
    return error;
  }
}

for (const kind of ["agent", "project"]) {
  test(`the payloads of ${kind} events, changed in every way, are refused where ajv refuses them`, () => {
    const disagreements = [];
    let count = 0, refused = 0;
    for (const [type, { payload }] of Object.entries(contract.events[kind])) {
      const schema = contract.schemas.get(payload);
      for (const { what, value } of contract.examples(type).flatMap((e) => [...mutations(e, schema, schema.$defs ?? {})])) {
        const faults = contract.faults(payload, value, "payload");
        const error = refusal(type, value, "publish", kind);
        count++;
        if (error) refused++;
        const agree = error ? faults.includes(error.details.field) && error.message.startsWith(error.details.field) : faults.length === 0;
        if (!agree) disagreements.push(`${type} ${what}: ajv says ${JSON.stringify(faults)}, the client ${JSON.stringify(error)}`);
      }
    }
    assert.deepEqual(disagreements, []);
    assert.ok(count > 1000 && refused > 500 && count - refused > 200, `${count} cases, ${refused} refused`);
  });
}

test("what a client and the service say to each other is right in both directions, and what is wrong is not sent", async () => {
  const names = new Set();
  const counting = (name, payload, direction, hub) => {
    names.add(`${direction} ${name}`);
    validate(name, payload, direction, hub);
  };
  const client = new HubClient({ url: service.url, sessionToken: () => token(), validate: counting });
  const errors = [];
  client.on("error", ({ error }) => errors.push(error));
  const id = await client.connectToGuide();
  const types = [];
  client.subscribe(id, "*", (event) => types.push(event.type));
  const { thread_id } = await client.sendMessage(id, "hello", { target: null });
  await client.publish(id, run("run_1"));
  await client.getHistory(id, { limit: 5 });
  await until(() => types.includes("agent_completed"));
  await assert.rejects(client.call(id, "RenameThread", [thread_id, 7]), { code: "invalid_message", details: { field: "RenameThread[1]", rule: "type" } });
  const { events } = await client.getHistory(id);
  assert.equal(events.some(({ type }) => type === "thread_updated"), false);

  const project = await client.connectToProject("validated");
  const seen = [];
  client.subscribe(project, "*", (event) => seen.push(event.event.name), { from: "start", onGreeting: (event) => seen.push(event.event.name) });
  await client.publish(project, [{ name: "LOG_LINE", payload: { run_id: "run_1", level: "info", text: "hello" } }]).catch((error) => errors.push(error));
  await client.getState(project);
  await until(() => seen.includes("HELLO") && seen.includes("LOG_LINE"));
  await client.close();
  assert.deepEqual(errors, []);
  for (const name of ["call SendMessage", "publish tool_completed", "event tool_completed", "call GetHistory", "event HELLO", "call GetState"]) assert.ok(names.has(name), name);
});
