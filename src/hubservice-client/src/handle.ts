/** What a connection id stands for: a target on a shared hub connection, its conversation and what follows it. */
import { type Cursor, parsePosition, start } from "./cursor.ts";
import { closed, HubError } from "./errors.ts";
import type { Feed, Follower, Taking } from "./feed.ts";
import type { Hub } from "./hub.ts";
import type { ConnectionStatus } from "./link.ts";
import { transportOf } from "./port.ts";
import type { ConnectionHealth, ConnectionId, Target } from "./types.ts";

export class Handle {
  readonly id: ConnectionId;
  readonly target: Target;
  readonly hub: Hub;
  /** The project, or the conversation once there is one. */
  streamId: string | null;
  /** A first message that is about to begin the conversation. */
  beginning: Promise<unknown> | null = null;
  /** Told of each status. */
  readonly loss: (status: ConnectionStatus) => void;
  closed = false;
  /** The followers, each with what attaches it to the conversation once that exists. */
  readonly #followers = new Map<Follower, (id: string) => void>();

  constructor(id: ConnectionId, target: Target, hub: Hub, streamId: string | null, loss: Handle["loss"]) {
    this.id = id;
    this.target = target;
    this.hub = hub;
    this.streamId = streamId;
    this.loss = loss;
  }

  /** The conversation has its thread: who waited for it follows it from its beginning. */
  begin(threadId: string): void {
    if (this.streamId === null && !this.closed) {
      this.streamId = threadId;
      for (const attach of this.#followers.values()) {
        attach(threadId);
      }
    }
  }

  follow(taking: Taking): Follower {
    const { threadId, from, signal } = taking;
    const own = this.hub.name === "agent" && threadId === undefined;
    let feed: Feed | undefined;
    const attach = (id: string) => {
      feed ??= this.hub.follow(id, follower);
    };
    const follower: Follower = {
      ...taking,
      owner: this.id,
      cursor: cursorOf(from ?? (own ? "start" : "now")),
      accepting: true,
      resume: () => feed?.resume(follower),
      stop: () => {
        this.#followers.delete(follower);
        signal?.removeEventListener("abort", follower.stop);
        feed?.remove(follower);
        follower.ended();
      },
    };
    const id = threadId ?? this.streamId;
    if (this.closed || signal?.aborted) {
      follower.stop();
    } else {
      this.#followers.set(follower, attach);
      signal?.addEventListener("abort", follower.stop);
      if (id !== null) {
        attach(id);
      }
    }
    return follower;
  }

  close(): void {
    this.closed = true;
    this.loss("closed");
    for (const follower of this.#followers.keys()) {
      follower.stop();
    }
    this.hub.calls.end(closed(), this.id);
  }

  health(): ConnectionHealth {
    const { hub, id, target, streamId } = this;
    const { port, state } = hub.link;
    const { error, ...link } = state;
    return {
      connectionId: id,
      target,
      threadId: hub.name === "agent" ? streamId : null,
      ...link,
      ...hub.stats,
      ...hub.calls.count(id),
      healthy: link.status === "connected" && link.rttMs !== null,
      transport: transportOf(port),
      serverConnectionId: port?.connectionId ?? null,
      lastError: error?.toJSON() ?? null,
    };
  }
}

function cursorOf(from: string): Cursor {
  if (from === "now") {
    return null;
  }
  const position = from === "start" ? start : parsePosition(from);
  if (!position) {
    throw new HubError("invalid_message", `"${from}" is no position.`);
  }
  return position;
}
