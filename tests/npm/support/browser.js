// Chromium with a page of another origin than the service's, which in Development may connect when it is of the same machine.
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import { chromium } from "playwright-core";

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";

/** Why the tests that need it are skipped; false when it is there. */
export const skipChromium = existsSync(executablePath) ? false : "Chromium is not installed.";

export class Browser {
  /** Opens a page that has loaded the script. */
  static async open(script) {
    const browser = new Browser();
    browser.files = createServer((request, response) => {
      const isScript = request.url === "/script.js";
      response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
      response.end(isScript ? script : "<!doctype html><script src=/script.js></script>");
    }).listen(0, "127.0.0.1");
    await new Promise((done) => browser.files.once("listening", done));
    browser.chromium = await Browser.launch();
    browser.page = await browser.chromium.newPage();
    await browser.page.goto(`http://127.0.0.1:${browser.files.address().port}/`);
    return browser;
  }

  static launch() {
    return chromium.launch({
      executablePath,
      args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"],
    });
  }

  async close() {
    await this.chromium.close();
    this.files.close();
  }
}
