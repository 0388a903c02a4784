import { expect, test, vi } from "vitest";
import { type TokenContext, UnauthorizedError } from "../src/index.ts";
import { fakeClock, pass, setUp } from "./fake/client.ts";

fakeClock();

function provider() {
  const asked: Omit<TokenContext, "signal">[] = [];
  const answer = { next: (): string => `token_${asked.length}` };
  return {
    asked,
    answer,
    give: ({ reason, attempt }: TokenContext) => {
      asked.push({ reason, attempt });
      return answer.next();
    },
  };
}

test("The provider is told why it is asked", async () => {
  const { asked, give } = provider();
  const { client, server } = setUp();
  await client.connectToGuide(give);
  await pass(0);
  server.port.end();
  await pass(100);
  server.port.session("TokenExpiring", "token_expiring", { expires_at: "2026-01-01T00:00:00Z" });
  await pass(0);
  expect(asked.map(({ reason }) => reason)).toEqual(["initial", "reconnect", "expiring"]);
  expect(server.tokens).toEqual(["token_1", "token_2"]);
  expect(server.called("RefreshToken")).toEqual([["token_3"]]);
});

test("A refused token is replaced once; a second refusal is final", async () => {
  const { asked, give } = provider();
  const { client, server } = setUp();
  server.start = (_, attempt) => {
    if (attempt < 1) {
      throw new Error("Unexpected server response: 401");
    }
  };
  const id = await client.connectToGuide(give);
  await pass(100);
  expect(client.isConnected(id)).toBe(true);
  expect(asked.map(({ reason }) => reason)).toEqual(["initial", "rejected"]);
  server.start = () => {
    throw new Error("Unexpected server response: 401");
  };
  server.port.end();
  await pass(60_000);
  expect(client.getConnectionStatus(id)).toBe("failed");
  expect(asked.map(({ reason }) => reason)).toEqual(["initial", "rejected", "reconnect", "rejected"]);
});

test("A provider that says 401 from the first is asked twice", async () => {
  const { asked, answer, give } = provider();
  answer.next = () => {
    throw new UnauthorizedError("Signed out.", { status: 401 });
  };
  const { client } = setUp();
  const id = await client.connectToGuide(give);
  await pass(60_000);
  expect(client.getConnectionStatus(id)).toBe("failed");
  expect(asked.map(({ reason }) => reason)).toEqual(["initial", "rejected"]);
});

test("A provider that fails is asked again; one that throws UnauthorizedError is not", async () => {
  const { asked, answer, give } = provider();
  answer.next = () => {
    throw new Error("The identity service is away.");
  };
  const { client, server } = setUp();
  const id = await client.connectToGuide(give);
  await pass(1_000);
  expect(asked).toHaveLength(11);
  expect(asked[10]?.attempt).toBe(10);
  expect(server.ports).toHaveLength(0);
  answer.next = () => {
    throw new UnauthorizedError("Signed out.");
  };
  await pass(60_000);
  expect(client.getConnectionStatus(id)).toBe("failed");
  expect(client.getConnectionHealth(id).lastError).toMatchObject({ code: "unauthorized", message: "Signed out." });
  expect(asked).toHaveLength(12);
});

test("A refresh that is refused is told, and the connection goes on until it ends", async () => {
  const { give } = provider();
  const { client, server, errors } = setUp();
  server.answers.RefreshToken = () => ({ error: { code: "forbidden", message: "Another subject.", retryable: false } });
  const id = await client.connectToGuide(give);
  await pass(0);
  server.port.session("TokenExpiring", "token_expiring", { expires_at: "2026-01-01T00:00:00Z" });
  await pass(0);
  expect(errors.map(({ error }) => error.message)).toEqual(["Another subject."]);
  expect(client.isConnected(id)).toBe(true);
});

test("A token function that does not answer when its token ends is told about, and asked again at the next end", async () => {
  const { asked, answer, give } = provider();
  const { client, server, errors } = setUp({ connectTimeoutMs: 2_000 });
  const id = await client.connectToGuide(give);
  await pass(0);
  const expiring = () => server.port.session("TokenExpiring", "token_expiring", { expires_at: "2026-01-01T00:00:00Z" });
  answer.next = () => new Promise<string>(() => {}) as unknown as string;
  expiring();
  await pass(2_000);
  expect(errors.map(({ error }) => error.message)).toEqual(["The token function did not answer in time."]);
  answer.next = () => `token_${asked.length}`;
  server.answers.RefreshToken = (_, port) => {
    port.frozen = true;
    return {};
  };
  expiring();
  await pass(0);
  expect(server.called("RefreshToken")).toEqual([["token_3"]]);
  expect(client.isConnected(id)).toBe(true);
});

test("What waits for a connection survives the change of the token", async () => {
  const { give } = provider();
  const { client, server } = setUp();
  const id = await client.connectToGuide(give, { threadId: "t" });
  await pass(0);
  server.start = (_, attempt) => {
    if (attempt === 1) {
      throw new Error("Status code '401'");
    }
  };
  server.port.end('{"code":"unauthorized","message":"The token has expired.","retryable":false}');
  const sent = client.sendMessage(id, "hello");
  await pass(200);
  await expect(sent).resolves.toMatchObject({ thread_id: "t", duplicate: false });
  expect(server.tokens).toEqual(["token_1", "token_2", "token_3"]);
});

test("A token function that never answers is a failed attempt, and what it gives later is not used", async () => {
  const signals: AbortSignal[] = [];
  let late = (_: string) => {};
  const give = ({ signal }: TokenContext) => {
    signals.push(signal);
    return signals.length === 1 ? new Promise<string>((resolve) => (late = resolve)) : `token_${signals.length}`;
  };
  const { client, server } = setUp({ connectTimeoutMs: 2_000 });
  server.start = (_, attempt) => (attempt === 0 ? new Promise(() => {}) : undefined);
  const id = await client.connectToGuide(give);
  await pass(1_999);
  expect(signals[0]?.aborted).toBe(false);
  await pass(1);
  expect(signals[0]?.aborted).toBe(true);
  expect(client.getConnectionHealth(id)).toMatchObject({
    attempt: 1,
    lastError: { code: "not_connected", message: "The token function did not answer in time." },
  });
  await pass(100);
  late("stale");
  await pass(0);
  expect(server.ports[0]?.request.token()).toBe("token_2");
});

test("reconnectNow asks a token function again that has not answered", async () => {
  let asked = 0;
  const { client } = setUp();
  const id = await client.connectToGuide(() => (++asked === 1 ? new Promise<string>(() => {}) : "token"));
  await pass(0);
  client.reconnectNow(id);
  await pass(0);
  expect(asked).toBe(2);
  expect(client.isConnected(id)).toBe(true);
});

test("Without a token the hub is not asked why it refused", async () => {
  const asked = vi.fn(async () => new Response(null, { status: 401 }));
  vi.stubGlobal("fetch", asked);
  const { client } = setUp({ transport: "websockets-only", connectTimeoutMs: 1_000 });
  const id = await client.connectToGuide(() => new Promise<string>(() => {}));
  await pass(10_000);
  expect(asked).not.toHaveBeenCalled();
  expect(client.getConnectionStatus(id)).toBe("connecting");
  vi.unstubAllGlobals();
});
