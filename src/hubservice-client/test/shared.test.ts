import { expect, test } from "vitest";
import { fakeClock, pass, setUp } from "./fake/client.ts";

fakeClock();

test("Guide and liaisons of one identity share one connection; a project has its own hub, another identity its own connection", async () => {
  const { client, server } = setUp();
  const provider = () => "token_of_b";
  await client.connectToGuide();
  await client.connectToLiaison("content");
  await client.connectToLiaison("insights");
  await client.connectToProject("demo");
  await client.connectToProject("other");
  await client.connectToGuide(provider);
  await client.connectToGuide(provider);
  await pass(0);
  expect(server.live.map((port) => port.request.url).sort()).toEqual([
    "http://hub/hubs/agent",
    "http://hub/hubs/agent",
    "http://hub/hubs/project",
  ]);
});

test("The connection goes a moment after its last user, and stays when another comes in time", async () => {
  const { client, server } = setUp({ idleDisconnectMs: 1_000 });
  const first = await client.connectToGuide();
  const second = await client.connectToGuide();
  await pass(0);
  await client.disconnect(first);
  await client.disconnect(first);
  await pass(5_000);
  expect(server.live).toHaveLength(1);
  await client.disconnect(second);
  await pass(999);
  const third = await client.connectToGuide();
  await pass(5_000);
  expect(server.live).toHaveLength(1);
  expect(client.isConnected(third)).toBe(true);
  await client.disconnect(third);
  await pass(1_000);
  expect(server.live).toHaveLength(0);
  expect(server.ports).toHaveLength(1);
});

test("close ends everything at once, also what only lingers, and the client can be used again", async () => {
  const { client, server, statuses } = setUp();
  const id = await client.connectToGuide();
  const lingering = await client.connectToProject("demo");
  await pass(0);
  await client.disconnect(lingering);
  await client.close();
  expect(server.live).toHaveLength(0);
  expect(statuses.at(-1)).toMatchObject({ connectionId: id, previous: "connected", status: "closed" });
  expect(client.getAllConnectionsHealth().size).toBe(0);
  await pass(100_000);
  expect(server.ports).toHaveLength(2);
  const again = await client.connectToGuide();
  await client.ready(again);
});

test("await using closes the client", async () => {
  const { client, server } = setUp();
  {
    await using own = client;
    await own.ready(await own.connectToGuide());
    expect(server.live).toHaveLength(1);
  }
  expect(server.live).toHaveLength(0);
});

test("The health of all connections is the same object until something changes", async () => {
  const { client, server } = setUp();
  const id = await client.connectToGuide();
  await pass(0);
  const health = client.getAllConnectionsHealth();
  expect(client.getAllConnectionsHealth()).toBe(health);
  expect(health.get(id)).toMatchObject({ healthy: true, node: "node-a", clockOffsetMs: 1_000, reconnects: 0 });
  let changes = 0;
  client.on("health", () => changes++);
  server.port.end();
  await pass(0);
  expect(changes).toBeGreaterThan(0);
  expect(client.getAllConnectionsHealth()).not.toBe(health);
  expect(client.getConnectionHealth(id)).toMatchObject({
    status: "reconnecting",
    healthy: false,
    attempt: 1,
    rttMs: null,
  });
});

test("Everything that arrives can be listened to as it comes", async () => {
  const { client, server } = setUp();
  const methods: string[] = [];
  client.on("received", ({ hub, method }) => methods.push(`${hub}/${method}`));
  await client.connectToGuide();
  await pass(0);
  server.port.session("SessionCreated", "session_created", {});
  server.port.cursors.set("t", 0);
  server.publish("t");
  expect(methods).toEqual(["agent/SessionCreated", "agent/StatusUpdate"]);
});
