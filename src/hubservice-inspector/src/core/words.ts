/** Codes, numbers and times in words that a person reads. */
import type { HubErrorJson as HubError } from "hubservice-client";

const explanations: Record<string, string> = {
  unauthorized: "You are not signed in any more.",
  forbidden: "You may not do that.",
  not_found: "It does not exist, or it is not yours.",
  invalid_json: "The message was not valid JSON.",
  invalid_message: "A field of the message is wrong.",
  payload_too_large: "The message is too large.",
  rate_limited: "Too many messages in a short time.",
  connection_limit: "Too many connections are open.",
  subscription_limit: "Too many streams are open on this connection.",
  run_closed: "This run has already ended.",
  run_not_started: "This run has not started.",
  invalid_stage: "There is no such stage.",
  stage_conflict: "The stage is not waiting for that.",
  agent_not_available: "No agent is available right now.",
  store_unavailable: "The store is away; nothing was written.",
  store_full: "The store is full; nothing was written.",
  outcome_unknown: "It may or may not have been written.",
  draining: "This node is shutting down.",
  not_connected: "There is no connection; nothing was sent.",
};

/** One sentence for the person, the server's own words after it. */
export function errorWords(error: HubError): string {
  const opening = explanations[error.code];
  const wait = error.details?.retry_after_ms;
  const parts = [opening, error.message === opening ? undefined : error.message];
  if (typeof wait === "number") {
    parts.push(`Try again in ${Math.max(1, Math.ceil(wait / 1000))} s.`);
  } else if (error.retryable) {
    parts.push("Trying again may help.");
  }
  return parts.filter((part): part is string => Boolean(part)).join(" ");
}

/** `PARSE_INTENT` → `Parse intent`, `roc_auc` → `Roc auc`. */
export function titleCase(name: string): string {
  const words = name.replaceAll(/[_-]+/g, " ").trim().toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const metricNames: Record<string, string> = {
  roc_auc: "ROC AUC",
  auc: "AUC",
  f1: "F1",
  mcc: "MCC",
  mse: "MSE",
  rmse: "RMSE",
  mae: "MAE",
  r2: "R²",
  cohen_kappa: "Cohen’s kappa",
};

export function metricName(name: string): string {
  return metricNames[name] ?? titleCase(name);
}

export function durationWords(ms: number): string {
  if (ms < 1000) {
    return `${Math.round(ms)} ms`;
  }
  if (ms < 60_000) {
    return `${(ms / 1000).toFixed(1)} s`;
  }
  return `${Math.floor(ms / 60_000)} min ${String(Math.round((ms % 60_000) / 1000)).padStart(2, "0")} s`;
}

export function numberWords(value: number): string {
  if (Number.isInteger(value)) {
    return value.toLocaleString("en");
  }
  return Math.abs(value) >= 0.001 ? value.toFixed(Math.abs(value) >= 100 ? 1 : 4) : value.toExponential(2);
}

/** A share that may come as 0..1 or as 0..100, as a number between 0 and 1. */
export function share(value: number): number {
  return Math.min(1, Math.max(0, value > 1 ? value / 100 : value));
}

export function valueWords(value: unknown): string {
  if (typeof value === "string") {
    return value;
  }
  if (typeof value === "object" && value !== null && "message" in value && typeof value.message === "string") {
    return value.message;
  }
  return JSON.stringify(value) ?? "";
}
