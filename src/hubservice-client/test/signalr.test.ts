import { expect, test, vi } from "vitest";
import { HubClient } from "../src/index.ts";

const end = "\x1e";
const ping = `{"type":6}${end}`;

/** Below SignalR itself: accepts the handshake and answers calls; the first one is cut while SignalR sends the ping that ends its start. */
class CutSocket {
  static readonly OPEN = 1;
  static readonly opened: CutSocket[] = [];
  onopen?: (event: object) => void;
  onmessage?: (event: { data: string }) => void;
  onclose?: (event: object) => void;
  readyState = 1;

  constructor() {
    CutSocket.opened.push(this);
    setTimeout(() => this.onopen?.({}));
  }

  send(data: string): void {
    if (data.startsWith('{"protocol"')) {
      this.#say("{}");
    } else if (data === ping) {
      if (CutSocket.opened.length === 1) {
        this.onclose?.({ code: 1006, wasClean: false, reason: "" });
      }
    } else {
      const { invocationId, target } = JSON.parse(data.slice(0, -1));
      const result = target === "Ping" ? { ts: 0, server_ts: 0, node: "n" } : {};
      this.#say(JSON.stringify({ type: 3, invocationId, result }));
    }
  }

  close(): void {
    this.onclose?.({ code: 1000, wasClean: true, reason: "" });
  }

  #say(message: string): void {
    queueMicrotask(() => this.onmessage?.({ data: message + end }));
  }
}

test("A connection that is cut while SignalR starts it is replaced, though its start succeeds and no close is told", async () => {
  const client = new HubClient({
    url: "http://127.0.0.1:1",
    sessionToken: "t",
    transport: "websockets-only",
    WebSocket: CutSocket as unknown as typeof WebSocket,
    retry: { next: () => 1 },
  });
  const id = await client.connectToGuide();
  await vi.waitFor(() => expect(client.getConnectionHealth(id).node).toBe("n"), { timeout: 10_000 });
  expect(CutSocket.opened).toHaveLength(2);
  expect(client.getConnectionHealth(id)).toMatchObject({ status: "connected", reconnects: 1 });
  await client.close();
});
