import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { Browser, skipChromium as skip } from "../support/browser.js";
import { oneTo } from "../support/listener.js";
import { Service, note, run, token, until } from "../support/service.js";

const script = ["signalr/dist/browser/signalr.min.js", "signalr-protocol-msgpack/dist/browser/signalr-protocol-msgpack.min.js"]
  .map((file) => readFileSync(new URL(`../node_modules/@microsoft/${file}`, import.meta.url), "utf8"))
  .join("\n");

let service, browser, page;
before(async () => {
  if (skip) return;
  service = await Service.start({ "Delivery:StallTimeout": "00:00:01", "Delivery:DrainTime": "00:00:01" });
  browser = await Browser.open(script);
  page = browser.page;
});
after(async () => {
  await browser?.close();
  await service?.stop();
});

/** Listens to a thread in the page, under a name; resumes after a reconnect. */
async function listen(name, thread, transport, packed = false) {
  await page.evaluate(
    async ([name, thread, transport, packed, url, token]) => {
      const note = { events: [], told: [], reconnects: 0, closed: false };
      window[name] = note;
      const connection = new signalR.HubConnectionBuilder()
        .withUrl(`${url}/hubs/agent`, { transport: signalR.HttpTransportType[transport], accessTokenFactory: () => token })
        .withHubProtocol(packed ? new signalR.protocols.msgpack.MessagePackHubProtocol() : new signalR.JsonHubProtocol())
        .configureLogging(signalR.LogLevel.None)
        .withAutomaticReconnect({ nextRetryDelayInMilliseconds: () => 50 })
        .build();
      for (const method of ["AgentStarted", "AgentThinking", "ToolExecuting", "ToolCompleted", "AgentCompleted", "StatusUpdate"]) {
        connection.on(method, (e) => note.events.push(e));
      }
      connection.on("ServerDraining", () => note.told.push("server_draining"));
      connection.onclose(() => (note.closed = true));
      connection.onreconnected(async () => {
        const last = note.events.at(-1);
        try {
          await connection.invoke("Subscribe", thread, `${last.epoch}:${last.seq}`);
          note.reconnects++;
        } catch {
          // Dropped again before the answer came: the next reconnect resumes.
        }
      });
      await connection.start();
      note.answer = await connection.invoke("Subscribe", thread);
    },
    [name, thread, transport, packed, service.url, token()],
  );
}

const noted = (name) => page.evaluate((name) => window[name], name);

async function has(name, count) {
  await until(async () => (await noted(name)).events.length >= count, `${count} events`);
  return await noted(name);
}

for (const transport of ["WebSockets", "LongPolling"]) {
  test(`a page on ${transport} with MessagePack gets what one with JSON gets`, { skip }, async () => {
    const thread = `c-packed-${transport}`;
    await listen(`json_${transport}`, thread, transport);
    await listen(`packed_${transport}`, thread, transport, true);
    for (const event of run(`run_packed_${transport}`)) await service.publish(thread, event);
    await service.publish(thread, oneTo(200).map((i) => note("é".repeat(i))));
    const json = await has(`json_${transport}`, 205);
    const packed = await has(`packed_${transport}`, 205);
    assert.deepEqual(packed.events, json.events);
    assert.deepEqual(packed.answer, json.answer);
    assert.deepEqual(packed.events.map((e) => e.seq), oneTo(205));
  });
}

for (const transport of ["WebSockets", "ServerSentEvents", "LongPolling"]) {
  test(`a page on ${transport} sees a run whole and in order`, { skip }, async () => {
    const thread = `c-${transport}`;
    await listen(transport, thread, transport);
    for (const event of run(`run_${transport}`)) await service.publish(thread, event);
    const { events, answer } = await has(transport, 5);
    assert.equal(answer.recovered, true);
    assert.deepEqual(events.map((e) => e.type), ["agent_started", "agent_thinking", "tool_executing", "tool_completed", "agent_completed"]);
    assert.deepEqual(events.map((e) => e.seq), oneTo(5));
  });
}

test("pages whose service is drained or killed come back and miss nothing", { skip }, async () => {
  const pages = ["restarts", "restarts_packed"];
  for (const name of pages) await listen(name, "c-restarts", "WebSockets", name !== "restarts");
  let published = 0;
  const publish = async () => {
    published += (await service.publish("c-restarts", oneTo(30).map((i) => note(i)))).results.length;
    for (const name of pages) await has(name, published);
  };
  await publish();
  for (const signal of ["SIGTERM", "SIGKILL"]) {
    await service.end(signal);
    await service.run();
    await publish();
  }

  for (const name of pages) {
    const { events, told, reconnects, closed } = await noted(name);
    assert.deepEqual(events.map((e) => e.seq), oneTo(published));
    assert.deepEqual(told, ["server_draining"]);
    assert.ok(reconnects >= 2 && !closed);
  }
});

test("a page that stalls is cut off, reconnects and catches up", { skip }, async () => {
  await listen("stalls", "c-stalls", "WebSockets", true);
  await service.publish("c-stalls", note(1));
  await has("stalls", 1);
  const batch = oneTo(15).map(() => note("x".repeat(60_000)));
  let published = 1;
  // A page that is busy reads nothing.
  const busy = page.evaluate(() => {
    const end = performance.now() + 6_000;
    while (performance.now() < end);
  });
  await until(async () => {
    published += (await service.publish("c-stalls", batch)).results.length;
    return (await (await fetch(`${service.url}/metrics`)).text()).match(/^hubservice_slow_consumers_closed_total [1-9]/m);
  });
  await busy;
  const { events, closed, reconnects } = await has("stalls", published);
  assert.deepEqual(events.map((e) => e.seq), oneTo(published));
  assert.ok(reconnects >= 1 && !closed);
});
