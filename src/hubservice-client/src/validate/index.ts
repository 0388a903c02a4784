/**
 * Checks what is sent and what arrives against the hub's own schemas. For development: load it there alone, so that it is no part
 * of what an application ships.
 */
import { within } from "../deferred.ts";
import { HubError, textOf } from "../errors.ts";
import type { Validate } from "../options.ts";
import { type Fault, faultOf, isFields, type Rules, type Schema } from "./schema.ts";

/** The hub's AsyncAPI document, as `/asyncapi.json` gives it, as far as it is used here. */
export interface ContractDocument {
  readonly components: {
    readonly schemas: Readonly<Record<string, object>>;
    /** Events by their type or name, calls as `agent_hub.SendMessage.call`. */
    readonly messages: Readonly<Record<string, { readonly payload?: object }>>;
  };
}

/** For the contract, in ms. */
const timeoutMs = 10_000;

/**
 * A validator from the hub's present contract; `url` is that of `HubClientOptions`. Rejects with a `HubError`: `not_connected` when
 * the hub does not give it within 10 s, `invalid_message` when what it gives is none.
 */
export async function fetchValidator(url: string): Promise<Validate> {
  const asking = new AbortController();
  try {
    return validator(await within(contractOf(url, asking.signal), timeoutMs));
  } catch (cause) {
    throw cause instanceof HubError ? cause : absent(textOf(cause), { cause });
  } finally {
    asking.abort();
  }
}

async function contractOf(url: string, signal: AbortSignal): Promise<ContractDocument> {
  const answer = await fetch(`${url.replace(/\/+$/, "")}/asyncapi.json`, { signal });
  if (!answer.ok) {
    throw absent(`${answer.status}.`, { status: answer.status });
  }
  return (await answer.json()) as ContractDocument;
}

function absent(why: string, more: ConstructorParameters<typeof HubError>[2]): HubError {
  return new HubError("not_connected", `The hub did not give its contract: ${why}`, more);
}

/**
 * A validator from a contract. It throws a `HubError` with code `invalid_message`; its message and its `details` name the `field`
 * and the `rule` that it breaks. Names that the contract does not have are left to the hub. What is no contract is refused likewise.
 *
 * What is sent must not have fields that the contract forbids; what arrives may, since a newer hub adds some.
 */
export function validator(contract: ContractDocument): Validate {
  const { schemas, messages } = partsOf(contract);
  const resolve = (ref: string): Schema => schemas[ref.slice(ref.lastIndexOf("/") + 1)] ?? {};
  const payloads = new Map<string, Schema>();
  const calls = new Map<string, Schema>();
  for (const [name, { payload }] of Object.entries(messages)) {
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
    const fault = schema && faultIn(payload, schema, call ? name : "payload", rules);
    if (fault) {
      throw refusal(fault);
    }
  };
}

function partsOf(contract: Partial<ContractDocument> | null) {
  const { schemas, messages } = contract?.components ?? {};
  if (!isFields(schemas) || !isFields(messages)) {
    throw new HubError("invalid_message", "This is not the AsyncAPI document of a hub.");
  }
  return { schemas: schemas as Readonly<Record<string, Schema>>, messages };
}

/** What holds itself, or is too deep to look at, is a fault, too. */
function faultIn(payload: unknown, schema: Schema, path: string, rules: Rules): Fault | null {
  try {
    return faultOf(payload, schema, path, rules);
  } catch (error) {
    if (error instanceof RangeError) {
      return { path, rule: "depth", text: "must not be so deep" };
    }
    throw error;
  }
}

function refusal({ path, rule, text }: Fault): HubError {
  return new HubError("invalid_message", `${path}: ${text} (${rule}).`, { details: { field: path, rule } });
}
