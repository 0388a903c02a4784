/** A physical connection with its calls and streams, shared by all handles of one hub and identity. */
import { Calls } from "./calls.ts";
import { agentEventTypes, type HistoryLost, type StreamReset, sessionEventTypes } from "./contracts.ts";
import type { HubError } from "./errors.ts";
import { Feed, type Follower, type Recovery, type StreamEvent } from "./feed.ts";
import { type ConnectionStatus, Link } from "./link.ts";
import type { Settings } from "./options.ts";
import type { SessionToken } from "./token.ts";

export type HubName = "agent" | "project";

export interface HubListener {
  status(hub: Hub, previous: ConnectionStatus): void;
  recovery(hub: Hub, feed: Feed, recovery: Recovery): void;
  draining(hub: Hub, reconnectWithinMs: number): void;
  error(hub: Hub, error: HubError): void;
  received(hub: Hub, method: string, message: unknown): void;
  changed(): void;
}

export class Hub {
  readonly name: HubName;
  readonly token: SessionToken;
  readonly link: Link;
  readonly calls: Calls;
  readonly stats = { gaps: 0, duplicates: 0 };
  lastEventAt: number | null = null;
  /** The handles that use it. */
  users = 0;
  linger: ReturnType<typeof setTimeout> | undefined;
  readonly #feeds = new Map<string, Feed>();
  readonly #listener: HubListener;

  constructor(name: HubName, token: SessionToken, settings: Settings, listener: HubListener) {
    this.name = name;
    this.token = token;
    this.#listener = listener;
    this.calls = new Calls(settings, listener.changed);
    const events = name === "agent" ? agentEventTypes.map(methodOf) : ["ProjectEvent"];
    this.link = new Link(
      `${settings.url}/hubs/${name}`,
      [...events, ...sessionEventTypes.map(methodOf)],
      token,
      settings,
      {
        changed: (previous) => this.#changed(previous),
        connected: () => this.#connected(),
        disconnected: () => this.calls.disconnected(),
        received: (method, message) => this.#received(method, message),
        draining: (withinMs) => listener.draining(this, withinMs),
        trouble: (error) => listener.error(this, error),
        measured: listener.changed,
      },
    );
  }

  follow(id: string, follower: Follower): void {
    let feed = this.#feeds.get(id);
    if (!feed) {
      feed = this.#newFeed(id);
      this.#feeds.set(id, feed);
    }
    feed.add(follower);
  }

  leave(id: string, follower: Follower): void {
    const feed = this.#feeds.get(id);
    feed?.remove(follower);
    if (feed?.followers.size === 0) {
      this.#feeds.delete(id);
    }
  }

  /** The follower takes events again, from its position. */
  resume(id: string, follower: Follower): void {
    this.#feeds.get(id)?.resume(follower);
  }

  #changed(previous: ConnectionStatus): void {
    const { status, error } = this.link.state;
    if (status === "failed" && error) {
      this.calls.end(error);
    }
    this.#listener.status(this, previous);
  }

  /** Streams first: they must not wait behind a queue of calls that the hub takes at its own pace. */
  #connected(): void {
    this.calls.connected(this.link.port);
    for (const feed of this.#feeds.values()) {
      feed.connected();
    }
    this.calls.flush();
  }

  #received(method: string, message: unknown): void {
    this.#listener.received(this, method, message);
    const { type, payload } = message as { type: string; payload: HistoryLost & StreamReset };
    const event = message as StreamEvent & { thread_id?: string; project_id?: string };
    if (type === "history_lost" || type === "reset") {
      const [kind, id = ""] = payload.stream.split(/:(.*)/s);
      const feed = kind === (this.name === "agent" ? "thread" : "project") ? this.#feeds.get(id) : undefined;
      type === "reset" ? feed?.reset(payload) : feed?.historyLost(payload);
    } else if (event.seq !== undefined) {
      this.lastEventAt = Date.now();
      this.#feeds.get(event.thread_id ?? event.project_id ?? "")?.event(event);
    }
    this.#listener.changed();
  }

  #newFeed(id: string): Feed {
    const feed: Feed = new Feed({
      id,
      stats: this.stats,
      call: (method, ...args) => this.calls.call(method, args),
      isConnected: () => this.link.state.status === "connected",
      retryMs: (attempt, error) => this.calls.retryMs(attempt, error),
      told: (recovery) => this.#listener.recovery(this, feed, recovery),
      failed: (error) => this.#listener.error(this, error),
    });
    return feed;
  }
}

/** Every event type is a client method: `agent_started` arrives as `AgentStarted`. */
function methodOf(type: string): string {
  return type.replace(/(?:^|_)./g, (start) => start.slice(-1).toUpperCase());
}
