// Ratings: by key and mouse, cleared, saved as a table, read back, kept apart.
import assert from "node:assert/strict";
import {readFileSync, writeFileSync} from "node:fs";
import {join} from "node:path";
import {test} from "node:test";

import {filter, folder, reader} from "./harness.mjs";

const scroll = (page, to) => page.evaluate((at) => scrollTo({top: at === "end" ? document.body.scrollHeight : 0, behavior: "instant"}), to);
const chosen = (page, index = 0) => page.locator(".rating").nth(index).locator("input[type=radio]:checked").evaluateAll((inputs) => inputs.map(({value}) => value));

async function saved(page) {
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("#download-ratings")]);
  return {name: download.suggestedFilename(), text: readFileSync(await download.path(), "utf8")};
}

async function load(page, text, name = "other.tsv") {
  await page.setInputFiles("#load-ratings", {name, mimeType: "text/tab-separated-values", buffer: Buffer.from(text)});
  await page.waitForFunction((file) => document.getElementById("loaded").textContent.includes(file), name);
  const told = await page.textContent("#loaded");
  await page.evaluate(() => { document.getElementById("loaded").textContent = ""; });
  return told.replace(/[\u2068\u2069]/g, "");
}

// A table with the images of the page; each record is [row, rater, time, rating, reasons, comment] or has its own image.
async function table(page, records) {
  const rows = await page.evaluate(() => group.rows.map(({image, digest}) => ({image, digest})));
  const head = "image\trater\ttime\trating\treasons\tcomment\tsegmentation_digest\n";
  return head + records.map(([row, ...cells]) => [rows[row]?.image ?? row, ...cells, rows[row]?.digest ?? "n/a"].join("\t") + "\n").join("");
}

test("keys rate the image in view, also at the top of the page, and say so", async (t) => {
  const page = await (await reader(t)).open("sub-0001.html");
  await scroll(page, "start");
  await page.keyboard.press("1");
  assert.deepEqual(await chosen(page), ["pass"]);
  assert.equal((await page.textContent("#toast")).replace(/[\u2068\u2069]/g, ""), "sub-0001_ses-1_T1w.nii.gz: rated pass");
  assert.ok(await page.isVisible("#toast"));
  assert.match(await page.textContent("td.rated"), /pass/);
  assert.equal(await page.textContent("#progress"), "1 of 1 image rated (1 pass, 0 unsure, 0 fail).");
  await scroll(page, "end");
  await page.keyboard.press("2");
  assert.deepEqual(await chosen(page), ["unsure"]);
  await page.reload();
  assert.deepEqual(await chosen(page), ["unsure"]);
});

test("a rating is cleared by key or button and does not come back", async (t) => {
  const page = await (await reader(t)).open("sub-0001.html");
  await page.keyboard.press("3");
  await page.keyboard.press("0");
  assert.deepEqual(await chosen(page), []);
  assert.match(await page.textContent("#toast"), /rating cleared/);
  assert.match(await page.textContent(".saved"), /^Not rated yet/);
  await page.keyboard.press("3");
  await page.click(".rating .clear");
  await page.reload();
  assert.deepEqual(await chosen(page), []);
  assert.equal(await page.isVisible(".rating .clear"), false);
  assert.equal(await page.textContent("#progress"), "0 of 1 image rated.");
});

test("of several images the one in view is rated", async (t) => {
  const page = await (await reader(t)).open("sub-three.html");
  await page.keyboard.press("1");
  await page.locator("section.image").nth(1).evaluate((section) => section.scrollIntoView({behavior: "instant"}));
  await page.keyboard.press("3");
  assert.deepEqual([await chosen(page, 0), await chosen(page, 1), await chosen(page, 2)], [["pass"], ["fail"], []]);
});

test("keys typed into a comment rate nothing", async (t) => {
  const page = await (await reader(t)).open("sub-0001.html");
  await page.locator("textarea").pressSequentially("3 slices, 1 ghost");
  assert.deepEqual(await chosen(page), []);
  await page.reload();
  assert.equal(await page.inputValue("textarea"), "3 slices, 1 ghost");
});

