// @vitest-environment jsdom
import { afterEach, expect, test, vi } from "vitest";
import { fakeClock, pass, setUp } from "./fake/client.ts";

fakeClock();
afterEach(() => {
  vi.restoreAllMocks();
});

function browser(state: { onLine?: boolean; visibilityState?: DocumentVisibilityState }) {
  if (state.onLine !== undefined) {
    vi.spyOn(navigator, "onLine", "get").mockReturnValue(state.onLine);
  }
  if (state.visibilityState) {
    vi.spyOn(document, "visibilityState", "get").mockReturnValue(state.visibilityState);
  }
}

async function away() {
  const all = setUp({ retry: { next: () => 1_000_000 } });
  const id = await all.client.connectToGuide();
  await pass(0);
  browser({ onLine: false });
  all.server.port.end();
  await pass(0);
  return { ...all, id };
}

test("Without a network the connection is suspended, and resumed at once when the browser is online", async () => {
  const { client, id, server } = await away();
  expect(client.getConnectionStatus(id)).toBe("suspended");
  browser({ onLine: true });
  window.dispatchEvent(new Event("online"));
  await pass(0);
  expect(client.isConnected(id)).toBe(true);
  expect(server.ports).toHaveLength(2);
});

test("It is resumed at once when the page is visible, and left alone when it is hidden", async () => {
  const { client, id } = await away();
  browser({ visibilityState: "hidden" });
  document.dispatchEvent(new Event("visibilitychange"));
  await pass(0);
  expect(client.isConnected(id)).toBe(false);
  browser({ visibilityState: "visible" });
  document.dispatchEvent(new Event("visibilitychange"));
  await pass(0);
  expect(client.isConnected(id)).toBe(true);
});

test("A connection that died while the page slept is noticed when it is visible again", async () => {
  const { client, server } = setUp();
  const id = await client.connectToGuide();
  await pass(0);
  server.port.frozen = true;
  document.dispatchEvent(new Event("visibilitychange"));
  await pass(4_999);
  expect(server.ports).toHaveLength(1);
  await pass(1);
  expect(client.getConnectionHealth(id)).toMatchObject({ status: "connected", reconnects: 1 });
});

test("A token function that has not answered is asked again when the browser is online", async () => {
  let asked = 0;
  const { client } = setUp();
  const id = await client.connectToGuide(() => (++asked === 1 ? new Promise<string>(() => {}) : "token"));
  await pass(0);
  window.dispatchEvent(new Event("online"));
  await pass(0);
  expect(client.isConnected(id)).toBe(true);
});

test("Nobody listens to the browser any more after close", async () => {
  const { client, server } = await away();
  await client.close();
  window.dispatchEvent(new Event("online"));
  await pass(0);
  expect(server.ports).toHaveLength(1);
});
