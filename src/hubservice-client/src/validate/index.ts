/**
 * Checks what is sent and what arrives against the hub's own schemas. For development: load it there alone, so that it is no part
 * of what an application ships.
 */
import { HubError } from "../errors.ts";
import type { Validate } from "../options.ts";
import { type Fault, faultOf, type Schema } from "./schema.ts";

/** The hub's AsyncAPI document, as `/asyncapi.json` gives it, as far as it is used here. */
export interface ContractDocument {
  readonly components: {
    readonly schemas: Readonly<Record<string, object>>;
    /** Events by their type or name, calls as `agent_hub.SendMessage.call`. */
    readonly messages: Readonly<Record<string, { readonly payload?: object }>>;
  };
}

/** A validator from the hub's present contract. Rejects when the hub does not give it; `url` is that of `HubClientOptions`. */
export async function fetchValidator(url: string): Promise<Validate> {
  const answer = await fetch(`${url.replace(/\/+$/, "")}/asyncapi.json`);
  if (!answer.ok) {
    throw new HubError("not_connected", `The hub did not give its contract: ${answer.status}.`, {
      status: answer.status,
    });
  }
  return validator((await answer.json()) as ContractDocument);
}

/**
 * A validator from a contract. It throws a `HubError` with code `invalid_message`; its message and its `details` name the `field`
 * and the `rule` that it breaks. Names that the contract does not have are left to the hub.
 *
 * What is sent must not have fields that the contract forbids; what arrives may, since a newer hub adds some.
 */
export function validator({ components }: ContractDocument): Validate {
  const schemas = components.schemas as Readonly<Record<string, Schema>>;
  const resolve = (ref: string): Schema => schemas[ref.slice(ref.lastIndexOf("/") + 1)] ?? {};
  const payloads = new Map<string, Schema>();
  const calls = new Map<string, Schema>();
  for (const [name, { payload }] of Object.entries(components.messages)) {
    const schema = payload as Schema | undefined;
    const properties = schema?.$ref === undefined ? undefined : resolve(schema.$ref).properties;
    const content = properties?.payload ?? properties?.event?.properties?.payload;
    if (name.endsWith(".call") && schema) {
      calls.set(name, schema);
    } else if (content && !name.includes(".")) {
      payloads.set(name, content);
    }
  }
  return (name, payload, direction, hub) => {
    const call = direction === "call";
    const schema = call ? calls.get(`${hub}_hub.${name}.call`) : payloads.get(name);
    const rules = { resolve, strict: direction !== "event" };
    const fault = schema && faultOf(payload, schema, call ? name : "payload", rules);
    if (fault) {
      throw refusal(fault);
    }
  };
}

function refusal({ path, rule, text }: Fault): HubError {
  return new HubError("invalid_message", `${path}: ${text} (${rule}).`, { details: { field: path, rule } });
}
