/** Stands in for a hub: answers calls from a table, and sends what a test tells it to. */
import { Connection, type HubPort } from "../src/live/connection";
import type { Schedule } from "../src/live/store";

type Answer = unknown | ((...args: unknown[]) => unknown);

export class FakeHub implements HubPort {
  readonly calls: { method: string; args: unknown[] }[] = [];
  answers: Record<string, Answer> = {};
  refuse = 0;
  starts = 0;
  readonly #handlers = new Map<string, ((message: never) => void)[]>();
  #onclose: (() => void) | null = null;

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

  async invoke<Result>(method: string, ...args: unknown[]): Promise<Result> {
    this.calls.push({ method, args });
    const answer = this.answers[method] ?? {};
    return (typeof answer === "function" ? answer(...args) : answer) as Result;
  }

  on(method: string, handler: (...args: never[]) => void): void {
    this.#handlers.set(method, [...(this.#handlers.get(method) ?? []), handler]);
  }

  onclose(handler: () => void): void {
    this.#onclose = handler;
  }

  send(method: string, message: unknown): void {
    for (const handler of this.#handlers.get(method) ?? []) {
      handler(message as never);
    }
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

export function connectionTo(hub: FakeHub): Connection {
  return new Connection({
    port: hub,
    dropSocket: () => hub.close(),
    token: async () => "token",
    refused: () => undefined,
    now: () => Date.now(),
    random: () => 0.5,
    schedule: atOnce,
  });
}
