import type { OpenPort } from "./port.ts";
import { openSignalR } from "./port.ts";
import { fullJitter, type RetryPolicy } from "./retry.ts";
import type { SessionToken } from "./token.ts";

/**
 * Throws when something is wrong: what is sent then is refused, what arrived is reported as `error`.
 * - `event`: the payload of an event of this type arrived, perhaps of a newer hub
 * - `publish`: the payload of an event of this type is to be published
 * - `call`: the hub's method of this name is called; the payload is the array of its arguments
 */
export type Validate = (
  name: string,
  payload: unknown,
  direction: "event" | "publish" | "call",
  hub: "agent" | "project",
) => void;

export interface HubClientOptions {
  /** Base address; the hubs are `<url>/hubs/agent` and `<url>/hubs/project`. */
  url: string;
  /** The token of calls that give none. */
  sessionToken?: SessionToken;
  /** Waits between attempts, also before the second attempt of the first connect. Full jitter, 500 ms to 20 s, by default. */
  retry?: RetryPolicy;
  /** `websockets-only` skips negotiation and needs no sticky sessions; `auto` (default) falls back to other transports. */
  transport?: "auto" | "websockets-only";
  /** For one attempt to connect, and before it for the token function, in ms; 10,000. */
  connectTimeoutMs?: number;
  /** From sending a call to its answer, in ms; 15,000. */
  ackTimeoutMs?: number;
  /** How many calls may wait for a connection, and how long; 100 and 5 minutes. `false`: they fail at once. */
  offlineQueue?: { maxMessages?: number; maxAgeMs?: number } | false;
  /** Time without a connection after which `lost` is told, in ms; 5,000. */
  lostConnectionAfterMs?: number;
  /** How long a connection stays after its last user left, in ms; 1,000. Remounts and route changes keep their socket. */
  idleDisconnectMs?: number;
  /** Time between round-trip measurements, in ms; 15,000. */
  pingIntervalMs?: number;
  /** Checks what is sent and what arrives, in development: `validator` of `hubservice-client/validate` makes one from the hub's schemas. */
  validate?: Validate;
  /** What happens besides answers; without one an `error` goes to the console: what a handler threw, and what no `on("error")` hears. */
  logger?: (level: "debug" | "info" | "warn" | "error", message: string, data?: object) => void;
  /** The WebSocket to use instead of the environment's. */
  WebSocket?: unknown;
  /** Makes message and event ids; 128 random bits by default. */
  newId?: () => string;
  /** Makes connections; SignalR's by default. */
  openPort?: OpenPort;
}

/** The options with their defaults. */
export type Settings = Required<Omit<HubClientOptions, "sessionToken" | "validate" | "WebSocket" | "offlineQueue">> &
  Pick<HubClientOptions, "sessionToken" | "validate" | "WebSocket"> & {
    /** How many calls may wait; 0 for none. */
    maxQueued: number;
    maxAgeMs: number;
  };

/** 128 random bits; crypto.randomUUID is there in secure contexts only. */
export function newId(): string {
  return crypto.getRandomValues(new Uint32Array(4)).join("-");
}

export function settingsOf(options: HubClientOptions): Settings {
  // What is given as undefined is not given.
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const { maxMessages = 100, maxAgeMs = 300_000 } = options.offlineQueue || {};
  return {
    retry: fullJitter(),
    transport: "auto",
    connectTimeoutMs: 10_000,
    ackTimeoutMs: 15_000,
    lostConnectionAfterMs: 5_000,
    idleDisconnectMs: 1_000,
    pingIntervalMs: 15_000,
    logger: (level, message, data) => level === "error" && console.error(message, data),
    newId,
    openPort: openSignalR,
    ...(given as HubClientOptions),
    url: options.url.replace(/\/+$/, ""),
    maxQueued: options.offlineQueue === false ? 0 : maxMessages,
    maxAgeMs,
  };
}
