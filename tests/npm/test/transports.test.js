import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { HttpTransportType, JsonHubProtocol } from "@microsoft/signalr";
import { MessagePackHubProtocol } from "@microsoft/signalr-protocol-msgpack";
import { Listener, oneTo } from "../support/listener.js";
import { Service, note } from "../support/service.js";

let service;
before(async () => (service = await Service.start()));
after(() => service.stop());

for (const [name, Protocol] of [
  ["WebSockets", JsonHubProtocol],
  ["ServerSentEvents", JsonHubProtocol],
  ["LongPolling", JsonHubProtocol],
  ["WebSockets", MessagePackHubProtocol],
  ["LongPolling", MessagePackHubProtocol],
]) {
  test(`${name}, ${Protocol.name}: join, receive, leave, and resume on a new connection`, async () => {
    const thread = `t-${name}-${Protocol.name}`;
    const options = { transport: HttpTransportType[name], protocol: new Protocol() };
    const first = await Listener.connect(service, thread, options);
    await service.publish(thread, oneTo(50).map((i) => note(i)));
    await first.has(50);
    const position = first.position;
    await first.stop();
    await service.publish(thread, oneTo(300).map((i) => note("x".repeat(1000) + i)));

    const second = await Listener.connect(service, thread, { ...options, position });
    await second.has(300);
    assert.deepEqual([...first.seqs, ...second.seqs], oneTo(350));
    assert.deepEqual([second.answer.recovered, second.answer.replayed], [true, 300]);
    await second.connection.invoke("Unsubscribe", thread);
    await service.publish(thread, note("unheard"));
    await second.connection.invoke("Ping", 1);
    assert.equal(second.events.length, 300);
    await second.stop();
  });
}
