// The review: one image after the other, by keys alone.
import assert from "node:assert/strict";
import {test} from "node:test";

import {address, assertSound, filter, reader, said} from "./harness.mjs";

const place = (page) => page.textContent("#review-place");
const title = (page) => page.textContent("#review-title");
const rated = (page) => page.evaluate(() => group.mine.map((record) => record?.rating ?? null));

async function reviewing(t, file = "group_T1w.html") {
  const one = await reader(t);
  const page = await one.open(file);
  await page.keyboard.press("r");
  return {page, ...one};
}

test("fifty images are rated without a mouse, and what was rated is there after a reload", async (t) => {
  const {page} = await reviewing(t);
  assert.match(await place(page), /^Image 1 of 60 \u00b7 0 rated$/);
  const keys = ["1", "2", "3"], words = ["pass", "unsure", "fail"], expected = new Map();
  for (let i = 0; i < 50; ++i) {
    const name = await title(page);
    expected.set(name, words[i % 3]);
    await page.keyboard.press(keys[i % 3]);
    assert.match(await said(page), new RegExp(": rated " + words[i % 3] + "\\. Now " + (i + 2) + " of 60: "));
    assert.notEqual(await title(page), name);
  }
  assert.match(await place(page), /^Image 51 of 60 \u00b7 50 rated$/);
  await page.reload();
  const now = new Map(await page.evaluate(() => group.rows.map((_, row) => [group.name(row), group.mine[row]?.rating]).filter(([, rating]) => rating)));
  assert.deepEqual([...now].sort(), [...expected].sort());
  await page.keyboard.press("Escape");
  assert.match(await page.textContent("#progress"), /^50 of 60 images rated \(17 pass, 17 unsure, 16 fail\)/);
});

test("the queue is the filter in its order, without a rating first", async (t) => {
  const one = await reader(t), page = await one.open("group_T1w.html");
  await filter(page, "outliers>=1");
  const shown = await page.evaluate(() => group.shown.filter((row) => group.rows[row].verdict !== "error"));
  await page.evaluate((row) => groupRatings.rate(row, "pass"), shown[0]);
  await page.click("#start-review");
  assert.deepEqual(await page.evaluate(() => review.queue), [...shown.slice(1), shown[0]]);
  await page.keyboard.press("p");
  assert.equal(await said(page), "This is the first image.");
  for (let i = 1; i < shown.length; ++i) await page.keyboard.press("n");
  await page.keyboard.press("n");
  assert.match(await said(page), /^This is the last image\. \d+ of \d+ without a rating\.$/);
});

test("undo takes back one rating after the other and leads to its image", async (t) => {
  const {page} = await reviewing(t);
  const first = await title(page);
  await page.keyboard.press("1");
  await page.keyboard.press("3");
  await page.keyboard.press("u");
  await page.keyboard.press("u");
  assert.equal(await title(page), first);
  assert.match(await said(page), /^Undone\. .*: not rated\.$/);
  assert.deepEqual(new Set(await rated(page)), new Set([null]));
  await page.keyboard.press("u");
  assert.equal(await said(page), "There is nothing to undo.");
  await page.keyboard.press("2");
  await page.keyboard.press("p");
  await page.keyboard.press("1");
  await page.keyboard.press("u");
  assert.match(await said(page), /^Undone\. .*: rated unsure\.$/);
  await page.keyboard.press("0");
  assert.match(await said(page), /: rating cleared\.$/);
});

test("reasons and a comment are given by keys and stay with the rating", async (t) => {
  const {page} = await reviewing(t);
  await page.keyboard.press("a");
  await page.keyboard.press("Space");
  await page.keyboard.press("c");
  await page.keyboard.type("3 ghosts, n and p");
  await page.keyboard.press("Escape");
  const row = await page.evaluate(() => review.row());
  await page.keyboard.press("3");
  const {rating, reasons, comment} = await page.evaluate((of) => group.mine[of], row);
  assert.deepEqual({rating, reasons, comment}, {rating: "fail", reasons: ["head motion"], comment: "3 ghosts, n and p"});
  await page.keyboard.press("u");
  await page.keyboard.press("u");
  assert.equal(await page.evaluate((of) => group.mine[of], row), null);
});

test("Back leaves the review, Forward enters it again at the same image, and its address can be sent", async (t) => {
  const {page, context} = await reviewing(t);
  await page.keyboard.press("n");
  await page.keyboard.press("n");
  const name = await title(page), url = page.url();
  await page.goBack();
  assert.ok(await page.isVisible("#rows") && !await page.isVisible("#review"));
  await page.goForward();
  assert.equal(await title(page), name);
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => document.getElementById("review").hidden);
  assert.equal(new URL(page.url()).search, "");
  const other = await context.newPage();
  await other.goto(url);
  assert.equal(await title(other), name);
  await other.keyboard.press("Escape");
  assert.ok(await other.isVisible("#rows"));
});

test("the pictures have overlays that a key changes, and the report is one click away", async (t) => {
  const {page} = await reviewing(t);
  const shown = () => page.locator("#review-pictures .overlay.on").evaluateAll((found) => found.map(({dataset}) => dataset.layer));
  for (const name of ["Outlines", "Filled", "Brain mask"]) {
    assert.deepEqual(await shown(), [name, name, name, "Air and artefacts", "Bias field"]);
    await page.keyboard.press("o");
  }
  assert.deepEqual(await shown(), []);
  assert.match(await page.getAttribute("#review-report", "href"), /^sub-.*\.html#/);
  assert.equal(await page.locator("#review-pictures img").first().evaluate((image) => image.naturalWidth > 1000), true);
});

test("names that try to break out are shown as they are, with their pictures", async (t) => {
  const {page} = await reviewing(t);
  for (const part of ["<img", "\u05d0"]) {
    await page.evaluate((text) => { review.at = review.queue.findIndex((row) => group.rows[row].image.includes(text)); review.show(); }, part);
    assert.ok((await title(page)).includes(part));
    await page.waitForFunction(() => [...document.querySelectorAll("#review-pictures img")].every(({complete, naturalWidth}) => complete && naturalWidth > 0));
  }
  assert.equal(await page.locator("#review-pictures .missing").count(), 0);
});

test("the review is accessible and fits every width", async (t) => {
  const {page} = await reviewing(t, "group_raters.html");
  await assertSound(page);
});

test("without an image that passes the filter there is no review, and it is said", async (t) => {
  const page = await (await reader(t)).open("group_T1w.html");
  await filter(page, "verdict:error");
  await page.click("#start-review");
  assert.match(await said(page), /^No image to review/);
  assert.equal(await page.isVisible("#review"), false);
  await page.goto(address("group_T1w.html") + "?review=sub-none/anat/gone.nii.gz");
  assert.equal(await page.isVisible("#review"), false);
});

test("the table of many images is whole after a review", async (t) => {
  const {page} = await reviewing(t, "group_large.html");
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => !document.body.classList.contains("reviewing"));
  await page.locator(".rows-box").evaluate((box) => { box.scrollTop = box.scrollHeight; });
  await page.waitForFunction(() => [...document.querySelectorAll("#rows tr[data-row]")].some((line) => Number(line.getAttribute("aria-rowindex")) === Number(document.getElementById("rows").getAttribute("aria-rowcount"))));
});
