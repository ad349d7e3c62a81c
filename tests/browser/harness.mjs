// Opens the pages in Chromium, or in Firefox where HYPERSYNTH_BROWSER=firefox. A page that logs an error, asks for anything but its own files or shows a dialog that the
// test has not announced fails its test.
import assert from "node:assert/strict";
import {existsSync} from "node:fs";
import {createRequire} from "node:module";
import {after, before} from "node:test";
import {pathToFileURL} from "node:url";

const require = createRequire(process.env.HYPERSYNTH_NODE + "/");
const {chromium, firefox} = require("playwright-core");
export const axe = require.resolve("axe-core/axe.min.js");
export const folder = process.env.HYPERSYNTH_PAGES;

const programAt = (name) => process.env.PATH.split(":").map((place) => place + "/" + name).find(existsSync);
const launch = {
  // As root, and in most containers, Chromium starts without its sandbox only. WebGL is drawn without a graphics card.
  chromium: () => chromium.launch({executablePath: programAt("chromium"),
                                   args: ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]}),
  // Debian's own, which is driven by WebDriver BiDi.
  firefox: () => firefox.launch({channel: "moz-firefox", executablePath: programAt("firefox-esr")}),
};
let browser;
before(async () => { browser = await launch[process.env.HYPERSYNTH_BROWSER ?? "chromium"](); });
after(() => browser?.close());

export const address = (file) => pathToFileURL(folder + "/" + file).href;

// A fresh browser profile: its pages share storage, as the tabs of a reader do.
export async function reader(t, options = {}) {
  const context = await browser.newContext({viewport: {width: 1400, height: 900}, reducedMotion: "reduce", ...options});
  context.setDefaultTimeout(120000);  // on a busy machine too
  const faults = [];
  t.after(async () => {
    await context.close();
    assert.deepEqual(faults, [], "faults of the page");
  });
  context.on("page", (page) => {
    page.on("pageerror", (error) => faults.push("error: " + error.message));
    page.on("console", (message) => { if (["error", "warning"].includes(message.type())) faults.push(message.type() + ": " + message.text()); });
    page.on("request", (request) => { if (!/^(file|data|blob):/.test(request.url())) faults.push("request: " + request.url()); });
    page.on("requestfailed", (request) => {
      // A page that is loaded again or closed breaks off what it was loading.
      if (!/ABORTED/.test(request.failure()?.errorText ?? "")) faults.push("not found: " + request.url());
    });
    page.on("dialog", (dialog) => { faults.push("dialog: " + dialog.message()); dialog.dismiss(); });
  });
  return {
    context,
    async open(file) {
      const page = await context.newPage();
      await page.goto(address(file));
      return page;
    },
  };
}

// What axe finds on the page as it is, and whether it fits the widths of a phone, a tablet and a screen.
export async function assertSound(page) {
  await page.addScriptTag({path: axe});
  for (const width of [400, 900, 1400]) {
    await page.setViewportSize({width, height: 900});
    const found = await page.evaluate(async () => (await globalThis.axe.run(document)).violations
      .map(({id, nodes}) => id + ": " + nodes.slice(0, 3).map(({html}) => html.slice(0, 200)).join(" | ")));
    assert.deepEqual(found, [], "at " + width + " px");
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(wide <= 0, wide + " px too wide at " + width + " px");
  }
}

// What the page says of the last key or button.
export const said = async (page) => (await page.textContent("#toast")).replace(/[\u2068\u2069]/g, "");

export const texts = (page, selector) => page.locator(selector).allTextContents();

// The image names of the table, in their order.
export const images = (page) => texts(page, "#rows tbody th");

// Filters the table at once; the page itself waits for the end of the typing.
export async function filter(page, text) {
  await page.fill("#filter", text);
  await page.evaluate(() => table.refresh());
}
