/** The numbers among the fields; a metric may also come as `{name, value}`. */
export function numbers(fields: Record<string, unknown>): Record<string, number> {
  const found: Record<string, number> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === "number" && Number.isFinite(value) && name !== "n_classes") {
      found[name] = value;
    }
    if (name === "primary" && isMetric(value)) {
      found[value.name] = value.value;
    }
    if (name === "metrics" && Array.isArray(value)) {
      for (const metric of value.filter(isMetric)) {
        found[metric.name] = metric.value;
      }
    }
  }
  return found;
}

function isMetric(value: unknown): value is { name: string; value: number } {
  return (
    typeof value === "object" &&
    value !== null &&
    "name" in value &&
    typeof value.name === "string" &&
    "value" in value &&
    typeof value.value === "number"
  );
}
