import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { HttpTransportType } from "@microsoft/signalr";
import { Listener, oneTo } from "../support/listener.js";
import { Service, note, token, until } from "../support/service.js";

let service;
before(async () => (service = await Service.start({ "Delivery:StallTimeout": "00:00:01", "Delivery:DrainTime": "00:00:01" })));
after(() => service.stop());

test("a client that stalls is cut off, reconnects and catches up", async () => {
  const listener = await Listener.connect(service, "t-stall");
  const batch = oneTo(15).map(() => note("x".repeat(60_000)));
  listener.socket._socket.pause();
  let published = 0;
  // As much as the sockets take, and then some, until the service gives up on the connection.
  await until(async () => {
    published += (await service.publish("t-stall", batch)).results.length;
    return (await (await fetch(`${service.url}/metrics`)).text()).match(/^hubservice_slow_consumers_closed_total 1$/m);
  });
  listener.socket._socket.resume();
  await listener.reconnected(1);
  await listener.has(published);
  assert.deepEqual(listener.seqs, oneTo(published));
  await listener.stop();
});

for (const name of ["WebSockets", "ServerSentEvents", "LongPolling"]) {
  test(`${name}: a connection whose token ends reconnects with a new one`, async () => {
    let lifetime = 3;
    const listener = await Listener.connect(service, `t-expiry-${name}`, {
      transport: HttpTransportType[name],
      accessToken: () => token({ lifetime }),
    });
    lifetime = 300;
    await service.publish(`t-expiry-${name}`, note(1));
    await listener.reconnected(1);
    await service.publish(`t-expiry-${name}`, note(2));
    await listener.has(2);
    assert.deepEqual(listener.seqs, [1, 2]);
    assert.ok(listener.told.includes("token_expiring"));
    await listener.stop();
  });
}

test("a service that drains tells its clients, stops cleanly, and they come back to the next one", async () => {
  const listeners = await Promise.all(["WebSockets", "ServerSentEvents", "LongPolling"].map((name) => Listener.connect(service, "t-drain", { transport: HttpTransportType[name] })));
  await service.publish("t-drain", oneTo(10).map((i) => note(i)));
  await Promise.all(listeners.map((l) => l.has(10)));
  const exit = service.end("SIGTERM");
  await until(() => listeners.every((l) => l.told.includes("server_draining")));
  assert.deepEqual(await exit, { code: 0, signal: null });
  await service.run();
  await service.publish("t-drain", oneTo(10).map((i) => note(10 + i)));
  await Promise.all(listeners.map((l) => l.reconnected(1)));
  await Promise.all(listeners.map((l) => l.has(20)));
  for (const l of listeners) {
    assert.deepEqual(l.seqs, oneTo(20));
    await l.stop();
  }
});

test("a service that is killed is found again, and nothing is missing", async () => {
  const listener = await Listener.connect(service, "t-kill");
  await service.publish("t-kill", oneTo(10).map((i) => note(i)));
  await service.end("SIGKILL");
  await service.run();
  await service.publish("t-kill", oneTo(10).map((i) => note(10 + i)));
  await listener.reconnected(1);
  await listener.has(20);
  assert.deepEqual(listener.seqs, oneTo(20));
  await listener.stop();
});
