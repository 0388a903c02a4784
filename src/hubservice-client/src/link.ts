/** One physical connection to one hub under one identity. It connects and reconnects by one policy until it is stopped. */
import type { Pong, ServerDraining, TokenRefreshed } from "./contracts.ts";
import { deferred, within } from "./deferred.ts";
import { fromAnswer, fromConnection, HubError, late, textOf, UnauthorizedError } from "./errors.ts";
import type { Settings } from "./options.ts";
import type { HubPort } from "./port.ts";
import type { SessionToken } from "./token.ts";
import { TokenSource } from "./token.ts";
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

export interface LinkListener {
  /** The status changed; `state` has the new one. */
  changed(previous: ConnectionStatus): void;
  /** Up, and ready for calls. */
  connected(): void;
  /** What was sent on it has no answer any more; `broken` when the hub ended it over what it was sent. */
  disconnected(broken: boolean): void;
  received(method: string, message: unknown): void;
  draining(reconnectWithinMs: number): void;
  /** Something that does not end the connection. */
  trouble(error: HubError): void;
  /** A measurement came in. */
  measured(): void;
}

const pongTimeoutMs = 5_000;
/** The longest that a timer takes, 24 days. */
const forever = 2_147_483_647;

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
  /** The one that is being made. */
  #opening: HubPort | null = null;
  readonly #url: string;
  readonly #methods: readonly string[];
  readonly #settings: Settings;
  readonly #listener: LinkListener;
  readonly #token: TokenSource;
  #life: AbortController | null = null;
  #wake: (() => void) | null = null;
  #goodAt = 0;
  #hintMs: number | undefined;
  #hurry = false;
  #everConnected = false;

  constructor(
    url: string,
    methods: readonly string[],
    token: SessionToken,
    settings: Settings,
    listener: LinkListener,
  ) {
    this.#url = url;
    this.#methods = methods;
    this.#token = new TokenSource(token);
    this.#settings = settings;
    this.#listener = listener;
  }

  /** Connects, and again whenever the connection ends. */
  run(): void {
    if (!this.#life) {
      const life = new AbortController();
      this.#life = life;
      onWake(() => (this.port ? this.#check(this.port) : this.#wake?.()), life.signal);
      this.#goodAt = Date.now();
      void this.#loop(life.signal);
    }
  }

  /** Resolves when the connection is closed. */
  async stop(): Promise<void> {
    const port = this.port ?? this.#opening;
    this.#end();
    this.#set("closed", null);
    await port?.stop().catch(() => {});
  }

  /** Cuts the present connection, or ends the wait for the next one. */
  reconnectNow(): void {
    if (this.state.status === "failed") {
      this.#end();
      this.#token.forget();
      this.run();
      return;
    }
    this.#hurry = true;
    if (this.port) {
      void this.port.stop().catch(() => {});
    } else {
      this.#wake?.();
    }
  }

  /** A connection that does not answer is none. */
  #check(port: HubPort): void {
    void this.#ping(port).then((answered) => !answered && port === this.port && this.reconnectNow());
  }

  #end(): void {
    this.#life?.abort();
    this.#life = null;
    this.#wake?.();
  }

  async #loop(life: AbortSignal): Promise<void> {
    while (!life.aborted) {
      this.#set(this.#waiting, this.state.error);
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

  get #waiting(): ConnectionStatus {
    return this.#everConnected ? "reconnecting" : "connecting";
  }

  /** Resolves with the reason when the connection could not be made or has ended. */
  async #attempt(life: AbortSignal): Promise<unknown> {
    const ended = deferred<unknown>();
    let port: HubPort | undefined;
    try {
      await this.#askToken();
      port = this.#open(ended.resolve);
      this.#opening = life.aborted ? null : port;
      if (!life.aborted) {
        await within(port.start(), this.#settings.connectTimeoutMs, late);
      }
      life.throwIfAborted();
    } catch (error) {
      void port?.stop().catch(() => {});
      return (port && (await this.#diagnose(error))) ?? error;
    } finally {
      this.#opening = null;
    }
    this.port = port;
    this.#connected(port);
    const pings = setInterval(() => void this.#ping(port), this.#settings.pingIntervalMs);
    const error = await ended.promise;
    clearInterval(pings);
    this.port = null;
    this.#goodAt = Date.now();
    this.#listener.disconnected(isDefect(error));
    return error;
  }

  /** A token function has the time of an attempt; who wants a connection now, or none, does not wait for it. */
  async #askToken(): Promise<void> {
    const asking = new AbortController();
    const over = deferred<never>();
    const late = () => new HubError("not_connected", "The token function did not answer in time.");
    this.#wake = () => {
      this.#hurry = true;
      over.reject(late());
    };
    try {
      const asked = this.#token.next(this.state.attempt, asking.signal);
      await within(Promise.race([asked, over.promise]), this.#settings.connectTimeoutMs, late);
    } catch (error) {
      asking.abort();
      throw error;
    } finally {
      this.#wake = null;
    }
  }

  #open(closed: (error?: Error) => void): HubPort {
    const { transport, WebSocket, openPort } = this.#settings;
    const port = openPort({ url: this.#url, token: () => this.#token.current, transport, WebSocket });
    port.onclose(closed);
    for (const method of this.#methods) {
      port.on(method, (message) => (this.port ?? port) === port && this.#receive(port, method, message));
    }
    return port;
  }

  #connected(port: HubPort): void {
    this.#token.accepted();
    this.state.reconnects += this.#everConnected ? 1 : 0;
    this.#everConnected = true;
    this.#hintMs = undefined;
    this.#set("connected", null);
    this.#listener.connected();
    void this.#ping(port);
  }

  /** A WebSocket does not say why it was refused; a negotiation does. */
  async #diagnose(error: unknown): Promise<HubError | null> {
    const { status, code } = fromConnection(error);
    const { transport, connectTimeoutMs } = this.#settings;
    if (transport === "auto" || status || code !== "not_connected" || this.state.attempt % 4) {
      return null;
    }
    try {
      const headers = { authorization: `Bearer ${this.#token.current}` };
      const asked = fetch(`${this.#url}/negotiate?negotiateVersion=1`, { method: "POST", headers });
      const answer = await within(asked, connectTimeoutMs, late);
      return answer.ok ? null : fromConnection(`Status code '${answer.status}'`);
    } catch {
      return null;
    }
  }

  async #pause(error: HubError, life: AbortSignal): Promise<void> {
    const wait = this.#settings.retry.next({
      attempt: this.state.attempt++,
      elapsedMs: Date.now() - this.#goodAt,
      error,
      serverHintMs: this.#hintMs,
    });
    if (this.#hurry) {
      this.#hurry = false;
      return;
    }
    this.state.nextRetryAt = wait === null ? null : Date.now() + wait;
    this.#set(wait === null || !isOnline() ? "suspended" : this.#waiting, error, true);
    let timer: ReturnType<typeof setTimeout> | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      timer = setTimeout(resolve, wait ?? forever);
      if (life.aborted) {
        resolve();
      }
    });
    clearTimeout(timer);
    this.#wake = null;
    this.#hurry = false;
    this.state.nextRetryAt = null;
  }

  #receive(port: HubPort, method: string, message: unknown): void {
    if (method === "ServerDraining") {
      this.#drain(port, (message as { payload: ServerDraining }).payload.reconnect_within_ms);
    } else if (method === "TokenExpiring") {
      void this.#renewToken(port);
    }
    this.#listener.received(method, message);
  }

  /** The node goes away: moves to another one at a random moment of the time it gives. */
  #drain(port: HubPort, withinMs: number): void {
    this.#hintMs = withinMs;
    this.#listener.draining(withinMs);
    const wait = this.#settings.retry.next({ attempt: 0, elapsedMs: 0, serverHintMs: withinMs }) ?? 0;
    setTimeout(() => port === this.port && this.reconnectNow(), wait);
  }

  /** Without success the connection ends with its token, and the next one asks for another. */
  async #renewToken(port: HubPort): Promise<void> {
    try {
      const token = await this.#token.renew((this.#life as AbortController).signal);
      if (token && port === this.port) {
        const { error } = (await port.invoke("RefreshToken", token)) as TokenRefreshed;
        if (error) {
          throw fromAnswer(error);
        }
        this.#token.current = token;
      }
    } catch (error) {
      this.#listener.trouble(fromConnection(error));
    }
  }

  /** False when no answer came in time. */
  async #ping(port: HubPort): Promise<boolean> {
    const { state } = this;
    const sent = Date.now();
    try {
      const pong = (await within(port.invoke("Ping", sent), pongTimeoutMs, late)) as Pong;
      if (port === this.port) {
        // Only a connection that answers is a good one: a hub that closes each at once is not asked in haste.
        state.attempt = 0;
        state.rttMs = Date.now() - sent;
        if (!pong.error) {
          state.node = pong.node ?? null;
          state.clockOffsetMs = pong.server_ts - (sent + state.rttMs / 2);
        }
        this.#listener.measured();
      }
      return true;
    } catch {
      return false;
    }
  }

  #set(status: ConnectionStatus, error: HubError | null, again = false): void {
    const previous = this.state.status;
    this.state.error = error;
    if (status !== "connected") {
      this.state.rttMs = null;
    }
    if (status !== previous || again) {
      this.state.status = status;
      this.state.since = status === previous ? this.state.since : Date.now();
      this.#listener.changed(previous);
    }
  }
}

/** The hub ended the connection without a reason of its own, which is JSON; SignalR does so when it cannot read a message. */
function isDefect(error: unknown): boolean {
  return /error on close: [^{]*$/.test(textOf(error));
}
