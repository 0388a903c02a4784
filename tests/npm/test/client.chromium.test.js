// hubservice-client in Chromium: its connection cut a hundred times, against one service and through nginx with two nodes.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { build } from "esbuild";
import { Balanced, skipBalanced } from "../support/balanced.js";
import { Browser, skipChromium } from "../support/browser.js";
import { oneTo } from "../support/listener.js";
import { hundredCuts, seeded, Wire } from "../support/proxy.js";
import { Service, run, token, until } from "../support/service.js";

const closing = [];
let browser, page;
before(async () => {
  if (skipChromium) return;
  const bundle = await build({
    stdin: { contents: `export * from "hubservice-client";`, resolveDir: new URL("..", import.meta.url).pathname },
    bundle: true,
    format: "iife",
    globalName: "hubservice",
    platform: "browser",
    write: false,
  });
  browser = await Browser.open(bundle.outputFiles[0].text);
  page = browser.page;
  closing.push(() => browser.close());
});
after(async () => {
  for (const close of closing.reverse()) await close();
});

/** Follows a thread in the page under a name. */
function follow(name, { url, text, thread, transport }) {
  return page.evaluate(
    async ([name, url, text, thread, transport]) => {
      const { HubClient, fullJitter } = hubservice;
      const client = new HubClient({ url, sessionToken: () => text, transport, retry: fullJitter({ minMs: 10, maxMs: 50 }) });
      const id = await client.connectToGuide(undefined, { threadId: thread });
      const state = { seen: [], settled: [], pending: 0, nodes: new Set() };
      client.subscribe(id, "*", ({ seq, event_id, type }) => state.seen.push({ seq, event_id, type }), { from: "start" });
      client.on("health", () => state.nodes.add(client.getConnectionHealth(id).node));
      state.send = (body) => {
        state.pending++;
        client
          .sendMessage(id, body, { target: null })
          .then(() => "accepted", (error) => error.code)
          .then((outcome) => {
            state.settled.push(outcome);
            state.pending--;
          });
      };
      state.health = () => client.getConnectionHealth(id);
      window[name] = state;
      await client.ready(id, 10_000);
    },
    [name, url, text, thread, transport],
  );
}

/** A hundred cuts while a run streams; what must hold afterwards. */
async function survives(name, wire, publish, seed) {
  const sending = [];
  const reconnects = () => page.evaluate((name) => window[name].health().reconnects, name);
  const published = await hundredCuts(wire, seeded(seed), publish, reconnects, (cuts) => {
    if (cuts % 5 === 0) sending.push(page.evaluate(([name, text]) => window[name].send(text), [name, `message ${cuts}`]));
  });
  await Promise.all(sending);
  const sent = sending.length;
  const count = () => page.evaluate((name) => [window[name].seen.length, window[name].pending], name);
  await until(async () => (await count()).join() === `${published + sent},0`, `all is seen and settled; ${await count()} of ${published + sent}`);
  const { seen, settled, nodes } = await page.evaluate((name) => ({ seen: window[name].seen, settled: window[name].settled, nodes: [...window[name].nodes] }), name);
  assert.deepEqual(seen.map(({ seq }) => seq), oneTo(published + sent));
  assert.equal(new Set(seen.map(({ event_id }) => event_id)).size, seen.length);
  assert.deepEqual(new Set(settled), new Set(["accepted"]));
  assert.equal(settled.length, sent);
  assert.equal(wire.cuts, 100);
  return nodes;
}

for (const transport of ["auto", "websockets-only"]) {
  test(`a page's connection is cut 100 times while a run streams (${transport}): no gap, no duplicate, no promise left`, { skip: skipChromium }, async () => {
    const service = await Service.start();
    closing.push(() => service.stop());
    const wire = await Wire.to(service.port);
    closing.push(() => wire.close());
    await follow(transport, { url: wire.url, text: token(), thread: "c-page", transport });
    await survives(transport, wire, (events) => service.publish("c-page", events), 17);
  });
}

test("a page's connection is cut 100 times, through nginx with two nodes: no gap, no duplicate, no promise left", { skip: skipChromium || skipBalanced }, async () => {
  const balanced = await Balanced.start();
  closing.push(() => balanced.stop());
  const wire = await Wire.to(balanced.port);
  closing.push(() => wire.close());
  const text = await balanced.token();
  await follow("balanced", { url: wire.url, text, thread: "c-page", transport: "websockets-only" });
  const nodes = await survives("balanced", wire, (events) => balanced.publish("c-page", events, text), 19);
  assert.ok(nodes.includes("a") && nodes.includes("b"), nodes.join());
});

test("a page that was offline resumes at once when it is online again", { skip: skipChromium }, async () => {
  const service = await Service.start();
  closing.push(() => service.stop());
  await page.evaluate(
    async ([url, text]) => {
      // Any wait would be longer than the test.
      const client = new hubservice.HubClient({ url, sessionToken: text, retry: { next: () => 3_600_000 } });
      const id = await client.connectToGuide(undefined, { threadId: "c-offline" });
      window.offline = { types: [], statuses: [] };
      client.subscribe(id, "*", (event) => window.offline.types.push(event.type), { from: "start" });
      client.on("status", ({ status }) => window.offline.statuses.push(status));
      window.offline.client = client;
      await client.ready(id, 10_000);
    },
    [service.url, token()],
  );
  const context = page.context();
  await context.setOffline(true);
  // Chromium leaves open sockets alone when it goes offline: the service ends this one.
  await service.end("SIGKILL");
  await until(() => page.evaluate(() => window.offline.statuses.at(-1) === "suspended"));
  await service.run();
  await service.publish("c-offline", run("run_1"));
  await context.setOffline(false);
  await until(() => page.evaluate(() => window.offline.types.length === 5));
  assert.equal(await page.evaluate(() => window.offline.statuses.at(-1)), "connected");
  await page.evaluate(() => window.offline.client.close());
});
