/** Stands in for a hub: answers calls from a table, and sends what a test tells it to. */
import type { AgentConnectionId, HubPort, PortRequest, ProjectConnectionId } from "hubservice-client";
import { createClient, type PageClient } from "../src/live/client";
import { Connection } from "../src/live/connection";
import type { Schedule } from "../src/live/store";
import { TokenSource } from "../src/live/token";

type Answer = unknown | ((...args: unknown[]) => unknown);

export class FakeHub implements HubPort {
  readonly calls: { method: string; args: unknown[] }[] = [];
  answers: Record<string, Answer> = { Ping: (ts: number) => ({ ts, server_ts: ts, node: "a" }) };
  connectionId = "signalr_1";
  refuse = 0;
  starts = 0;
  #received: PortRequest["received"] = () => {};
  #onclose: (() => void) | null = null;

  /** A new connection to the same hub. */
  open(received: PortRequest["received"]): this {
    this.#received = received;
    this.#onclose = null;
    return this;
  }

  async start(): Promise<void> {
    this.starts++;
    if (this.refuse > 0) {
      this.refuse--;
      throw new Error("refused");
    }
  }

  async stop(): Promise<void> {
    this.close();
  }

  async invoke(method: string, ...args: unknown[]): Promise<unknown> {
    this.calls.push({ method, args });
    const answer = this.answers[method] ?? {};
    return typeof answer === "function" ? answer(...args) : answer;
  }

  onclose(handler: () => void): void {
    this.#onclose = handler;
  }

  send(method: string, message: unknown): void {
    this.#received(method, message);
  }

  close(): void {
    this.#onclose?.();
  }

  called(method: string): unknown[][] {
    return this.calls.filter((call) => call.method === method).map((call) => call.args);
  }
}

/** Tells listeners at once. */
export const atOnce: Schedule = (task) => task();

/** The page's client over both fake hubs; `drop` ends the fake connection. */
export function clientOf(hubs: { agent: FakeHub; project: FakeHub }): PageClient {
  const token = new TokenSource({
    fetch: async () =>
      Response.json({ access_token: "t", expires_at: "2099-01-01T00:00:00Z", subject: "user_a", tenant: "dev" }),
    now: () => Date.now(),
    storage: { getItem: () => null, setItem: () => undefined },
    url: "/api/dev/token",
    schedule: atOnce,
  });
  const page = createClient("http://hub", token, {
    retry: { next: ({ serverHintMs }) => (serverHintMs ?? 500) / 2 },
    openPort: ({ url, received }) => hubs[url.endsWith("agent") ? "agent" : "project"].open(received),
  });
  return { client: page.client, drop: (hub) => hubs[hub].close() };
}

export function agentConnection(page: PageClient): Connection<AgentConnectionId> {
  return new Connection({ page, hub: "agent", open: () => page.client.open("guide"), schedule: atOnce });
}

export function projectConnection(page: PageClient): Connection<ProjectConnectionId> {
  return new Connection({ page, hub: "project", open: () => page.client.open("project:demo"), schedule: atOnce });
}