test("ratings are saved as a table that another browser reads back", async (t) => {
  const one = await reader(t);
  const report = await one.open("sub-0001.html");
  await report.fill("#rater", "AB");
  await report.keyboard.press("Tab");
  await report.click(".rating .choice:has-text('fail')");
  await report.check(".rating .reasons input >> nth=0");
  await report.check(".rating .reasons input >> nth=1");
  await report.fill("textarea", "a ghost,\ttwice\n\u05d0");
  const file = await saved(report);
  assert.equal(file.name, "ratings_sub-0001_AB.tsv");
  const [head, row, end] = file.text.split("\n");
  assert.equal(head, "image\trater\ttime\trating\treasons\tcomment\tsegmentation_digest");
  assert.match(row, /^sub-0001\/.*\tAB\t20[^\t]*Z\tfail\thead motion; eye spillover\ta ghost, twice \u05d0\t\d+$/);
  assert.equal(end, "");
  assert.equal((await saved(await one.open("group_T1w.html"))).text, file.text);

  const group = await (await reader(t)).open("group_T1w.html");
  await group.fill("#rater", "AB");
  await group.keyboard.press("Tab");
  assert.equal(await load(group, file.text), "other.tsv: 1 rating taken over.");
  assert.equal(await load(group, file.text), "other.tsv: 0 ratings taken over. 1 rating already here.");
  await filter(group, "rating:fail");
  assert.equal(await group.textContent("#found"), "1 of 62 images.");
});

test("the description of the columns comes with the ratings, as a sidecar of the same name", async (t) => {
  for (const file of ["sub-0001.html", "group_T1w.html"]) {
    const page = await (await reader(t)).open(file);
    await page.fill("#rater", "A / B");
    await page.keyboard.press("Tab");
    const [download] = await Promise.all([page.waitForEvent("download"), page.click("#download-columns")]);
    assert.equal(download.suggestedFilename(), (file.startsWith("sub") ? "ratings_sub-0001" : "ratings_T1w") + "_A-B.json");
    const columns = JSON.parse(readFileSync(await download.path(), "utf8"));
    assert.deepEqual(Object.keys(columns), (await page.evaluate(() => ratings.columns)));
    const boxes = await page.locator(".rating .reasons input").evaluateAll((inputs) => inputs.map(({value}) => value));
    assert.deepEqual(Object.keys(columns.reasons.Levels), boxes);
  }
});

test("older, foreign and broken records change nothing and are told", async (t) => {
  const {context, open} = await reader(t);
  const group = await open("group_T1w.html");
  await load(group, await table(group, [[0, "", "2025-06-02T10:00:00Z", "fail", "artefact", "n/a"]]));
  const told = await load(group, await table(group, [
    [0, "", "2025-06-01T10:00:00Z", "pass", "n/a", "older"],
    [3, "", "2025-06-01T10:00:00Z", "unsure", "n/a", "n/a"],
    ["sub-99/anat/sub-99_T1w.nii.gz", "", "2025-06-01T10:00:00Z", "pass", "n/a", "n/a"],
    [4, "", "2025-06-01T10:00:00Z", "good", "n/a", "n/a"],
    [5, "", "yesterday", "pass", "n/a", "n/a"],
    [6, "", "2025-06-01T10:00:00Z", "pass"],
  ]));
  assert.equal(told, "other.tsv: 1 rating taken over. 1 rating left out, older than the one kept here. " +
    "1 rating left out, of images that are not on this page: sub-99/anat/sub-99_T1w.nii.gz. " +
    "line 5: expected pass, unsure, fail or cleared, found \u201cgood\u201d. " +
    "line 6: expected a time such as 2025-06-01T12:00:00Z, found \u201cyesterday\u201d. line 7: expected 7 cells, found 5.");
  assert.match(await group.textContent("#progress"), /^2 of 60 images rated \(0 pass, 1 unsure, 1 fail\)/);
  const other = (await table(group, [[7, "", "2025-06-01T10:00:00Z", "pass", "n/a", "n/a"]])).replace(/\d+\n$/, "another\n");
  assert.match(await load(group, other), /1 rating left out, given to another segmentation of the image: sub-/);
  assert.match(await load(group, "{\"ratings\": []}", "old.json"), /^old\.json: 0 ratings taken over\. it is no table of ratings: expected the columns image, time/);
  // The page of an image with a record that lacks everything but its time.
  await group.evaluate(() => localStorage.setItem(ratings.key(group.rows[0]), JSON.stringify([{time: "2025-06-03T10:00:00Z", rating: "pass"}, null, 7])));
  const report = await context.newPage();
  await report.goto(await group.evaluate(() => new URL(group.rows[0].link, location).href));
  assert.deepEqual(await chosen(report), ["pass"]);
  await report.evaluate(() => localStorage.setItem(ratings.key(page.data.images[0]), "not JSON"));
  await report.reload();
  assert.deepEqual(await chosen(report), []);
});

