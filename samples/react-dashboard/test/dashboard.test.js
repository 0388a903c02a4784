// The built dashboard in Chromium, against the real service, over a wire that can be cut.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { preview } from "vite";
import { Browser, skipChromium as skip } from "../../../tests/npm/support/browser.js";
import { Wire } from "../../../tests/npm/support/proxy.js";
import { Service, until } from "../../../tests/npm/support/service.js";
import { serveGuide } from "../../../tests/npm/support/worker.js";

const closing = [];
let service, wire, page, errors;

before(async () => {
  if (skip) return;
  service = await Service.start();
  closing.push(() => service.stop());
  wire = await Wire.to(service.port);
  closing.push(() => wire.close());
  process.env.HUB_URL = wire.url;
  const root = new URL("..", import.meta.url).pathname;
  const site = await preview({ root, logLevel: "silent", preview: { port: 0, host: "127.0.0.1" } });
  closing.push(() => site.close());
  const browser = await Browser.launch();
  closing.push(() => browser.close());
  page = await browser.newPage();
  errors = [];
  page.on("pageerror", (error) => errors.push(error.message));
  await page.goto(`http://127.0.0.1:${site.httpServer.address().port}/?project=dashboard`);
});
after(async () => {
  for (const close of closing.reverse()) await close();
});

/** The page's user is of the development tenant, and so are these. */
async function developmentToken() {
  const body = JSON.stringify({
    subject: "worker",
    roles: ["user", "worker", "publisher"],
    streams: ["thread:*", "project:*"],
  });
  const answer = await fetch(`${service.url}/api/dev/token`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
  return (await answer.json()).access_token;
}

const chat = () => page.getByRole("region", { name: "Chat" });
const project = () => page.getByRole("region", { name: "Project" });

async function say(text) {
  await chat().getByLabel("Message").fill(text);
  await chat().getByRole("button", { name: "Send", exact: true }).click();
}

test("the page connects once per hub under StrictMode and shows the health", { skip }, async () => {
  await page.getByText(/guide: connected, \d+ ms/).waitFor();
  await page.getByText(/project:dashboard: connected/).waitFor();
  const metrics = await (await fetch(`${service.url}/metrics`)).text();
  assert.match(metrics, /^hubservice_connections 2$/m);
});

test("a message that nobody takes says so and is sent again; the answer streams in", { skip }, async () => {
  await say("Where is order 1042?");
  await chat().getByRole("alert").getByText("No worker").waitFor();
  let answers = 0;
  const worker = await serveGuide(service.url, await developmentToken(), async (_, publish) => {
    const message_id = `msg_answer_${++answers}`;
    await publish("agent_started", { agent_name: "guide" });
    const words = ["Answer ", `${answers}`, ": on ", "its ", "way."];
    for (const [stream_index, delta] of words.entries())
      await publish("agent_streaming", { message_id, delta, stream_index });
    await publish("agent_message", { message_id, role: "assistant", text: words.join("") });
    await publish("agent_completed", { status: "success", duration_ms: 1 });
  });
  closing.push(() => worker.stop());
  await chat().getByRole("button", { name: "Send again" }).click();
  await chat().locator('[data-role="assistant"][data-state="done"]').getByText("Answer 1: on its way.").waitFor();
  assert.equal(await chat().locator('[data-role="user"]').count(), 1);
});

test("a project's stages move, and its confirmation is given", { skip }, async () => {
  const headers = { "content-type": "application/json", authorization: `Bearer ${await developmentToken()}` };
  const events = [
    { name: "LOG_LINE", payload: { run_id: "system", level: "info", text: "The prompt was read." } },
    {
      name: "WAITING_CONFIRMATION",
      payload: { stage_id: "PARSE_INTENT", summary: "A classifier, then?", next_actions: [] },
    },
  ];
  const posted = await fetch(`${service.url}/api/v1/projects/dashboard/events`, {
    method: "POST",
    headers,
    body: JSON.stringify(events),
  });
  assert.equal(posted.status, 200, await posted.text());
  await project().getByText("The prompt was read.").waitFor();
  await project().getByText("A classifier, then?").waitFor();
  await project().getByRole("button", { name: "Confirm" }).click();
  await project().locator('[data-status="COMPLETED"]').getByText("PARSE_INTENT").waitFor();
  assert.match(await project().locator('[aria-current="step"]').textContent(), /DATA_SOURCE IN_PROGRESS/);
});

test("a lost connection is told, what is sent meanwhile waits, and nothing is missing afterwards", {
  skip,
}, async () => {
  wire.broken = true;
  wire.cut();
  await page.getByText("The connection is lost.").waitFor();
  await say("Are you there?");
  await chat().locator('[data-state="queued"]').getByText("Are you there?").waitFor();
  wire.broken = false;
  await page.getByRole("button", { name: "Try now" }).click();
  await chat().getByText("Answer 2").waitFor();
  await until(async () => (await page.getByText("The connection is lost.").count()) === 0);
  assert.deepEqual(await chat().locator('[data-role="user"]').allTextContents(), [
    "Where is order 1042?",
    "Are you there?",
  ]);
  assert.deepEqual(errors, []);
});
