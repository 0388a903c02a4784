import { expect, test, vi } from "vitest";
import { fullJitter, HubError, UnauthorizedError } from "../src/index.ts";
import { fakeClock, outcome, pass, setUp } from "./fake/client.ts";

fakeClock();

test("A handle is there at once and connects in the background", async () => {
  const { client, statuses } = setUp();
  const id = await client.connectToGuide();
  expect(client.isConnected(id)).toBe(false);
  await client.ready(id);
  expect(client.isConnected(id)).toBe(true);
  expect(statuses.map((change) => change.status)).toEqual(["connected"]);
  expect(client.getConnectionHealth(id)).toMatchObject({
    target: "guide",
    status: "connected",
    transport: "WebSockets",
  });
});

test("The first connect is tried again like any other, for as long as it takes", async () => {
  const { client, server, statuses } = setUp({ lostConnectionAfterMs: 1_000_000 });
  server.start = (_, attempt) => {
    if (attempt < 500) {
      throw new Error("refused");
    }
  };
  const id = await client.connectToGuide();
  await pass(499 * 100);
  expect(client.getConnectionStatus(id)).toBe("connecting");
  expect(client.getConnectionHealth(id)).toMatchObject({ attempt: 500, lastError: { code: "not_connected" } });
  await pass(200);
  expect(client.getConnectionStatus(id)).toBe("connected");
  expect(statuses.at(-1)).toMatchObject({ previous: "connecting", status: "connected" });
  expect(statuses[0]).toMatchObject({ status: "connecting", retryInMs: 100, error: { code: "not_connected" } });
});

test("The attempts count up until the hub answers a ping, not just until it opens", async () => {
  const { client, server } = setUp();
  server.start = (port) => {
    port.frozen = true;
  };
  const id = await client.connectToGuide();
  for (let i = 1; i <= 3; i++) {
    await pass(0);
    server.port.end('{"code":"connection_limit","message":"Too many.","retryable":true}');
    await pass(0);
    expect(client.getConnectionHealth(id)).toMatchObject({ attempt: i, lastError: { code: "connection_limit" } });
    await pass(100);
  }
  server.start = () => {};
  server.port.end();
  await pass(100);
  expect(client.getConnectionHealth(id).attempt).toBe(0);
});

test("A start that hangs is given up after its time, and what comes of it later is ignored", async () => {
  const { client, server } = setUp({ connectTimeoutMs: 2_000 });
  let late = () => {};
  server.start = (_, attempt) => (attempt === 0 ? new Promise((resolve) => (late = () => resolve())) : undefined);
  const id = await client.connectToGuide();
  await pass(2_000);
  expect(client.getConnectionHealth(id).lastError?.message).toMatch("did not answer in time");
  await pass(100);
  expect(client.isConnected(id)).toBe(true);
  late();
  await pass(1_000);
  expect(client.getConnectionHealth(id)).toMatchObject({ status: "connected", serverConnectionId: "signalr_1" });
});

test("close settles also while a connect hangs whose end does not come", async () => {
  const { client, server } = setUp();
  server.start = (port) => {
    port.stop = () => new Promise(() => {});
    return new Promise(() => {});
  };
  const id = await client.connectToGuide();
  await pass(0);
  const closed = outcome(client.close());
  await pass(5_000);
  expect(closed.now()).toBeUndefined();
  expect(client.getConnectionStatus(id)).toBe("closed");
});

test("Full jitter waits a random part of a bound that doubles, and never gives up", () => {
  const policy = fullJitter({ random: () => 0.5 });
  const waits = [0, 1, 2, 5, 6, 1_000].map((attempt) => policy.next({ attempt, elapsedMs: 1e9 }));
  expect(waits).toEqual([250, 500, 1_000, 8_000, 10_000, 10_000]);
  expect(policy.next({ attempt: 9, elapsedMs: 0, serverHintMs: 300 })).toBe(150);
});

test("A policy that gives up suspends the connection until somebody wakes it", async () => {
  const { client, server } = setUp({ retry: { next: () => null } });
  const id = await client.connectToGuide();
  await pass(0);
  server.port.end();
  await pass(1_000_000);
  expect(client.getConnectionStatus(id)).toBe("suspended");
  client.reconnectNow(id);
  await pass(0);
  expect(client.isConnected(id)).toBe(true);
});

test("reconnectNow cuts a connection that is there and comes back at once", async () => {
  const { client, server } = setUp();
  const id = await client.connectToGuide();
  await pass(0);
  client.reconnectNow();
  await pass(0);
  expect(client.getConnectionHealth(id)).toMatchObject({ status: "connected", reconnects: 1 });
  expect(server.ports).toHaveLength(2);
});

test("A draining node is left within the time it gives, and the next connection is made at once", async () => {
  const { client, server, drains } = setUp();
  const id = await client.connectToGuide();
  await pass(0);
  server.port.session("ServerDraining", "server_draining", { reconnect_within_ms: 2_000 });
  expect(drains).toEqual([{ connectionId: id, reconnectWithinMs: 2_000 }]);
  await pass(999);
  expect(server.ports).toHaveLength(1);
  await pass(1);
  expect(client.isConnected(id)).toBe(true);
  expect(server.ports).toHaveLength(2);
});