test("two raters are kept apart, and a cleared rating is not brought back by an older file", async (t) => {
  const {context, open} = await reader(t);
  const group = await open("group_T1w.html");
  await group.fill("#rater", "AB");
  await group.keyboard.press("Tab");
  const file = await table(group, [[0, "AB", "2025-06-01T10:00:00Z", "pass", "n/a", "n/a"], [0, "CD", "2025-06-01T10:00:00Z", "fail", "n/a", "n/a"]]);
  assert.equal(await load(group, file), "other.tsv: 2 ratings taken over.");
  await filter(group, "sub-0001");
  assert.match(await group.innerText("#rows tbody tr"), /pass\s+CD fail/);
  const report = await context.newPage();
  await report.goto(await group.evaluate(() => new URL(group.rows[0].link, location).href));
  assert.match((await report.textContent(".saved")).replace(/[\u2068\u2069]/g, ""), /CD: fail\.$/);
  await report.keyboard.press("0");
  assert.equal(await load(group, file), "other.tsv: 0 ratings taken over. 1 rating already here. 1 rating left out, older than the one kept here.");
  await filter(group, "sub-0001 rating:none");
  assert.equal(await group.textContent("#found"), "1 of 62 images.");
});

test("a saved table takes a rating back that another browser has from an older one", async (t) => {
  const one = await (await reader(t)).open("sub-0001.html");
  await one.fill("#rater", "AB");
  await one.keyboard.press("Tab");
  await one.click(".rating .choice:has-text('fail')");
  const given = (await saved(one)).text;
  await one.click(".rating .clear");
  const cleared = (await saved(one)).text;
  assert.match(cleared, /\tAB\t20[^\t]*Z\tcleared\tn\/a\tn\/a\t/);

  const other = await (await reader(t)).open("group_T1w.html");
  assert.equal(await load(other, given), "other.tsv: 1 rating taken over.");
  await filter(other, "rater:AB");
  assert.equal(await other.textContent("#found"), "1 of 62 images.");
  assert.equal(await load(other, cleared), "other.tsv: 1 rating taken over.");
  assert.equal(await other.textContent("#found"), "0 of 62 images.");
  assert.equal(await load(other, given), "other.tsv: 0 ratings taken over. 1 rating left out, older than the one kept here.");
});

test("the result of another run of the same image is not rated with this one", async (t) => {
  const {context, open} = await reader(t);
  const page = await open("sub-0001.html");
  await page.keyboard.press("1");
  const text = readFileSync(join(folder, "sub-0001.html"), "utf8");
  const digest = await page.evaluate(() => page.data.images[0].digest);
  const copy = join(folder, "sub-0001-again.html");
  writeFileSync(copy, text.replaceAll(digest, "another"));
  const other = await context.newPage();
  await other.goto("file://" + copy);
  assert.deepEqual(await chosen(other), []);
});

test("a time without a zone is UTC, wherever the browser is", async (t) => {
  const page = await (await reader(t, {timezoneId: "America/Los_Angeles"})).open("group_T1w.html");
  await load(page, await table(page, [[0, "AB", "2025-06-01T12:00:00", "fail", "n/a", "n/a"], [0, "AB", "2025-06-01T14:00:00Z", "pass", "n/a", "n/a"]]));
  assert.deepEqual(await page.evaluate(() => ratings.kept(group.rows[0]).map(({rating, time}) => rating + " " + time)), ["pass 2025-06-01T14:00:00.000Z"]);
  assert.match(await load(page, await table(page, [[0, "AB", "2025-06-01T14:00:00+0200", "fail", "n/a", "n/a"]])), /expected a time such as/);
});

test("each tab shows the rater under whose name it keeps ratings, and nameless ones stay with who gave them", async (t) => {
  const {context, open} = await reader(t);
  const report = await open("sub-0001.html");
  await report.keyboard.press("1");
  const group = await context.newPage();
  await group.goto(await report.evaluate(() => new URL("group_T1w.html", location).href));
  const name = async (page, rater) => { await page.fill("#rater", rater); await page.keyboard.press("Tab"); };
  await name(group, "AB");
  await name(report, "CD");
  await group.waitForFunction(() => document.getElementById("rater").value === "CD");
  const kept = () => group.evaluate(() => group.rows.flatMap((row) => ratings.kept(row)).map(({rater, rating}) => rater + " " + rating));
  assert.deepEqual(await kept(), ["AB pass"]);
});
