/** One physical connection to one hub under one identity. It connects and reconnects by one policy until it is stopped. */
import type { Pong, ServerDraining, TokenRefreshed } from "./contracts.ts";
import { deferred, within } from "./deferred.ts";
import { guard } from "./emitter.ts";
import { fromAnswer, fromConnection, HubError, textOf, UnauthorizedError } from "./errors.ts";
import type { HubListener } from "./hub.ts";
import type { Settings } from "./options.ts";
import type { HubPort } from "./port.ts";
import { refusal } from "./refusal.ts";
import { forever } from "./retry.ts";
import { type SessionToken, type TokenReason, TokenSource } from "./token.ts";
import { isOnline, onWake } from "./wake.ts";

/**
 * idle → connecting → connected ⇄ reconnecting ⇄ suspended
 * - `suspended`: the browser is offline, or the policy tries no more by itself; goes on at once when online or visible again
 * - `failed`: the token was refused for good; `reconnectNow` tries again
 * - `closed`: by the caller
 */
export type ConnectionStatus = "idle" | "connecting" | "connected" | "reconnecting" | "suspended" | "failed" | "closed";

export interface LinkState {
  status: ConnectionStatus;
  /** When the status began, Unix ms. */
  since: number;
  attempt: number;
  nextRetryAt: number | null;
  reconnects: number;
  error: HubError | null;
  rttMs: number | null;
  /** Add to the local clock to get the hub's, in ms. */
  clockOffsetMs: number;
  node: string | null;
}

/** What uses the connection. */
export interface LinkHub {
  readonly calls: { disconnected(broken: boolean): void };
  readonly tell: Pick<HubListener, "draining" | "error" | "changed">;
  /** The status changed; `state` has the new one. */
  changed(previous: ConnectionStatus): void;
  /** Up, and ready for calls. */
  connected(): void;
  received(method: string, message: unknown): void;
}

/** For the answer to a ping, and for the end of a connection. */
const pongTimeoutMs = 5_000;

export class Link {
  readonly state: LinkState = {
    status: "idle",
    since: Date.now(),
    attempt: 0,
    nextRetryAt: null,
    reconnects: 0,
    error: null,
    rttMs: null,
    clockOffsetMs: 0,
    node: null,
  };
  /** The connection that is there. */
  port: HubPort | null = null;
  /** The last one that was begun. */
  #begun: HubPort | undefined;
  readonly #url: string;
  readonly #settings: Settings;
  readonly #hub: LinkHub;
  readonly #token: TokenSource;
  #life: AbortController | null = null;
  #wake = () => {};
  /** Ends the connection that is there: one that was cut while SignalR started it is started, and SignalR tells no close. */
  #lost!: (error?: Error) => void;
  #goodAt = 0;
  #hintMs: number | undefined;
  #hurry = false;
  /** What it is without a connection. */
  #away: ConnectionStatus = "connecting";

  constructor(url: string, token: SessionToken, settings: Settings, hub: LinkHub) {
    this.#url = url;
    this.#token = new TokenSource(token);
    this.#settings = settings;
    this.#hub = hub;
  }

