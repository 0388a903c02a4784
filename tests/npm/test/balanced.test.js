// The script of samples/load-balanced: the official client through the real nginx, two nodes and Redis.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import * as signalR from "@microsoft/signalr";
import { Balanced, skipBalanced } from "../support/balanced.js";

const everyNode = ["a", "b"];
const skip = skipBalanced;
let balanced, url, data;

before(async () => {
  if (skip) return;
  balanced = await Balanced.start();
  ({ url, data } = balanced);
});
after(() => balanced?.stop());

/** Twelve connections of twelve users; each has heard an event of a stream that all follow. Gives the nodes they are on. */
async function nodesOf(thread, options) {
  const connections = await Promise.all(
    Array.from({ length: 12 }, async () => {
      const token = await balanced.token();
      const connection = new signalR.HubConnectionBuilder().withUrl(`${url}/hubs/agent`, { accessTokenFactory: () => token, ...options }).configureLogging(signalR.LogLevel.None).build();
      const heard = new Promise((done) => connection.on("StatusUpdate", (e) => done(e.seq)));
      await connection.start();
      await connection.invoke("Subscribe", thread, ":0");
      return { connection, heard };
    }),
  );
  const nodes = await Promise.all(connections.map(async ({ connection }) => (await connection.invoke("Ping", 1)).node));
  const published = await connections[0].connection.invoke("Publish", thread, [{ type: "status_update", event_id: `evt_${thread}`, payload: { status: "on" } }]);
  assert.equal(published.results[0].seq, 1, JSON.stringify(published));
  assert.deepEqual(new Set(await Promise.all(connections.map((c) => c.heard))), new Set([1]));
  await Promise.all(connections.map((c) => c.connection.stop()));
  assert.equal(nodes.length, 12);
  return [...new Set(nodes)].sort();
}

test("12 of 12 WebSockets without negotiation work, on both nodes", { skip }, async () => {
  assert.deepEqual(await nodesOf("t-direct", { transport: signalR.HttpTransportType.WebSockets, skipNegotiation: true }), everyNode);
});

for (const name of ["WebSockets", "ServerSentEvents", "LongPolling"]) {
  test(`12 of 12 negotiated ${name} work, on both nodes`, { skip }, async () => {
    assert.deepEqual(await nodesOf(`t-${name}`, { transport: signalR.HttpTransportType[name] }), everyNode);
  });
}

test("no query is in nginx's log, and no metrics are to be had through it", { skip }, async () => {
  const response = await fetch(`${url}/metrics`);
  assert.equal(response.status, 404);
  assert.equal(response.headers.get("server"), "nginx");
  const log = readFileSync(join(data, "access.log"), "utf8");
  assert.match(log, /GET \/hubs\/agent 101 /);
  assert.doesNotMatch(log, /[?]|access_token|eyJ/);
  assert.doesNotMatch(readFileSync(join(data, "nginx.log"), "utf8"), /access_token|eyJ/);
});
