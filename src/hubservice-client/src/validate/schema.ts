/** JSON Schema 2020-12 as far as the hub's schemas use it, and the tuples of AsyncAPI. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minItems?: number;
  readonly maxItems?: number;
  /** Of each item, or of each in its place. */
  readonly items?: Schema | readonly Schema[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly not?: Schema;
  readonly if?: Schema;
  readonly then?: Schema;
}

/** What breaks a schema, and where. */
export interface Fault {
  /** E.g. `payload.attachments[0].url`. */
  readonly path: string;
  /** The keyword of the schema, e.g. `required`. */
  readonly rule: string;
  /** What it asks for, for a person. */
  readonly text: string;
}

export interface Rules {
  /** The schema behind a `$ref`. */
  resolve(ref: string): Schema;
  /** Fields that the schema does not know are a fault where it forbids them. */
  readonly strict: boolean;
}

type Fields = Readonly<Record<string, unknown>>;

/** The first fault of a value; null when there is none. A field that is undefined is absent, as in JSON. */
export function faultOf(value: unknown, schema: Schema, path: string, rules: Rules): Fault | null {
  const inner = (part: Schema) => faultOf(value, part, path, rules);
  const first = (parts: readonly Schema[]) => parts.reduce<Fault | null>((fault, part) => fault ?? inner(part), null);
  return (
    own(value, schema, path) ??
    (Array.isArray(value) ? ofItems(value, schema, path, rules) : null) ??
    (isFields(value) ? ofFields(value, schema, path, rules) : null) ??
    (schema.$ref === undefined ? null : inner(rules.resolve(schema.$ref))) ??
    first(schema.allOf ?? []) ??
    ofChoice(schema.anyOf ?? schema.oneOf, inner) ??
    (schema.not && !inner(schema.not) ? { path, rule: "not", text: "must be something else" } : null) ??
    (schema.if && schema.then && !inner(schema.if) ? inner(schema.then) : null)
  );
}

/** What the schema says of the value itself. */
function own(value: unknown, schema: Schema, path: string): Fault | null {
  const fault = (rule: string, text: string) => ({ path, rule, text });
  const { type, minimum = -Infinity, maximum = Infinity, minLength = 0, maxLength = Infinity, pattern } = schema;
  const types = type === undefined ? [] : [type].flat();
  if (types.length > 0 && !types.some((one) => isOf(value, one))) {
    return fault("type", `must be ${types.join(" or ")}`);
  }
  if (schema.const !== undefined && value !== schema.const) {
    return fault("const", `must be ${JSON.stringify(schema.const)}`);
  }
  if (schema.enum && !schema.enum.includes(value)) {
    return fault("enum", `must be one of ${schema.enum.join(", ")}`);
  }
  if (typeof value === "number" && value < minimum) {
    return fault("minimum", `must be at least ${minimum}`);
  }
  if (typeof value === "number" && value > maximum) {
    return fault("maximum", `must be at most ${maximum}`);
  }
  if (typeof value !== "string") {
    return null;
  }
  // Characters are code points, as in the hub.
  const length = [...value].length;
  if (length < minLength) {
    return fault("minLength", `must have at least ${minLength} characters`);
  }
  if (length > maxLength) {
    return fault("maxLength", `must have at most ${maxLength} characters`);
  }
  return pattern === undefined || new RegExp(pattern, "u").test(value)
    ? null
    : fault("pattern", `must look like ${pattern}`);
}

function ofItems(value: readonly unknown[], schema: Schema, path: string, rules: Rules): Fault | null {
  const { minItems = 0, maxItems = Infinity, items = [] } = schema;
  if (value.length < minItems) {
    return { path, rule: "minItems", text: `must have at least ${minItems} items` };
  }
  if (value.length > maxItems) {
    return { path, rule: "maxItems", text: `must have at most ${maxItems} items` };
  }
  const of = (at: number) => ("length" in items ? (items as readonly Schema[])[at] : (items as Schema)) ?? {};
  // What is undefined in an array is null in JSON.
  const faults = value.map((item, at) => faultOf(item ?? null, of(at), `${path}[${at}]`, rules));
  return faults.find((fault) => fault !== null) ?? null;
}

function ofFields(value: Fields, schema: Schema, path: string, rules: Rules): Fault | null {
  const { required = [], properties = {}, additionalProperties = true } = schema;
  const at = (name: string) => (path === "" ? name : `${path}.${name}`);
  const missing = required.find((name) => value[name] === undefined);
  if (missing !== undefined) {
    return { path: at(missing), rule: "required", text: "is missing" };
  }
  for (const [name, field] of Object.entries(value)) {
    const known = Object.hasOwn(properties, name) ? properties[name] : undefined;
    const part = known ?? (typeof additionalProperties === "object" ? additionalProperties : {});
    const unknown = !known && additionalProperties === false && rules.strict;
    if (field !== undefined && unknown) {
      return { path: at(name), rule: "additionalProperties", text: "is no field of it" };
    }
    const fault = field === undefined ? null : faultOf(field, part, at(name), rules);
    if (fault) {
      return fault;
    }
  }
  return null;
}

/** Null when one of the choices fits; else the fault of the one that came furthest. */
function ofChoice(choices: readonly Schema[] | undefined, inner: (part: Schema) => Fault | null): Fault | null {
  const faults = (choices ?? []).map(inner);
  return faults.includes(null)
    ? null
    : faults.reduce((best, fault) => (fault && fault.path.length > (best?.path.length ?? -1) ? fault : best), null);
}

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isOf(value: unknown, type: string): boolean {
  switch (type) {
    case "null":
      return value === null;
    case "array":
      return Array.isArray(value);
    case "object":
      return isFields(value);
    case "integer":
      return Number.isInteger(value);
    case "number":
      return Number.isFinite(value);
    default:
      return typeof value === type;
  }
}
