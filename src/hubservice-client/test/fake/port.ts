/** One connection to the fake hub. */
import { type AgentEventType, agentEventMethods } from "../../src/contracts.ts";
import type { HubPort, PortRequest } from "../../src/port.ts";
import type { FakeServer } from "./server.ts";

export class FakePort implements HubPort {
  alive = false;
  /** Where SignalR keeps its transport. */
  readonly connection = { transport: { _webSocket: {} } };
  connectionId: string | null = null;
  /** The seq that was sent last, per stream. */
  readonly cursors = new Map<string, number>();
  /** While set, nothing is sent or answered. */
  frozen = false;
  readonly request: PortRequest;
  readonly #server: FakeServer;
  readonly #onclose: ((error?: Error) => void)[] = [];
  readonly #open = new Set<(error: Error) => void>();

  constructor(server: FakeServer, request: PortRequest) {
    this.#server = server;
    this.request = request;
  }

  async start(): Promise<void> {
    const attempt = this.#server.ports.indexOf(this);
    this.#server.tokens.push(this.request.token());
    await this.#server.start(this, attempt);
    this.alive = true;
    this.connectionId = `signalr_${attempt}`;
  }

  async stop(): Promise<void> {
    this.end();
  }

  onclose(handler: (error?: Error) => void): void {
    this.#onclose.push(handler);
  }

  invoke(method: string, ...args: unknown[]): Promise<unknown> {
    if (!this.alive) {
      return Promise.reject(new Error("Cannot send data if the connection is not in the 'Connected' State."));
    }
    return new Promise((resolve, reject) => {
      // What is sent travels as JSON, and the answer takes a turn.
      const sent = JSON.parse(JSON.stringify(args)) as unknown[];
      this.#open.add(reject);
      queueMicrotask(() => {
        if (this.alive && !this.frozen) {
          try {
            resolve(JSON.parse(JSON.stringify(this.#server.invoke(this, method, sent))));
            this.#open.delete(reject);
          } catch (error) {
            reject(error);
          }
        }
      });
    });
  }

  /** The connection ends without a word, or with the hub's reason. */
  end(reason?: string): void {
    this.#end(reason === undefined ? undefined : new Error(`Server returned an error on close: ${reason}`));
  }

  /** The socket is lost, as SignalR tells it. */
  cut(): void {
    this.#end(new Error("WebSocket closed with status code: 1006 (no reason given)."));
  }

  #end(error?: Error): void {
    if (this.alive) {
      this.alive = false;
      for (const reject of this.#open) {
        reject(new Error("Invocation canceled due to the underlying connection being closed."));
      }
      for (const handler of this.#onclose) {
        handler(error);
      }
    }
  }

  send(method: string, message: unknown): void {
    if (this.alive && !this.frozen) {
      this.request.received(method, structuredClone(message));
    }
  }

  session(method: string, type: string, payload: unknown): void {
    this.send(method, { v: 1, type, event_id: "evt_session", timestamp: "2026-01-01T00:00:00.000Z", payload });
  }

  /** Sends what the subscriber has not been sent. */
  deliver(id: string): void {
    const cursor = this.cursors.get(id);
    if (cursor === undefined || !this.alive || this.frozen) {
      return;
    }
    for (const event of this.#server.stream(id).events.filter(({ seq }) => seq > cursor)) {
      this.cursors.set(id, event.seq);
      this.send(agentEventMethods[event.type as AgentEventType] ?? "ProjectEvent", event);
    }
  }

  /** Answers as PROTOCOL.md says; what was missed follows the answer. */
  subscribe(id: string, position?: string): unknown {
    const stream = this.#server.stream(id);
    const head = stream.events.at(-1)?.seq ?? stream.first - 1;
    const [epoch = "", text = ""] = position?.split(":") ?? [];
    const asked = position === undefined ? head : Number(text);
    let from = asked;
    let recovered = true;
    const valid = Math.min(head, epoch === stream.epoch ? head : (stream.former.get(epoch) ?? head));
    if (asked > valid) {
      recovered = false;
      from = valid;
      const reset = { stream: `thread:${id}`, epoch: stream.epoch, last_valid: valid };
      queueMicrotask(() => this.session("Reset", "reset", reset));
    } else if (asked + 1 < stream.first) {
      recovered = false;
      from = stream.first - 1;
      const lost = { stream: `thread:${id}`, from: asked + 1, to: from };
      queueMicrotask(() => this.session("HistoryLost", "history_lost", lost));
    }
    this.cursors.set(id, from);
    setTimeout(() => this.deliver(id), 0);
    return { epoch: stream.epoch, seq: head, recovered, replayed: head - from };
  }

  /** Tells a subscriber who was sent what is void now. */
  rewind(id: string, lastValid: number): void {
    if ((this.cursors.get(id) ?? 0) > lastValid) {
      this.cursors.set(id, lastValid);
      this.session("Reset", "reset", {
        stream: `thread:${id}`,
        epoch: this.#server.stream(id).epoch,
        last_valid: lastValid,
      });
    }
  }
}
