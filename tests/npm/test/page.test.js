// The service's own page in Chromium: it connects through the client, is cut by hand, and resumes.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { Browser, skipChromium } from "../support/browser.js";
import { built, Service } from "../support/service.js";

const skip = skipChromium || (!existsSync(join(dirname(built()), "wwwroot/index.html")) && "The page is not built.");
let service, chromium, page;
before(async () => {
  if (skip) return;
  service = await Service.start();
  chromium = await Browser.launch();
  page = await chromium.newPage();
  await page.goto(service.url);
});
after(async () => {
  await chromium?.close();
  await service?.stop();
});

test("the page signs in, connects to both hubs, and resumes after its connection was dropped by hand", { skip }, async () => {
  const errors = [];
  page.on("pageerror", (error) => errors.push(error.message));
  const project = page.locator(".hub", { hasText: "Project" });
  await page.locator(".hub", { hasText: "Agent" }).getByText(/connected · \d+ ms/).waitFor();
  await project.getByText(/connected · \d+ ms/).waitFor();
  await project.getByRole("button", { name: "Drop the connection" }).click();
  await project.getByRole("button", { name: "Connect now" }).waitFor();
  await project.getByText(/resumed: \d+ events? replayed, 0 lost/).waitFor();
  assert.match(await project.locator(".counters").textContent(), /0 gaps0 duplicates/);
  assert.deepEqual(errors, []);
});
