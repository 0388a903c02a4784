// samples/load-balanced/run.sh: nginx, two nodes and Redis, as a user starts them.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { built, until } from "./service.js";

const missing = ["redis-server", "nginx", "curl"].filter((name) => spawnSync("bash", ["-c", `PATH=$PATH:/usr/sbin; command -v ${name}`]).status !== 0);

/** Why the tests that need it are skipped; false when all is there. */
export const skipBalanced = missing.length > 0 && `not installed: ${missing}`;

export class Balanced {
  output = "";

  static async start() {
    const balanced = new Balanced();
    balanced.data = mkdtempSync(join(tmpdir(), "hubservice-balanced-"));
    balanced.script = spawn("bash", [new URL("../../../samples/load-balanced/run.sh", import.meta.url).pathname], {
      env: { ...process.env, HUBSERVICE_DLL: built(), HUB_DATA: balanced.data },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [balanced.script.stdout, balanced.script.stderr]) stream.on("data", (d) => (balanced.output += d));
    balanced.url = await until(() => {
      assert.equal(balanced.script.exitCode, null, balanced.output);
      return balanced.output.match(/^(http:\S+) .*nginx[^]*Ctrl-C/m)?.[1];
    }, "run.sh says where it is");
    return balanced;
  }

  get port() {
    return Number(new URL(this.url).port);
  }

  async token(roles = ["user", "publisher"], streams = ["thread:*"]) {
    const answer = await fetch(`${this.url}/api/dev/token`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ roles, streams }) });
    assert.equal(answer.status, 200);
    return (await answer.json()).access_token;
  }

  /** Publishes to a thread, over whichever node nginx picks. */
  async publish(thread, events, text) {
    const headers = { "content-type": "application/json", authorization: `Bearer ${text}` };
    const response = await fetch(`${this.url}/api/v1/threads/${thread}/events`, { method: "POST", headers, body: JSON.stringify(events) });
    assert.equal(response.status, 200, await response.text());
  }

  async stop() {
    this.script.kill("SIGTERM");
    await new Promise((done) => (this.script.exitCode === null ? this.script.once("exit", done) : done()));
    rmSync(this.data, { recursive: true, force: true });
  }
}
