// The page of a subject: measures, overlays, large pictures, tools.
import assert from "node:assert/strict";
import {test} from "node:test";

import {reader, texts} from "./harness.mjs";

test("the measures that the verdict is about are flagged", async (t) => {
  const page = await (await reader(t)).open("sub-0054.html");
  assert.equal(await page.textContent("#summary td:nth-child(2)"), "fail");
  assert.equal(await page.textContent("#summary td:nth-child(4)"), "2");  // one fails, one is a warning
  assert.deepEqual(await texts(page, ".measures td:nth-child(3)"), ["fail", "warning", "pass", "", ""]);
});

test("measures within their limits are folded by family", async (t) => {
  const page = await (await reader(t)).open("sub-0054.html");
  const families = page.locator("details.family");
  assert.deepEqual(await families.locator("summary").allTextContents(), ["Contrast (1)", "Sharpness (1)", "Segmentation (1)"]);
  assert.equal(await families.first().locator("table").isVisible(), false);
  await families.first().locator("summary").focus();
  await page.keyboard.press("Enter");
  assert.equal(await families.first().locator("table").isVisible(), true);
  // The arrow of a measure's direction is also there in words.
  assert.match(await families.first().locator("tbody th").textContent(), /\u2191 \(higher is better\)$/);
});

test("the measures fit a narrow screen", async (t) => {
  const page = await (await reader(t)).open("sub-0054.html");
  await page.setViewportSize({width: 400, height: 800});
  for (const summary of await page.locator("details.family summary").all()) await summary.click();
  const widths = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.equal(widths[0], widths[1]);
});

test("overlays change by key and by mouse", async (t) => {
  const page = await (await reader(t)).open("sub-0001.html");
  const shown = () => page.locator("main .overlay.on").evaluateAll((images) => [...new Set(images.map(({dataset}) => dataset.layer))]);
  // The picture of the background has an overlay of its own, which is shown with each of the others.
  assert.deepEqual(await shown(), ["Structures", "Air and artefacts"]);
  await page.keyboard.press("o");
  assert.deepEqual(await shown(), ["Brain mask", "Air and artefacts"]);
  await page.keyboard.press("o");
  assert.deepEqual(await shown(), []);
  await page.click("#layers-tool >> text=Structures");
  assert.deepEqual(await shown(), ["Structures", "Air and artefacts"]);
});

test("a picture is opened large with the keyboard, and Escape leads back", async (t) => {
  const page = await (await reader(t)).open("sub-0001.html");
  const picture = page.locator("main .layers").first();
  await picture.focus();
  await page.keyboard.press("Enter");
  const width = () => page.locator(".zoom-area .layers").evaluate((layers) => layers.clientWidth);
  const before = await width();
  await page.keyboard.press("+");
  assert.ok(await width() > before);
  await page.keyboard.press("Escape");
  await page.waitForSelector("dialog", {state: "detached"});
  assert.equal(await picture.evaluate((layers) => layers === document.activeElement), true);
});

test("the tools for overlays stay in view on a narrow window", async (t) => {
  for (const width of [400, 900]) {
    const page = await (await reader(t, {viewport: {width, height: 800}})).open("sub-0001.html");
    await page.evaluate(() => scrollTo({top: 2000, behavior: "instant"}));
    const bar = await page.locator("header.bar").evaluate((element) => element.getBoundingClientRect().toJSON());
    assert.ok(bar.top >= 0 && bar.bottom < 90, JSON.stringify(bar));
    await page.click("#layers-tool >> text=None");
    assert.equal(await page.locator("main .overlay.on").count(), 0);
  }
});

test("the keys are listed, and the theme is kept", async (t) => {
  const {context, open} = await reader(t);
  const page = await open("sub-0001.html");
  await page.keyboard.press("?");
  assert.match(await page.locator("dialog").innerText(), /clear its rating/);
  await page.keyboard.press("Escape");
  await page.keyboard.press("t");
  await page.keyboard.press("t");
  assert.equal(await page.locator("html").getAttribute("data-theme"), "dark");
  const other = await context.newPage();
  await other.goto(page.url());
  assert.equal(await other.locator("html").getAttribute("data-theme"), "dark");
});
