import { readFileSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { HubError } from "../src/index.ts";
import { type ContractDocument, fetchValidator, validator } from "../src/validate/index.ts";
import { fakeClock, outcome, pass, setUp } from "./fake/client.ts";

fakeClock();

interface Message {
  payload?: { $ref?: string };
  examples?: { payload: unknown }[];
}
const file = new URL("../../HubService.Contracts/Schema/Generated/asyncapi.json", import.meta.url);
const contract = JSON.parse(readFileSync(file, "utf8")) as ContractDocument;
const messages = Object.entries(contract.components.messages as Record<string, Message>);
const validate = validator(contract);

function refusalOf(check: () => void): HubError {
  try {
    check();
  } catch (error) {
    return error as HubError;
  }
  throw new Error("Nothing was wrong.");
}

const completed = { tool_call_id: "call_1", tool_name: "search", status: "ok", duration_ms: 3 };

test("Every example of the contract fits: events in both directions, and calls of both hubs", () => {
  let count = 0;
  for (const [name, { examples = [] }] of messages) {
    for (const { payload } of examples) {
      const [, hub, method] = /^(agent|project)_hub\.(\w+)\.call$/.exec(name) ?? [];
      if (hub && method) {
        validate(method, payload, "call", hub as "agent" | "project");
        count++;
      } else if (!name.includes(".")) {
        const { event, payload: content } = payload as { event?: { payload: unknown }; payload: unknown };
        validate(name, event ? event.payload : content, "event", "agent");
        validate(name, event ? event.payload : content, "publish", "agent");
        count++;
      }
    }
  }
  expect(count).toBeGreaterThan(120);
});

test.each([
  ["required", "payload.tool_name", { tool_name: undefined }],
  ["type", "payload.duration_ms", { duration_ms: "3" }],
  ["minimum", "payload.duration_ms", { duration_ms: -1 }],
  ["enum", "payload.status", { status: "fine" }],
  ["minLength", "payload.tool_name", { tool_name: "" }],
])("A payload that breaks %s is refused at %s", (rule, field, change) => {
  const error = refusalOf(() => validate("tool_completed", { ...completed, ...change }, "publish", "agent"));
  expect(error).toBeInstanceOf(HubError);
  expect(error).toMatchObject({ code: "invalid_message", retryable: false, details: { field, rule } });
  expect(error.message).toMatch(new RegExp(`^${field}: .*\\(${rule}\\)\\.$`));
});

test("Arguments are checked in their places, and what an array holds, too", () => {
  const faults: [string, unknown[], string, string][] = [
    ["SendMessage", [{ text: 1 }], "SendMessage[0].text", "type"],
    ["SendMessage", [], "SendMessage", "minItems"],
    ["Publish", ["t", [{ type: "custom" }]], "Publish[1][0].payload", "required"],
    ["Publish", ["t", [{ type: "custom", payload: {}, seq: 4 }]], "Publish[1][0].seq", "additionalProperties"],
    ["Publish", ["t", [{ type: "custom", payload: {}, run_id: "x" }]], "Publish[1][0].run_id", "pattern"],
  ];
  for (const [method, args, field, rule] of faults) {
    expect(refusalOf(() => validate(method, args, "call", "agent")).details).toEqual({ field, rule });
  }
  validate("SendMessage", [{ text: "hello", thread_id: undefined }], "call", "agent");
});

test("A newer hub may send fields, events and methods that this contract does not have", () => {
  validate("tool_completed", { ...completed, colour: "red" }, "event", "agent");
  validate("hologram_shown", { depth: 3 }, "event", "agent");
  validate("Teleport", [1], "call", "project");
  const closed: ContractDocument = {
    components: {
      messages: { gauge: { payload: { $ref: "#/components/schemas/GaugeEvent" } } },
      schemas: {
        GaugeEvent: { properties: { payload: { $ref: "#/components/schemas/Gauge" } } },
        Gauge: { type: "object", properties: { value: { type: "number" } }, additionalProperties: false },
      },
    },
  };
  const gauge = { value: 1, unit: "m" };
  validator(closed)("gauge", gauge, "event", "agent");
  expect(refusalOf(() => validator(closed)("gauge", gauge, "publish", "agent")).details).toEqual({
    field: "payload.unit",
    rule: "additionalProperties",
  });
});

test("A client refuses what is wrong before it is sent, and reports what arrives wrong", async () => {
  const { client, server, errors } = setUp({ validate });
  const id = await client.connectToGuide(undefined, { threadId: "t" });
  client.subscribe(id, "*", () => {});
  await pass(0);
  const wrong = client.publish(id, [{ type: "tool_completed", payload: { ...completed, duration_ms: -1 } as never }]);
  await expect(wrong).rejects.toMatchObject({ code: "invalid_message", details: { field: "payload.duration_ms" } });
  await expect(client.sendMessage(id, 7 as never)).rejects.toMatchObject({ details: { rule: "required" } });
  expect(server.called("Publish").concat(server.called("SendMessage"))).toEqual([]);
  await client.sendMessage(id, "hello");
  server.publish("t", "tool_completed", { ...completed, status: "fine" });
  expect(errors.map(({ error }) => error.message)).toEqual([
    "tool_completed: payload.status: must be one of ok, error, abandoned (enum).",
  ]);
  expect(errors[0]?.error.details).toEqual({ field: "payload.status", rule: "enum" });
});

test("The contract is that of the hub, and its absence is told", async () => {
  const asked = vi.fn(async (_: string) => Response.json(contract));
  vi.stubGlobal("fetch", asked);
  const fetched = await fetchValidator("http://hub/");
  expect(asked).toHaveBeenCalledWith("http://hub/asyncapi.json", { signal: expect.any(AbortSignal) });
  expect(refusalOf(() => fetched("tool_completed", {}, "publish", "agent")).details).toMatchObject({
    rule: "required",
  });
  asked.mockImplementation(async () => new Response(null, { status: 404 }));
  await expect(fetchValidator("http://hub")).rejects.toMatchObject({ code: "not_connected", status: 404 });
  vi.unstubAllGlobals();
});

test.each<[string, string, () => Promise<Response>]>([
  ["a network that fails", "not_connected", () => Promise.reject(new TypeError("fetch failed"))],
  ["a page instead", "not_connected", async () => new Response("<!doctype html>")],
  ["an object of another kind", "invalid_message", async () => new Response("{}")],
  ["nothing", "invalid_message", async () => new Response("null")],
  ["no schemas", "invalid_message", async () => new Response('{"components":{"messages":{},"schemas":7}}')],
  ["no messages", "invalid_message", async () => new Response('{"components":{"messages":null,"schemas":{}}}')],
])("When the hub gives %s instead of its contract that is a HubError", async (_, code, give) => {
  vi.stubGlobal("fetch", give);
  const error = await fetchValidator("http://hub").catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(HubError);
  expect(error).toMatchObject({ code });
  vi.unstubAllGlobals();
});

test("A hub that does not answer is not waited for, nor asked any longer", async () => {
  let signal: AbortSignal | undefined;
  vi.stubGlobal("fetch", (_: string, init: RequestInit) => {
    signal = init.signal ?? undefined;
    return new Promise(() => {});
  });
  const fetched = outcome(fetchValidator("http://hub"));
  await pass(9_999);
  expect(fetched.now()).toBe("pending");
  await pass(1);
  expect(fetched.now()).toMatchObject({ code: "not_connected", retryable: true });
  expect(signal?.aborted).toBe(true);
  vi.unstubAllGlobals();
});

test("What holds itself is refused like any other fault", () => {
  const endless: Record<string, unknown> = {};
  endless.self = endless;
  const error = refusalOf(() => validate("custom", endless, "publish", "agent"));
  expect(error).toMatchObject({ code: "invalid_message", details: { field: "payload", rule: "depth" } });
});
