/** What the client takes and tells, beside the contract. */
import type {
  AgentEventMap,
  AgentEventType,
  MessageAccepted,
  ProjectEventMap,
  ProjectEventName,
  SendMessage,
} from "./contracts.ts";
import type { HubError, HubErrorJson } from "./errors.ts";
import type { Recovery } from "./feed.ts";
import type { ConnectionStatus } from "./link.ts";
import type { LossPhase } from "./loss.ts";
import type { Transport } from "./port.ts";

declare const brand: unique symbol;

/** A handle of the client; it stays the same across reconnects. */
export type AgentConnectionId = string & { readonly [brand]: "agent" };
export type ProjectConnectionId = string & { readonly [brand]: "project" };
export type ConnectionId = AgentConnectionId | ProjectConnectionId;

export type Unsubscribe = () => void;

/** Whom a connection speaks to. */
export type Target = "guide" | `liaison:${string}` | `project:${string}`;

/** The event names of a connection, and what each carries. */
export type EventMapOf<Id extends ConnectionId> = Id extends AgentConnectionId ? AgentEventMap : ProjectEventMap;
export type EventOf<Id extends ConnectionId> = EventMapOf<Id>[keyof EventMapOf<Id>];
export type EventName = AgentEventType | ProjectEventName;

export interface ConnectOptions {
  /** The conversation to go on with; without it the first message begins one. */
  threadId?: string;
}

export interface SubscribeOptions {
  /** The thread to follow; by default the connection's own conversation, from its beginning, once there is one. */
  threadId?: string;
  /** `now`: what comes from now on (default for a `threadId` and a project); `start`: all that is kept (default for the own conversation); or a position `epoch:seq`. */
  from?: "start" | "now" | (string & Record<never, never>);
  /** Ends the subscription. */
  signal?: AbortSignal;
  /** `from..to` are gone by retention. */
  onLost?: (from: number, to: number) => void;
  /** Nothing above this seq is valid any more. */
  onReset?: (lastValid: number) => void;
  /** A project greets who joins with its present state, outside the order of its events. */
  onGreeting?: (event: ProjectEventMap[ProjectEventName]) => void;
  /** The hub does not let it be followed. */
  onError?: (error: HubError) => void;
}

export type OutgoingMessage = Omit<SendMessage, "thread_id" | "message_id" | "target">;

export interface CallOptions {
  signal?: AbortSignal;
  /** From sending to the answer, in ms. */
  timeoutMs?: number;
}

export interface SendOptions extends CallOptions {
  /** Another thread than the connection's own conversation. */
  threadId?: string;
  /** Makes a retry of the caller's own safe: the same id is accepted once. */
  messageId?: string;
  /** Another agent than the connection's; null for a message to the thread's people when no guide is there. */
  target?: string | null;
  /** Fail at once when there is no connection. */
  volatile?: boolean;
}

export type MessageAck = Required<Pick<MessageAccepted, "thread_id" | "message_id" | "seq">> &
  Pick<MessageAccepted, "duplicate" | "run_id">;

export interface StatusChange {
  connectionId: ConnectionId;
  previous: ConnectionStatus;
  status: ConnectionStatus;
  /** Why there is no connection. */
  error: HubError | null;
  /** ms until the next attempt. */
  retryInMs: number | null;
}

/** After every (re)subscription, per stream: did we get every event since the last one we saw? */
export interface RecoveryInfo extends Recovery {
  connectionId: ConnectionId;
  /** The thread's or project's id. */
  streamId: string;
}

export interface ClientEvents {
  status: StatusChange;
  recovery: RecoveryInfo;
  /** For a notice to the person: the connection is away for long, is back, or is refused for good. */
  lost: { connectionId: ConnectionId; phase: LossPhase };
  draining: { connectionId: ConnectionId; reconnectWithinMs: number };
  error: { connectionId: ConnectionId | undefined; error: HubError };
  /** Something in `getAllConnectionsHealth` changed. */
  health: undefined;
  /** Every message as it came, duplicates included; for tools. */
  received: { hub: "agent" | "project"; method: string; message: unknown };
}

export interface ConnectionHealth {
  readonly connectionId: ConnectionId;
  readonly target: Target;
  readonly threadId: string | null;
  readonly status: ConnectionStatus;
  /** Connected, and the last measurement was answered. */
  readonly healthy: boolean;
  /** When the status began, Unix ms. */
  readonly since: number;
  readonly transport: Transport | null;
  readonly serverConnectionId: string | null;
  readonly node: string | null;
  readonly rttMs: number | null;
  /** Add to the local clock to get the hub's. */
  readonly clockOffsetMs: number;
  /** When the newest event came, Unix ms. */
  readonly lastEventAt: number | null;
  readonly reconnects: number;
  /** Failed attempts since the last good connection. */
  readonly attempt: number;
  /** Unix ms. */
  readonly nextRetryAt: number | null;
  /** Calls that wait for a connection. */
  readonly queued: number;
  /** Calls that wait for an answer. */
  readonly inFlight: number;
  readonly gaps: number;
  readonly duplicatesDropped: number;
  readonly lastError: HubErrorJson | null;
}
