/** A physical connection with its calls and streams, shared by all handles of one hub and identity. */
import { Calls } from "./calls.ts";
import type { HistoryLost, StreamReset } from "./contracts.ts";
import type { HubError } from "./errors.ts";
import { Feed, type FeedHub, type Follower, type Recovery, type Stats, type StreamEvent } from "./feed.ts";
import type { Handle } from "./handle.ts";
import { type ConnectionStatus, Link, type LinkHub } from "./link.ts";
import type { Settings } from "./options.ts";
import type { SessionToken } from "./token.ts";

export type HubName = "agent" | "project";

/** What a connection tells of itself. */
export interface HubListener {
  status(previous: ConnectionStatus): void;
  recovery(feed: Feed, recovery: Recovery): void;
  draining(reconnectWithinMs: number): void;
  /** Something that does not end the connection. */
  readonly error: (error: HubError) => void;
  received(method: string, message: unknown): void;
  /** Something else that `health` shows. */
  readonly changed: () => void;
}

/** An event of either hub, or a message to the session. */
interface Received extends StreamEvent {
  readonly thread_id?: string;
  readonly project_id?: string;
  readonly payload: HistoryLost & StreamReset;
}

export class Hub implements FeedHub, LinkHub {
  readonly name: HubName;
  readonly token: SessionToken;
  readonly tell: HubListener;
  readonly link: Link;
  readonly calls: Calls;
  readonly stats: Stats = { gaps: 0, duplicatesDropped: 0, lastEventAt: null };
  /** The handles that use it. */
  readonly users = new Set<Handle>();
  linger: ReturnType<typeof setTimeout> | undefined;
  readonly #feeds = new Map<string, Feed>();

  constructor(name: HubName, token: SessionToken, settings: Settings, listener: (hub: Hub) => HubListener) {
    this.name = name;
    this.token = token;
    this.tell = listener(this);
    this.calls = new Calls(settings, this.tell.changed);
    this.link = new Link(`${settings.url}/hubs/${name}`, token, settings, this);
  }

  /** The feed that the follower joined, to leave it there. */
  follow(id: string, follower: Follower): Feed {
    for (const [stream, { followers }] of this.#feeds) {
      if (!followers.size) {
        this.#feeds.delete(stream);
      }
    }
    const stream = this.#stream(id);
    const feed = this.#feeds.get(stream) ?? new Feed(id, this);
    this.#feeds.set(stream, feed);
    feed.add(follower);
    return feed;
  }

  get isConnected(): boolean {
    return this.link.port !== null;
  }

  changed(previous: ConnectionStatus): void {
    const { status, error } = this.link.state;
    this.calls.fail(status === "failed" ? error : null);
    this.tell.status(previous);
  }

  /** Streams first: they must not wait behind a queue of calls that the hub takes at its own pace. */
  connected(): void {
    this.calls.port = this.link.port;
    for (const feed of this.#feeds.values()) {
      feed.connected();
    }
    this.calls.flush();
  }

  received(method: string, message: unknown): void {
    this.tell.received(method, message);
    // A method of a later hub may have no argument, or another than an event.
    const event: Received = Object(message);
    const { type, payload } = event;
    if (type === "history_lost" || type === "reset") {
      this.#feeds.get(payload.stream)?.gone(type, payload);
    } else if (typeof event.seq === "number" && typeof event.epoch === "string") {
      this.stats.lastEventAt = Date.now();
      this.#feeds.get(this.#stream(event.thread_id ?? event.project_id))?.event(event);
    }
    this.tell.changed();
  }

  /** The name under which the hub speaks of it. */
  #stream(id: string | undefined): string {
    return `${this.name === "agent" ? "thread" : "project"}:${id}`;
  }
}
