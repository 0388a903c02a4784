// A wire that can be cut: a TCP proxy in front of a service, whose sockets end without a goodbye when a test says so.
import { connect, createServer } from "node:net";
import { until } from "./service.js";

export class Wire {
  #sockets = new Set();
  cuts = 0;
  /** While set, nobody gets through. */
  broken = false;

  /** @param target the port on 127.0.0.1 behind it */
  static async to(target) {
    const wire = new Wire();
    wire.server = createServer((near) => {
      if (wire.broken) {
        near.resetAndDestroy();
        return;
      }
      const far = connect(target, "127.0.0.1");
      const pair = { near, far };
      wire.#sockets.add(pair);
      const end = () => {
        wire.#sockets.delete(pair);
        near.destroy();
        far.destroy();
      };
      for (const socket of [near, far]) {
        socket.setNoDelay(true);
        socket.on("error", end);
        socket.on("close", end);
      }
      near.pipe(far);
      far.pipe(near);
    }).listen(0, "127.0.0.1");
    await new Promise((done) => wire.server.once("listening", done));
    wire.url = `http://127.0.0.1:${wire.server.address().port}`;
    return wire;
  }

  /** How many connections there are. */
  get open() {
    return this.#sockets.size;
  }

  /** Cuts every connection, in both directions at once; false when there was none. */
  cut() {
    const pairs = [...this.#sockets];
    for (const { near, far } of pairs) {
      near.resetAndDestroy();
      far.destroy();
    }
    this.cuts += pairs.length > 0 ? 1 : 0;
    return pairs.length > 0;
  }

  close() {
    this.cut();
    this.server.close();
  }
}

/** Mulberry32: the same numbers for the same seed. */
export function seeded(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * Cuts the wire a hundred times at random moments, each time while a connection is there, and publishes a run all the while.
 * @param publish (events) => Promise, of a batch
 * @param reconnects () => number, or a promise of it: how often the client has connected anew
 * @returns how many events were published
 */
export async function hundredCuts(wire, random, publish, reconnects, beside = () => {}) {
  const id = "run_cuts";
  const base = { run_id: id, agent_name: "helper" };
  await publish([{ ...base, type: "agent_started", event_id: "evt_start", payload: { agent_name: "helper", task: "stream" } }]);
  let published = 1;
  let reconnected = 0;
  for (let cuts = 0; cuts < 100; ) {
    const batch = Array.from({ length: 1 + Math.floor(random() * 4) }, (_, i) => ({
      ...base,
      type: "agent_streaming",
      event_id: `evt_delta_${published + i}`,
      payload: { message_id: "msg_stream", delta: `${published + i} `, stream_index: published + i - 1 },
    }));
    await publish(batch);
    published += batch.length;
    beside(cuts);
    // Every second time the connection has been made, and the random moment finds it being replayed to, or at rest; else it may be opening, or asking.
    if (cuts % 2 === 1) await until(async () => (await reconnects()) > reconnected, `somebody has reconnected after ${cuts} cuts`);
    const moment = Date.now() + random() * 60;
    await until(() => Date.now() >= moment && wire.open > 0, `somebody connects again after ${cuts} cuts`);
    reconnected = await reconnects();
    cuts += wire.cut() ? 1 : 0;
  }
  await publish([{ ...base, type: "agent_completed", event_id: "evt_end", payload: { status: "success", duration_ms: 1 } }]);
  return published + 1;
}
