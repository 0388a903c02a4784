import type { ErrorCode, HubError as HubErrorRecord } from "./contracts.ts";

/**
 * Codes that only the client gives; the hub's own are `ErrorCode`.
 * - `not_connected`: there was no connection in time; nothing was sent
 * - `queue_full`: too many calls wait for a connection; nothing was sent
 * - `aborted`: the caller's signal was aborted; what was sent before may still be carried out
 * - `closed`: the handle was disconnected or the client closed
 */
export type ClientErrorCode = "not_connected" | "queue_full" | "aborted" | "closed";

/** Every code that is known, and those of a later service. */
export type AnyErrorCode = ErrorCode | ClientErrorCode | (string & Record<never, never>);

/** An error as plain data, for stores and logs. */
export interface HubErrorJson {
  readonly code: AnyErrorCode;
  readonly message: string;
  /** The same request may succeed later, unchanged. */
  readonly retryable: boolean;
  readonly details?: Readonly<Record<string, unknown>> | undefined;
  readonly traceId?: string | undefined;
  /** The HTTP status with which a connection was refused. */
  readonly status?: number | undefined;
}

/** What a refused or failed call rejects with. Branch on `code`; `message` is for people. */
export class HubError extends Error implements HubErrorJson {
  readonly code: AnyErrorCode;
  readonly retryable: boolean;
  readonly details: Readonly<Record<string, unknown>> | undefined;
  readonly traceId: string | undefined;
  readonly status: number | undefined;

  override get name(): string {
    return "HubError";
  }

  constructor(code: AnyErrorCode, message: string, more: Partial<HubErrorJson> & ErrorOptions = {}) {
    super(message, more);
    this.code = code;
    this.retryable = more.retryable ?? /^(not_connected|queue_full|outcome_unknown|internal)$/.test(code);
    this.details = more.details;
    this.traceId = more.traceId;
    this.status = more.status;
  }

  toJSON(): HubErrorJson {
    return { ...this, message: this.message };
  }
}

/** The token is refused for good: thrown by a token provider it stops all attempts; given by the client when the hub says 401 or 403. */
export class UnauthorizedError extends HubError {
  override get name(): string {
    return "UnauthorizedError";
  }

  constructor(message = "The token was refused.", more: Partial<HubErrorJson> = {}) {
    super(more.status === 403 ? "forbidden" : "unauthorized", message, { ...more, retryable: false });
  }
}

/** The `error` field of an answer, with more details. */
export function fromAnswer({ code, message, retryable, details, trace_id }: HubErrorRecord, more?: object): HubError {
  return new HubError(code, message, {
    retryable,
    details: more ? { ...details, ...more } : details,
    traceId: trace_id,
  });
}

/** The error that the hub wrote as JSON into the text of a SignalR error; null when there is none. */
export function fromText(text: string): HubError | null {
  try {
    const record = JSON.parse(/\{.*\}/s.exec(text)?.[0] ?? "") as HubErrorRecord;
    return typeof record.code === "string" ? fromAnswer(record) : null;
  } catch {
    return null;
  }
}

/** Why a connection could not be made or ended. */
export function fromConnection(error: unknown): HubError {
  if (error instanceof HubError) {
    return error;
  }
  const text = textOf(error ?? "The connection was lost.");
  const status = Number(/(?:Status code '|server response: )(\d{3})/.exec(text)?.[1]) || undefined;
  if (status === 401 || status === 403) {
    return new UnauthorizedError(undefined, { status });
  }
  return fromText(text) ?? new HubError("not_connected", text, { status });
}

export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function closed(): HubError {
  return new HubError("closed", "The connection was closed.");
}
