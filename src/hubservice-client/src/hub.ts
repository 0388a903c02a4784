/** A physical connection with its calls and streams, shared by all handles of one hub and identity. */

import { Calls } from "./calls.ts";
import {
  agentEventMethods,
  type HistoryLost,
  type ProjectEvent,
  type StreamReset,
  sessionEventMethods,
} from "./contracts.ts";
import type { HubError } from "./errors.ts";
import { Feed, type Follower, type Recovery, type Stats, type StreamEvent } from "./feed.ts";
import { type ConnectionStatus, Link, type LinkListener } from "./link.ts";
import type { Settings } from "./options.ts";
import type { OpenPort } from "./port.ts";
import type { SessionToken } from "./token.ts";

export type HubName = "agent" | "project";

export interface HubListener {
  status(hub: Hub, previous: ConnectionStatus): void;
  recovery(hub: Hub, feed: Feed, recovery: Recovery): void;
  draining(hub: Hub, reconnectWithinMs: number): void;
  error(hub: Hub, error: HubError): void;
  received(hub: Hub, method: string, message: unknown): void;
  changed(hub: Hub): void;
}

const methods: Readonly<Record<HubName, readonly string[]>> = {
  agent: [...Object.values(agentEventMethods), ...Object.values(sessionEventMethods)],
  project: ["ProjectEvent", ...Object.values(sessionEventMethods)],
};

export class Hub implements LinkListener {
  readonly name: HubName;
  readonly link: Link;
  readonly calls: Calls;
  readonly stats: Stats = { received: 0, gaps: 0, duplicates: 0 };
  lastEventAt: number | null = null;
  /** The handles that use it. */
  users = 0;
  readonly #feeds = new Map<string, Feed>();
  readonly #settings: Settings;
  readonly #listener: HubListener;

  constructor(name: HubName, token: SessionToken, settings: Settings, open: OpenPort, listener: HubListener) {
    this.name = name;
    this.#settings = settings;
    this.#listener = listener;
    this.calls = new Calls(settings, () => listener.changed(this));
    this.link = new Link(name, methods[name], token, settings, open, this);
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

  changed(previous: ConnectionStatus): void {
    const { status, error } = this.link.state;
    if (status === "failed" && error) {
      this.calls.end(error);
    }
    this.#listener.status(this, previous);
  }

  connected(): void {
    const { port } = this.link;
    if (port) {
      this.calls.connected(port);
      for (const feed of this.#feeds.values()) {
        feed.connected();
      }
      this.calls.flush(port);
    }
  }

  disconnected(): void {
    this.calls.disconnected();
  }

  draining(reconnectWithinMs: number): void {
    this.#listener.draining(this, reconnectWithinMs);
  }

  trouble(error: HubError): void {
    this.#listener.error(this, error);
  }

  measured(): void {
    this.#listener.changed(this);
  }

  received(method: string, message: unknown): void {
    this.#listener.received(this, method, message);
    const { type, payload } = message as { type: string; payload?: HistoryLost | StreamReset };
    if (type === "history_lost") {
      this.#feedOf(payload)?.historyLost(payload as HistoryLost);
    } else if (type === "reset") {
      this.#feedOf(payload)?.reset(payload as StreamReset);
    } else {
      const event = message as StreamEvent & { thread_id?: string; project_id?: ProjectEvent["project_id"] };
      const id = event.thread_id ?? event.project_id;
      if (id !== undefined) {
        this.lastEventAt = Date.now();
        this.#feeds.get(id)?.event(event);
      }
    }
    this.#listener.changed(this);
  }

  get #kind(): "thread" | "project" {
    return this.name === "agent" ? "thread" : "project";
  }

  #feedOf(payload: HistoryLost | StreamReset | undefined): Feed | undefined {
    const prefix = `${this.#kind}:`;
    return payload?.stream.startsWith(prefix) ? this.#feeds.get(payload.stream.slice(prefix.length)) : undefined;
  }

  #newFeed(id: string): Feed {
    const feed: Feed = new Feed({
      id,
      stats: this.stats,
      call: (method, ...args) => this.calls.call(method, args),
      isConnected: () => this.link.state.status === "connected",
      retryMs: (attempt, error) =>
        Number(error.details?.retry_after_ms ?? 0) +
        (this.#settings.retry.next({ attempt: attempt + 1, elapsedMs: 0, error }) ?? 0),
      told: (recovery) => this.#listener.recovery(this, feed, recovery),
      failed: (error) => this.#listener.error(this, error),
    });
    return feed;
  }
}
