// Systematic changes to a value that fits its JSON Schema: of every field, wherever it stands, each kind of wrong value and some right ones.
const wrong = ["text", "", 1.5, -1, 0, 2, 101, 3_000_000_000, true, null, [], {}, [null], [{}], ["a"], "2025-02-01", "2025-10-31T12:00:00.000+02:00", "2025-13-01T00:00:00Z", "x y"];

/** Follows references, and leaves out the alternative of null. */
function resolve(schema, defs) {
  if (schema.$ref) return resolve(defs[schema.$ref.split("/").at(-1)], defs);
  if (schema.anyOf?.length === 2 && schema.anyOf[1].type === "null") return resolve(schema.anyOf[0], defs);
  return schema;
}

/** Something that fits the schema, for fields that no example sets. */
function sample(schema, defs) {
  const s = resolve(schema, defs);
  if (s.enum) return s.enum[0];
  const type = Array.isArray(s.type) ? s.type[0] : s.type;
  if (type === "object") return Object.fromEntries((s.required ?? []).map((name) => [name, sample(s.properties[name], defs)]));
  if (type === "array") return [sample(s.items, defs)];
  if (type === "string") return s.pattern?.startsWith("^\\d{4}") ? "2999-01-01T00:00:00.000Z" : "text";
  if (type === "boolean") return true;
  return s.anyOf || type ? 1 : { any: [1] };
}

/** The paths of all fields and first items below an object, as lists of keys. */
function paths(schema, defs, at = []) {
  const s = resolve(schema, defs);
  const inner = s.anyOf?.find((a) => a.properties) ?? s;
  const fields = Object.entries(inner.properties ?? {}).flatMap(([name, field]) => [[...at, name], ...paths(field, defs, [...at, name])]);
  const items = s.items && at.length > 0 ? [[...at, 0], ...paths(s.items, defs, [...at, 0])] : [];
  return [...fields, ...items];
}

function schemaAt(schema, defs, path) {
  return path.reduce((s, key) => {
    const r = resolve(s, defs);
    return key === 0 ? r.items : (r.properties ?? r.anyOf.find((a) => a.properties).properties)[key];
  }, schema);
}

/** A copy of the value with the parents of the path filled in; null when the path leads through a value of another shape. */
function withParents(value, schema, defs, path) {
  const copy = structuredClone(value);
  let at = copy;
  for (let i = 0; i < path.length - 1; i++) {
    if (at[path[i]] === undefined) at[path[i]] = sample(schemaAt(schema, defs, path.slice(0, i + 1)), defs);
    at = at[path[i]];
    if (typeof at !== "object" || at === null) return null;
  }
  return { copy, parent: at };
}

/** Every mutation of a value as {what, value}. */
export function* mutations(value, schema, defs) {
  yield { what: "as it is", value };
  yield { what: "with a field that nobody knows", value: { ...value, nobody_knows: { a: [1] } } };
  for (const path of paths(schema, defs)) {
    const key = path.at(-1);
    const removed = withParents(value, schema, defs, path);
    if (!removed) continue;
    if (key !== 0 && key in removed.parent) {
      delete removed.parent[key];
      yield { what: `without ${path.join(".")}`, value: removed.copy };
    }
    const s = resolve(schemaAt(schema, defs, path), defs);
    const values = [...wrong, sample(s, defs), ...(s.enum ? [...s.enum.filter((v) => v !== null), String(s.enum[0]).toUpperCase(), String(s.enum[0]).toLowerCase()] : [])];
    if (s.maxLength) values.push("a".repeat(s.maxLength), "a".repeat(s.maxLength + 1), "😀".repeat(s.maxLength), "😀".repeat(s.maxLength + 1));
    for (const v of values) {
      const changed = withParents(value, schema, defs, path);
      changed.parent[key] = structuredClone(v);
      const shown = JSON.stringify(v);
      yield { what: `${path.join(".")} = ${shown.length > 60 ? `${shown.slice(0, 20)}… (${v.length})` : shown}`, value: changed.copy };
    }
  }
}
