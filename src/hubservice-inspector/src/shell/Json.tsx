/** A value as text: JSON for objects, plain for the rest. */
export function Json({ value, label }: { value: unknown; label: string }) {
  return (
    <figure className="json">
      <figcaption>{label}</figcaption>
      <pre>{typeof value === "string" ? value : JSON.stringify(value, null, 2)}</pre>
    </figure>
  );
}

/** The same on one line: `query: "…", limit: 5`. */
export function brief(value: unknown): string {
  if (value === null || value === undefined) {
    return "";
  }
  if (typeof value !== "object") {
    return String(value);
  }
  if (Array.isArray(value)) {
    return value.length === 1 ? `1 item` : `${value.length} items`;
  }
  return Object.entries(value)
    .map(([name, field]) => `${name}: ${typeof field === "string" ? field : (JSON.stringify(field) ?? "")}`)
    .join(", ");
}
