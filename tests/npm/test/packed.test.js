// What a user installs: the packed client in a project of its own, compiled strictly and run against the service.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { after, before, test } from "node:test";
import { run, Service, token } from "../support/service.js";

const client = fileURLToPath(new URL("../../../src/hubservice-client", import.meta.url));
const npm = (cwd, ...args) => execFileSync("npm", args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

let project, service;
before(async () => {
  project = mkdtempSync(join(tmpdir(), "hubservice-packed-"));
  npm(client, "pack", "--silent", "--pack-destination", project);
  const [tarball] = readdirSync(project);
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "user", private: true, type: "module" }));
  cpSync(join(client, ".npmrc"), join(project, ".npmrc"));
  npm(project, "install", "--prefer-offline", "--no-audit", "--no-fund", `./${tarball}`);
  service = await Service.start();
});
after(async () => {
  await service?.stop();
  rmSync(project, { recursive: true, force: true });
});

test("the packed client has one dependency, and runs in Node against the service", async () => {
  const tree = JSON.parse(npm(project, "ls", "--json", "--depth=1"));
  assert.deepEqual(Object.keys(tree.dependencies), ["hubservice-client"]);
  // An optional peer is listed, too, but not installed.
  const installed = Object.entries(tree.dependencies["hubservice-client"].dependencies).filter(([, { version }]) => version);
  assert.deepEqual(installed.map(([name]) => name), ["@microsoft/signalr"]);
  assert.equal(existsSync(join(project, "node_modules/react")), false);
  writeFileSync(
    join(project, "follow.js"),
    `import { HubClient } from "hubservice-client";
    import { fetchValidator } from "hubservice-client/validate";
    const [url, token] = process.argv.slice(2);
    const client = new HubClient({ url, sessionToken: token, validate: await fetchValidator(url) });
    client.on("error", ({ error }) => { throw error; });
    const id = await client.connectToGuide(undefined, { threadId: "p-run" });
    const types = [];
    const wrong = await client.publish(id, [{ type: "status_update", payload: { status: 1 } }]).catch((error) => error);
    types.push(wrong.message);
    for await (const event of client.events(id, { from: "start" })) {
      types.push(event.type);
      if (event.type === "agent_completed") break;
    }
    await client.close();
    console.log(JSON.stringify(types));`,
  );
  await service.publish("p-run", run("run_1"));
  // It ends by itself: nothing of the client keeps the process alive after close.
  const output = execFileSync("node", ["follow.js", service.url, token()], { cwd: project, encoding: "utf8", timeout: 30_000 });
  assert.deepEqual(JSON.parse(output), ["payload.status: must be string (type).", "agent_started", "agent_thinking", "tool_executing", "tool_completed", "agent_completed"]);
});

test("its types are strict for every module resolution", () => {
  writeFileSync(
    join(project, "use.ts"),
    `import { errorCodes, HubClient, type HubError, type ToolCompleted } from "hubservice-client";
    import { fetchValidator } from "hubservice-client/validate";
    const client = new HubClient({ url: "http://localhost", transport: "auto" });
    const id = await client.connectToGuide("token");
    client.subscribe(id, "tool_completed", (event) => {
      const payload: ToolCompleted = event.payload;
      // @ts-expect-error A number is no text.
      const text: string = payload.duration_ms;
      return text;
    });
    // @ts-expect-error No event has this name.
    client.subscribe(id, "nonsense", () => {});
    // @ts-expect-error Either it is there or it is not.
    await client.sendMessage(id, "hello", { threadId: undefined });
    client.on("error", ({ error }: { error: HubError }) => console.log(error.code, errorCodes[error.code]?.status));
    new HubClient({ url: "http://localhost", validate: await fetchValidator("http://localhost") });
    `,
  );
  const tsc = join(client, "node_modules/typescript/bin/tsc");
  const strict = { noEmit: true, strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, target: "es2022", lib: ["es2023", "esnext.disposable", "dom"], types: [] };
  for (const resolution of [{ module: "nodenext", moduleResolution: "nodenext" }, { module: "esnext", moduleResolution: "bundler" }]) {
    writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions: { ...strict, ...resolution }, files: ["use.ts"] }));
    try {
      execFileSync("node", [tsc, "-p", "."], { cwd: project, encoding: "utf8" });
    } catch (error) {
      assert.fail(error.stdout);
    }
  }
});
