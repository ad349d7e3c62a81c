// The wall of pictures.
import assert from "node:assert/strict";
import {test} from "node:test";

import {assertSound, filter, reader, said} from "./harness.mjs";

async function wall(t, file = "group_T1w.html") {
  const one = await reader(t), page = await one.open(file);
  await page.locator(".choice:has(input[value=wall])").click();
  return {page, ...one};
}

const names = (page) => page.locator(".card .name").allTextContents();

test("the pictures come in the order of the table, filtered as it is", async (t) => {
  const {page} = await wall(t);
  await page.selectOption("#order", "z:snr_total");
  const wanted = await page.evaluate(() => group.shown.map((row) => group.name(row)));
  const found = await names(page);
  assert.deepEqual(found, wanted.slice(0, found.length));
  await filter(page, "verdict:fail");
  assert.equal((await names(page)).length, 1);
  assert.match(await page.innerText(".card .facts"), /fail\s+Signal-to-noise ratio [\d.]+, z \u2212/);
  await filter(page, "verdict:error");
  assert.match(await page.innerText(".card"), /not segmented/);
});

test("pictures load only near the window, of two thousand images too", async (t) => {
  const {page} = await wall(t, "group_large.html");
  const count = () => page.locator(".card").count();
  assert.ok(await count() < 80);
  assert.ok(await page.locator(".card img").first().evaluate((image) => image.loading === "lazy"));
  const last = await page.evaluate(() => group.name(group.shown.at(-1)));
  await page.locator("#wall").evaluate((box) => { box.scrollTop = box.scrollHeight; });
  await page.waitForFunction((name) => [...document.querySelectorAll(".card .name")].at(-1)?.textContent === name, last);
  assert.ok(await count() < 80);
});

test("images are rated by button and by key, and a second press takes it back", async (t) => {
  const {page} = await wall(t);
  const card = page.locator(".card").nth(4), row = Number(await card.getAttribute("data-row"));
  const mine = () => page.evaluate((of) => group.mine[of]?.rating ?? null, row);
  const pressed = () => card.locator("[aria-pressed=true]").allTextContents();
  await card.locator("button:text-is('fail')").click();
  assert.equal(await mine(), "fail");
  assert.deepEqual(await pressed(), ["fail"]);
  assert.match(await said(page), /: rated fail\.$/);
  await card.locator("button:text-is('fail')").click();
  assert.equal(await mine(), null);
  await card.locator(".picture").focus();
  await page.keyboard.press("2");
  assert.deepEqual(await pressed(), ["unsure"]);
  await page.keyboard.press("u");
  assert.deepEqual(await pressed(), []);
  await page.evaluate(() => document.activeElement.blur());
  await page.mouse.move(0, 0);
  await page.keyboard.press("1");
  assert.match(await said(page), /^No image is chosen/);
  await card.hover();
  await page.keyboard.press("1");
  assert.deepEqual(await pressed(), ["pass"]);
});

test("arrow keys go from picture to picture, also to those that were not there yet", async (t) => {
  const {page} = await wall(t, "group_large.html");
  const at = () => page.evaluate(() => Number(document.activeElement.closest(".card").getAttribute("aria-posinset")));
  const columns = await page.evaluate(() => wall.columns);
  await page.locator(".card .picture").first().focus();
  await page.keyboard.press("ArrowRight");
  assert.equal(await at(), 2);
  for (let i = 0; i < 20; ++i) await page.keyboard.press("ArrowDown");
  assert.equal(await at(), 2 + 20 * columns);
  await page.keyboard.press("ArrowLeft");
  assert.equal(await at(), 1 + 20 * columns);
  await page.keyboard.press("Enter");
  assert.ok(await page.isVisible("#review"));
  await page.goBack();
  assert.ok(await page.isVisible("#wall"));
});

test("the wall and where it was scrolled to are there again after a look at a report", async (t) => {
  const {page} = await wall(t);
  await page.locator("#wall").evaluate((box) => { box.scrollTop = 700; });
  await page.waitForTimeout(100);
  await page.locator(".card .name a").nth(8).click();
  await page.waitForURL(/sub-/);
  await page.goBack();
  assert.ok(await page.isVisible("#wall"));
  assert.equal(Math.round(await page.locator("#wall").evaluate((box) => box.scrollTop)), 700);
});

test("names that try to break out have their pictures, and raters who disagree are seen", async (t) => {
  const {page} = await wall(t, "group_raters.html");
  await filter(page, "img");
  await page.locator(".card img").evaluate((image) => image.decode());
  assert.ok((await names(page))[0].includes("<img src=x"));
  await filter(page, "ratings:disagree");
  assert.match(await page.innerText(".card .marks"), /disagree/);
});

test("the wall is accessible and fits every width", async (t) => {
  const {page} = await wall(t);
  await assertSound(page);
});