test("A long absence is told once, and the return too", async () => {
  const { client, server, losses } = setUp({ lostConnectionAfterMs: 5_000 });
  await client.connectToGuide();
  await pass(0);
  server.start = () => {
    throw new Error("away");
  };
  server.port.end();
  await pass(4_999);
  expect(losses).toEqual([]);
  await pass(20_000);
  expect(losses.map(({ phase }) => phase)).toEqual(["lost"]);
  server.start = () => {};
  await pass(100);
  expect(losses.map(({ phase }) => phase)).toEqual(["lost", "restored"]);
});

test("A short absence is not told", async () => {
  const { client, server, losses } = setUp();
  await client.connectToGuide();
  await pass(0);
  server.port.end();
  await pass(60_000);
  expect(losses).toEqual([]);
});

test("401 and 403 end a connection whose token is fixed, and reconnectNow tries once more", async () => {
  for (const status of [401, 403]) {
    const { client, server, losses } = setUp();
    server.start = () => {
      throw new Error(`Failed to complete negotiation: Error: : Status code '${status}'`);
    };
    const id = await client.connectToGuide();
    const ready = outcome(client.ready(id));
    await pass(60_000);
    expect(server.ports).toHaveLength(1);
    expect(client.getConnectionStatus(id)).toBe("failed");
    expect(ready.now()).toBeInstanceOf(UnauthorizedError);
    expect(losses.map(({ phase }) => phase)).toEqual(["failed"]);
    server.start = () => {};
    client.reconnectNow(id);
    await pass(0);
    expect(client.isConnected(id)).toBe(true);
    expect(losses.map(({ phase }) => phase)).toEqual(["failed", "restored"]);
  }
});

test("A WebSocket that is refused without a word is asked about by a negotiation", async () => {
  const asked = vi.fn(async () => new Response(null, { status: 401 }));
  vi.stubGlobal("fetch", asked);
  const { client, server } = setUp({ transport: "websockets-only" });
  server.start = () => {
    throw new Error("There was an error with the transport.");
  };
  const id = await client.connectToGuide();
  await pass(0);
  expect(client.getConnectionStatus(id)).toBe("failed");
  expect(asked).toHaveBeenCalledWith("http://hub/hubs/agent/negotiate?negotiateVersion=1", expect.anything());
  vi.unstubAllGlobals();
});

test("ready has a time limit of its own and rejects when the handle is closed", async () => {
  const { client, server } = setUp();
  server.start = () => new Promise(() => {});
  const id = await client.connectToGuide();
  const limited = outcome(client.ready(id, 500));
  const closed = outcome(client.ready(id));
  await pass(500);
  expect(limited.now()).toMatchObject({ code: "not_connected", retryable: true });
  expect(closed.now()).toBe("pending");
  await client.disconnect(id);
  await pass(0);
  expect(closed.now()).toMatchObject({ code: "closed" });
  expect(client.getConnectionStatus(id)).toBe("closed");
});

test("A handler that throws harms nobody else", async () => {
  const lines: string[] = [];
  const { client, statuses } = setUp({ logger: (level, message) => lines.push(`${level}: ${message}`) });
  client.on("status", () => {
    throw new Error("mine");
  });
  await client.connectToGuide();
  await pass(0);
  expect(statuses).toHaveLength(1);
  expect(lines).toContain("error: A handler threw: mine");
});

test("What a handler throws or rejects with is in the console when there is no logger", async () => {
  const shown = vi.spyOn(console, "error").mockImplementation(() => {});
  const mine = new Error("mine");
  const { client } = setUp();
  client.on("status", () => {
    throw mine;
  });
  client.on("status", async () => {
    throw mine;
  });
  await client.connectToGuide();
  await pass(0);
  expect(shown.mock.calls).toEqual(Array(2).fill(["A handler threw: mine", mine]));
  shown.mockRestore();
});

test("Without any token a call says so", async () => {
  const { client } = setUp();
  const bare = new (client.constructor as new (options: { url: string }) => typeof client)({ url: "http://hub" });
  await expect(bare.connectToGuide()).rejects.toBeInstanceOf(HubError);
});

test("An option that is given as undefined has its default", async () => {
  const nothing = { retry: undefined, ackTimeoutMs: undefined, connectTimeoutMs: undefined, logger: undefined };
  const { client, server } = setUp(nothing as object);
  server.start = (_, attempt) => {
    if (attempt === 0) {
      throw new Error("refused");
    }
  };
  const id = await client.connectToGuide(undefined, { threadId: "t" });
  await pass(500);
  expect(client.isConnected(id)).toBe(true);
  server.port.frozen = true;
  const sent = outcome(client.sendMessage(id, "hello"));
  await pass(14_999);
  expect(sent.now()).toBe("pending");
});