  /** Connects, and again whenever the connection ends. */
  run(): void {
    if (!this.#life) {
      const life = new AbortController();
      this.#life = life;
      onWake(() => (this.port ? void this.#ping(this.port, true) : this.#now()), life.signal);
      this.#goodAt = Date.now();
      void this.#loop(life.signal);
    }
  }

  /** Resolves when the connection is closed, or does not end in time: SignalR waits for a start that hangs. */
  async stop(): Promise<void> {
    this.#end();
    this.#set("closed", null);
    await within(Promise.resolve(this.#begun?.stop()), pongTimeoutMs).catch(() => {});
  }

  /** Cuts the present connection, or ends the wait for the next one. */
  reconnectNow(): void {
    if (this.state.status === "failed") {
      this.#end();
      this.#token.forget();
      this.run();
    } else {
      this.#now();
      this.port?.stop().catch(() => {});
    }
  }

  /** Nothing is waited for before the next attempt. */
  #now(): void {
    this.#hurry = true;
    this.#wake();
  }

  #end(): void {
    this.#life?.abort();
    this.#life = null;
    this.#wake();
  }

  async #loop(life: AbortSignal): Promise<void> {
    while (!life.aborted) {
      this.#set(this.#away, this.state.error);
      const error = fromConnection(await this.#attempt(life));
      if (life.aborted) {
        return;
      }
      if (error instanceof UnauthorizedError && !(error.status && this.#token.refused())) {
        this.#set("failed", error);
        return;
      }
      await this.#pause(error, life);
    }
  }

  /** Resolves with the reason when the connection could not be made or has ended. */
  async #attempt(life: AbortSignal): Promise<unknown> {
    const { connectTimeoutMs, transport, pingIntervalMs } = this.#settings;
    const ended = deferred<unknown>();
    let port: HubPort | undefined;
    try {
      this.#token.take(await this.#askToken());
      life.throwIfAborted();
      port = this.#open(ended.resolve);
      await within(port.start(), connectTimeoutMs);
      life.throwIfAborted();
    } catch (error) {
      port?.stop().catch(() => {});
      const silent = port && transport !== "auto" && fromConnection(error).code === "not_connected";
      const asks = silent && this.state.attempt % 4 === 0;
      return (asks && (await refusal(this.#url, this.#token.current, connectTimeoutMs))) || error;
    }
    this.port = port;
    this.#connected(port);
    const pings = setInterval(() => void this.#ping(port), pingIntervalMs);
    const error = await ended.promise;
    clearInterval(pings);
    port?.stop().catch(() => {});
    this.port = null;
    this.#goodAt = Date.now();
    this.#hub.calls.disconnected(isDefect(error));
    return error;
  }

  /** A token function has the time of an attempt; who wants a connection now, or none, does not wait for it. */
  async #askToken(reason?: TokenReason): Promise<string> {
    const asking = new AbortController();
    const token = this.#token.ask(this.state.attempt, asking.signal, reason);
    const given = await this.#rest(this.#settings.connectTimeoutMs, token).finally(() => asking.abort());
    if (!given) {
      throw new HubError("not_connected", "The token function did not answer in time.");
    }
    return given;
  }

  /** Resolves as the promise does, or with nothing after so many ms or when woken. */
  #rest<Value>(ms: number, promise?: Promise<Value>): Promise<Value | undefined> {
    const over = deferred<undefined>();
    this.#wake = () => over.resolve(undefined);
    const timer = setTimeout(this.#wake, ms);
    return Promise.race([promise ?? over.promise, over.promise]).finally(() => clearTimeout(timer));
  }

  #open(closed: (error?: Error) => void): HubPort {
    const { transport, WebSocket, openPort } = this.#settings;
    const port = openPort({
      url: this.#url,
      token: () => this.#token.current,
      transport,
      WebSocket,
      received: (method, message) => {
        if ((this.port ?? port) === port) {
          guard(() => this.#receive(port, method, message), this.#hub.tell.error);
        }
      },
    });
    this.#begun = port;
    this.#lost = closed;
    port.onclose(closed);
    return port;
  }

  #connected(port: HubPort): void {
    this.#token.accepted();
    if (this.#away === "reconnecting") {
      this.state.reconnects++;
    }
    this.#away = "reconnecting";
    this.#hintMs = undefined;
    this.#hurry = false;
    this.#set("connected", null);
    this.#hub.connected();
    void this.#ping(port);
  }

  async #pause(error: HubError, life: AbortSignal): Promise<void> {
    const wait = this.#settings.retry.next({
      attempt: this.state.attempt++,
      elapsedMs: Date.now() - this.#goodAt,
      error,
      serverHintMs: this.#hintMs,
    });
    if (!this.#hurry) {
      this.state.nextRetryAt = wait === null ? null : Date.now() + wait;
      this.#set(wait === null || !isOnline() ? "suspended" : this.#away, error, true);
      if (!life.aborted) {
        await this.#rest(wait ?? forever);
      }
      this.state.nextRetryAt = null;
    }
    this.#hurry = false;
  }

  #receive(port: HubPort, method: string, message: unknown): void {
    if (method === "ServerDraining") {
      this.#drain(port, (message as { payload: ServerDraining }).payload.reconnect_within_ms);
    } else if (method === "TokenExpiring") {
      void this.#renewToken(port);
    }
    this.#hub.received(method, message);
  }

  /** The node goes away: moves to another one at a random moment of the time it gives. */
  #drain(port: HubPort, withinMs: number): void {
    this.#hintMs = withinMs;
    this.#hub.tell.draining(withinMs);
    const wait = this.#settings.retry.next({ attempt: 0, elapsedMs: 0, serverHintMs: withinMs }) ?? 0;
    setTimeout(() => port === this.port && this.reconnectNow(), wait);
  }

  /** Without success the connection ends with its token, and the next one asks for another. */
  async #renewToken(port: HubPort): Promise<void> {
    try {
      if (!this.#token.fixed) {
        const token = await this.#askToken("expiring");
        const refreshed = within(port.invoke("RefreshToken", token), this.#settings.ackTimeoutMs);
        const { error } = (await refreshed) as TokenRefreshed;
        if (error) {
          throw fromAnswer(error);
        }
        this.#token.current = token;
      }
    } catch (error) {
      if (port === this.port) {
        this.#hub.tell.error(fromConnection(error));
      }
    }
  }

  /** @param cut a connection that does not answer is none */
  async #ping(port: HubPort, cut = false): Promise<void> {
    const { state } = this;
    const sent = Date.now();
    try {
      const answer = port.invoke("Ping", sent);
      answer.catch(this.#lost);
      const pong = (await within(answer, pongTimeoutMs)) as Pong;
      if (port === this.port) {
        // Only a connection that answers is a good one: a hub that closes each at once is not asked in haste.
        state.attempt = 0;
        state.rttMs = Date.now() - sent;
        if (!pong.error) {
          state.node = pong.node ?? null;
          state.clockOffsetMs = pong.server_ts - (sent + state.rttMs / 2);
        }
        this.#hub.tell.changed();
      }
    } catch {
      if (cut && port === this.port) {
        this.reconnectNow();
      }
    }
  }

  #set(status: ConnectionStatus, error: HubError | null, again = false): void {
    const { state } = this;
    const previous = state.status;
    state.error = error;
    if (status !== "connected") {
      state.rttMs = null;
    }
    if (status !== previous || again) {
      state.status = status;
      state.since = status === previous ? state.since : Date.now();
      this.#hub.changed(previous);
    }
  }
}

/** The hub ended the connection without a reason of its own, which is JSON; SignalR does so when it cannot read a message. */
function isDefect(error: unknown): boolean {
  return /error on close: [^{]*$/.test(textOf(error));
}
