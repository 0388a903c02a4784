/**
 * One hub connection that never gives up: it starts and restarts with full jitter, and tells who listens when it is up,
 * so that streams subscribe again from their positions. It queues nothing: a call without a connection is answered with
 * an error at once.
 */
import { backoff } from "../core/backoff";
import type { HubResult, Pong, TokenRefreshed } from "../wire/results";
import type { SessionEvent } from "../wire/session";
import { createStore, type Schedule, type Store } from "./store";

export type ConnectionState = "connecting" | "connected" | "reconnecting" | "lost";

export interface ConnectionView {
  state: ConnectionState;
  /** Failed attempts since the last connection. */
  failures: number;
  roundTripMs: number | null;
  /** Add to the local clock to get the server's. */
  clockOffsetMs: number;
  notice: string | null;
}

/** The part of SignalR's HubConnection that is used, so that a test can stand in for it. */
export interface HubPort {
  start(): Promise<void>;
  stop(): Promise<void>;
  invoke<Result>(method: string, ...args: unknown[]): Promise<Result>;
  on(method: string, handler: (...args: never[]) => void): void;
  onclose(handler: (error?: Error) => void): void;
}

export interface ConnectionParts {
  port: HubPort;
  /** Closes the socket under the connection, as a network would. */
  dropSocket: () => void;
  /** A token to show before the one in use expires. */
  token: () => Promise<string | null>;
  /** An attempt failed: perhaps the token was refused. */
  refused: () => void;
  now: () => number;
  random: () => number;
  schedule?: Schedule;
}

const lostAfter = 4;
const pingEvery = 5_000;
const handOutageMs = 1500;

export class Connection {
  readonly view: Store<ConnectionView>;
  readonly #parts: ConnectionParts;
  readonly #connected = new Set<() => void>();
  #wake: (() => void) | null = null;
  #running = false;
  #outageMs = 0;
  #pings: ReturnType<typeof setInterval> | null = null;
  #closed: (() => void) | null = null;

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
    this.view = createStore<ConnectionView>(
      { state: "connecting", failures: 0, roundTripMs: null, clockOffsetMs: 0, notice: null },
      parts.schedule,
    );
    parts.port.onclose(() => {
      this.#change({ state: "reconnecting", roundTripMs: null });
      this.#closed?.();
    });
    this.on<SessionEvent<{ reconnect_within_ms: number }>>("ServerDraining", (event) => this.#drain(event));
    this.on("TokenExpiring", () => void this.#refreshToken());
  }

  /** Connects, and connects again whenever the connection ends. */
  run(): void {
    if (!this.#running) {
      this.#running = true;
      void this.#loop();
    }
  }

  on<Message>(method: string, handler: (message: Message) => void): void {
    this.#parts.port.on(method, handler as (...args: never[]) => void);
  }

  /** Called after every (re)connection. */
  onConnected(handler: () => void): () => void {
    this.#connected.add(handler);
    if (this.view.get().state === "connected") {
      handler();
    }
    return () => this.#connected.delete(handler);
  }

  /** The answer of a hub method; a defect or a missing connection comes as its error, too. */
  async invoke<Result extends HubResult>(method: string, ...args: unknown[]): Promise<Result> {
    if (this.view.get().state !== "connected") {
      return failure<Result>("not_connected", "There is no connection; nothing was sent.");
    }
    try {
      return (await this.#parts.port.invoke<Result | null>(method, ...args)) ?? ({} as Result);
    } catch (error) {
      const gone = this.view.get().state !== "connected";
      return failure<Result>(
        gone ? "outcome_unknown" : "internal",
        error instanceof Error ? error.message : `${error}`,
      );
    }
  }

  /** Cuts the wire and stays away for a moment, so that there is something to resume. */
  drop(): void {
    this.#outageMs = handOutageMs;
    this.#parts.dropSocket();
  }

  /** Tries again now instead of waiting for the rest of the pause. */
  retryNow(): void {
    this.#wake?.();
  }

  async #loop(): Promise<void> {
    for (;;) {
      const ended = new Promise<void>((resolve) => {
        this.#closed = resolve;
      });
      try {
        await this.#parts.port.start();
      } catch {
        this.#parts.refused();
        const failures = this.view.get().failures + 1;
        const state = failures >= lostAfter ? "lost" : this.view.get().state;
        this.#change({ failures, state: state === "connected" ? "reconnecting" : state });
        await this.#pause(backoff(failures, this.#parts.random));
        continue;
      }
      this.#change({ state: "connected", failures: 0, notice: null });
      for (const handler of this.#connected) {
        handler();
      }
      void this.#ping();
      this.#pings = setInterval(() => void this.#ping(), pingEvery);
      await ended;
      clearInterval(this.#pings);
      await this.#pause(this.#outageMs + backoff(0, this.#parts.random));
      this.#outageMs = 0;
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#wake?.(), ms);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = null;
        resolve();
      };
    });
  }

  async #ping(): Promise<void> {
    const sent = this.#parts.now();
    const pong = await this.invoke<Pong>("Ping", sent);
    if (!pong.error && typeof pong.server_ts === "number") {
      const now = this.#parts.now();
      const roundTripMs = now - sent;
      this.#change({ roundTripMs, clockOffsetMs: pong.server_ts - (sent + roundTripMs / 2) });
    }
  }

  #drain(event: SessionEvent<{ reconnect_within_ms: number }>): void {
    this.#change({ notice: "This node is shutting down; moving to another one." });
    setTimeout(() => void this.#parts.port.stop(), this.#parts.random() * (event.payload.reconnect_within_ms ?? 0));
  }

  async #refreshToken(): Promise<void> {
    const token = await this.#parts.token().catch(() => null);
    if (!token) {
      this.#change({ notice: "Your sign-in expires soon." });
      return;
    }
    const answer = await this.invoke<TokenRefreshed>("RefreshToken", token);
    this.#change({ notice: answer.error ? `The sign-in could not be renewed: ${answer.error.message}` : null });
  }

  #change(part: Partial<ConnectionView>): void {
    this.view.update((view) => ({ ...view, ...part }));
  }
}

function failure<Result extends HubResult>(code: string, message: string): Result {
  return { error: { code, message, retryable: true } } as Result;
}
