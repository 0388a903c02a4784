// The real service process on a free loopback port, with its own data directory and a signing key of ours.
import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const key = Buffer.from("a key for the tests of the npm client, thrown away");
const base64url = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A token for everything in its tenant; `lifetime` in seconds. */
export function token({ subject = "tester", roles = ["user", "worker", "publisher"], streams = ["thread:*", "project:*"], lifetime = 300 } = {}) {
  const now = Math.floor(Date.now() / 1000);
  const body = `${base64url({ alg: "HS256", typ: "JWT" })}.${base64url({ iss: "tests", aud: "tests", sub: subject, tenant: "t", iat: now, nbf: now, exp: now + lifetime, roles, streams })}`;
  return `${body}.${createHmac("sha256", key).update(body).digest("base64url")}`;
}

export function built() {
  const candidates = [process.env.HUBSERVICE_DLL, ...["Release", "Debug"].map((c) => new URL(`../../../src/HubService/bin/${c}/net10.0/HubService.dll`, import.meta.url).pathname)];
  const found = candidates.find((c) => c && existsSync(c));
  if (!found) throw new Error("The service is not built: run dotnet build, or name its dll in HUBSERVICE_DLL.");
  return found;
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((done) => server.once("listening", done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** Resolves when the condition holds; rejects after 20 s. */
export async function until(condition, what = condition.toString()) {
  const end = Date.now() + 20_000;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) throw new Error(`This did not become true: ${what}`);
    await new Promise((done) => setTimeout(done, 5));
  }
}

export class Service {
  /** Starts a service; `settings` are configuration keys such as "Delivery:StallTimeout". */
  static async start(settings = {}) {
    const service = new Service();
    service.settings = settings;
    service.directory = mkdtempSync(join(tmpdir(), "hubservice-npm-"));
    service.port = await freePort();
    service.url = `http://127.0.0.1:${service.port}`;
    await service.run();
    return service;
  }

  /** Starts the process, also again after it ended, on the same port and data. */
  async run() {
    const env = {
      PATH: process.env.PATH,
      HOME: process.env.HOME ?? this.directory,
      DOTNET_ROOT: process.env.DOTNET_ROOT ?? "",
      ASPNETCORE_ENVIRONMENT: "Development",
      ASPNETCORE_URLS: this.url,
      Sqlite__Path: join(this.directory, "hub.db"),
      Authentication__Schemes__Bearer__ValidAudience: "tests",
      Authentication__Schemes__Bearer__SigningKeys__0__Issuer: "tests",
      Authentication__Schemes__Bearer__SigningKeys__0__Value: key.toString("base64"),
      Limits__ConnectionsPerUser: "200",
      Limits__PublisherMessagesPerSecond: "100000",
    };
    if (!env.DOTNET_ROOT) delete env.DOTNET_ROOT;
    for (const [name, value] of Object.entries(this.settings)) env[name.replaceAll(":", "__")] = value;
    this.output = "";
    this.process = spawn("dotnet", [built()], { cwd: this.directory, env, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.process.stdout, this.process.stderr]) stream.on("data", (d) => (this.output += d));
    this.exited = new Promise((done) => this.process.once("exit", (code, signal) => done({ code, signal })));
    await until(async () => {
      if (this.process.exitCode !== null) throw new Error(`The service ended: ${this.output}`);
      return await fetch(`${this.url}/health/ready`).then((r) => r.ok, () => false);
    }, "the service is ready");
  }

  async end(signal = "SIGKILL") {
    this.process.kill(signal);
    return await this.exited;
  }

  async stop() {
    await this.end();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** Publishes an event or an array of them to a thread and returns the answer. */
  async publish(thread, events) {
    const response = await fetch(`${this.url}/api/v1/threads/${thread}/events`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token()}` },
      body: JSON.stringify(events),
    });
    return { status: response.status, ...(await response.json()) };
  }
}

export const note = (text, extra = {}) => ({ type: "status_update", payload: { status: String(text) }, ...extra });

/** The five critical events of a run, in order. */
export const run = (id) => [
  { type: "agent_started", run_id: id, agent_name: "helper", payload: { agent_name: "helper", task: "count" } },
  { type: "agent_thinking", run_id: id, agent_name: "helper", payload: { thought: "one, two" } },
  { type: "tool_executing", run_id: id, agent_name: "helper", payload: { tool_call_id: `${id}-call`, tool_name: "count" } },
  { type: "tool_completed", run_id: id, agent_name: "helper", payload: { tool_call_id: `${id}-call`, tool_name: "count", status: "ok", duration_ms: 1 } },
  { type: "agent_completed", run_id: id, agent_name: "helper", payload: { status: "success", duration_ms: 2 } },
];
