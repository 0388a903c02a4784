import { brotliCompressSync, constants } from "node:zlib";
import { build } from "esbuild";
import { expect, test } from "vitest";

/** What a page downloads for this, in bytes. */
async function compressed(contents: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: new URL("..", import.meta.url).pathname, loader: "ts" },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    external: ["react"],
    write: false,
    logLevel: "error",
  });
  const text = outputFiles[0]?.contents ?? new Uint8Array();
  return brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length;
}

test("The client with SignalR has at most 20 kB", async () => {
  const whole = await compressed(
    `export { HubClient, HubError, UnauthorizedError, fullJitter, parsePosition, positionText } from "./src/index.ts";`,
  );
  console.log(`hubservice-client with SignalR: ${whole} bytes`);
  expect(whole).toBeGreaterThan(10_000);
  expect(whole).toBeLessThanOrEqual(20_000);
});

test("A table of the contract brings neither the client nor SignalR", async () => {
  expect(await compressed(`export { stageStatuses } from "./src/index.ts";`)).toBeLessThan(300);
});

test("The hooks add at most 5 kB", async () => {
  const client = await compressed(`export { HubClient } from "./src/index.ts";`);
  const both = await compressed(`export { HubClient } from "./src/index.ts"; export * from "./src/react/index.ts";`);
  console.log(`hubservice-client/react on top: ${both - client} bytes`);
  expect(both - client).toBeLessThanOrEqual(5_000);
});
