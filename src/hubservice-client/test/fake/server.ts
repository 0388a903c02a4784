/** A hub in memory, below the client's transport: streams with positions, idempotent sends, and everything that can go wrong. */
import type { HubPort, OpenPort, PortRequest } from "../../src/port.ts";
import { FakePort } from "./port.ts";

export interface FakeEvent {
  type: string;
  thread_id: string;
  seq: number;
  epoch: string;
  event_id: string;
  timestamp: string;
  payload: unknown;
}

interface FakeStream {
  epoch: string;
  /** The first seq that is kept. */
  first: number;
  events: FakeEvent[];
  /** Up to where each former epoch is valid in the present one. */
  former: Map<string, number>;
}

type Args = readonly unknown[];
export type Answer = (args: Args, port: FakePort) => unknown;

export class FakeServer {
  readonly ports: FakePort[] = [];
  readonly calls: { method: string; args: Args; port: FakePort }[] = [];
  readonly tokens: string[] = [];
  readonly streams = new Map<string, FakeStream>();
  /** Takes the place of a method; give `undefined` from it to go on as usual. */
  readonly answers: Record<string, Answer> = {};
  /** What `start` does: throws, or returns a promise that may never settle. */
  start: (port: FakePort, attempt: number) => void | Promise<void> = () => {};
  readonly #sent = new Map<string, { thread_id: string; message_id: string; seq: number }>();

  readonly open: OpenPort = (request: PortRequest): HubPort => {
    const port = new FakePort(this, request);
    this.ports.push(port);
    return port;
  };

  get live(): FakePort[] {
    return this.ports.filter((port) => port.alive);
  }

  /** The connection that is there. */
  get port(): FakePort {
    const port = this.live.at(-1);
    if (!port) {
      throw new Error("Nobody is connected.");
    }
    return port;
  }

  called(method: string): Args[] {
    return this.calls.filter((call) => call.method === method).map((call) => call.args);
  }

  stream(id: string): FakeStream {
    const known = this.streams.get(id);
    const stream = known ?? { epoch: "e1", first: 1, events: [], former: new Map() };
    this.streams.set(id, stream);
    return stream;
  }

  /** Appends and sends to all who subscribed. */
  publish(id: string, type = "status_update", payload: unknown = { status: "on" }): FakeEvent {
    const stream = this.stream(id);
    const seq = (stream.events.at(-1)?.seq ?? stream.first - 1) + 1;
    const event: FakeEvent = {
      type,
      thread_id: id,
      seq,
      epoch: stream.epoch,
      event_id: `evt_${id}_${seq}`,
      timestamp: "2026-01-01T00:00:00.000Z",
      payload,
    };
    stream.events.push(event);
    for (const port of this.live) {
      port.deliver(id);
    }
    return event;
  }

  publishMany(id: string, count: number): void {
    for (let i = 0; i < count; i++) {
      this.publish(id);
    }
  }

  /** Retention takes everything below `first`. */
  trim(id: string, first: number): void {
    const stream = this.stream(id);
    stream.first = first;
    stream.events = stream.events.filter((event) => event.seq >= first);
  }

  /** A failover: another epoch, in which nothing above `lastValid` exists. */
  rollback(id: string, epoch: string, lastValid: number): void {
    const stream = this.stream(id);
    for (const known of [stream.epoch, ...stream.former.keys()]) {
      stream.former.set(known, Math.min(lastValid, stream.former.get(known) ?? lastValid));
    }
    stream.epoch = epoch;
    stream.events = stream.events.filter((event) => event.seq <= lastValid).map((event) => ({ ...event, epoch }));
    for (const port of this.live) {
      port.rewind(id, lastValid);
    }
  }

  invoke(port: FakePort, method: string, args: Args): unknown {
    this.calls.push({ method, args, port });
    const own = this.answers[method]?.(args, port);
    if (own !== undefined) {
      return own;
    }
    switch (method) {
      case "Ping":
        return { ts: args[0], server_ts: Number(args[0]) + 1_000, node: "node-a" };
      case "Subscribe":
        return port.subscribe(String(args[0]), args[1] as string | undefined);
      case "Unsubscribe":
        port.cursors.delete(String(args[0]));
        return {};
      case "GetState":
        return { project_id: args[0], stages: [] };
      case "SendMessage":
        return this.#accept(args[0] as { thread_id?: string; message_id: string; text: string });
      default:
        return {};
    }
  }

  #accept(message: { thread_id?: string; message_id: string; text: string }) {
    const known = this.#sent.get(message.message_id);
    if (known) {
      return { ...known, duplicate: true };
    }
    const thread = message.thread_id ?? `thread_of_${message.message_id}`;
    const { seq } = this.publish(thread, "user_message", { message_id: message.message_id, text: message.text });
    const accepted = { thread_id: thread, message_id: message.message_id, seq };
    this.#sent.set(message.message_id, accepted);
    return { ...accepted, duplicate: false };
  }
}
