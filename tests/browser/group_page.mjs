// The table and the plots of the group page.
import assert from "node:assert/strict";
import {test} from "node:test";

import {filter, images, reader, texts} from "./harness.mjs";

const verdicts = async (page) => new Set(await texts(page, "#rows tbody td:nth-child(2)"));
const found = (page) => page.textContent("#found");
const problems = (page) => page.textContent("#filter-problems");

test("filter, order and columns are there again after a look at a report", async (t) => {
  const page = await (await reader(t)).open("group_T1w.html");
  await filter(page, "verdict:pass");
  await page.selectOption("#column-set", "volumes");
  await page.click("#rows th button:text-is('Image')");
  await page.click("#rows th button:text-is('Image')");
  await page.check("#of-icv");
  const before = await images(page);
  assert.ok(before.length > 10 && before[0] > before.at(-1));
  await page.click("#rows tbody tr:nth-child(2) a");
  await page.waitForURL(/sub-/);
  await page.goBack();
  assert.equal(await page.inputValue("#filter"), "verdict:pass");
  assert.equal(await page.inputValue("#column-set"), "volumes");
  assert.equal(await page.isChecked("#of-icv"), true);
  assert.deepEqual(await images(page), before);
  await page.reload();
  assert.deepEqual(await images(page), before);
});

test("the address holds the state, so that it can be sent to a colleague", async (t) => {
  const {context, open} = await reader(t);
  const page = await open("group_T1w.html");
  assert.equal(new URL(page.url()).search, "");
  await filter(page, "outliers>=1");
  await page.click("nav a[href='#volumes']");
  const other = await context.newPage();
  await other.goto(page.url());
  assert.equal(await other.inputValue("#filter"), "outliers>=1");
  assert.deepEqual(await images(other), await images(page));
});

test("a rating given in a report is in the table after Back, also from the browser's cache of pages", async (t) => {
  const {context, open} = await reader(t);
  const page = await open("group_T1w.html");
  await filter(page, "pass");
  const link = page.locator("#rows a").first();
  const report = await context.newPage();
  await report.goto(await link.evaluate((a) => a.href));
  await report.keyboard.press("3");
  await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pageshow", {persisted: true})));
  assert.match(await page.textContent("#rows tbody tr:first-child td:nth-child(3)"), /fail/);
  assert.match(await page.textContent("#progress"), /^1 of 60 images rated \(0 pass, 0 unsure, 1 fail\)/);
});

test("the filter compares, negates and knows verdicts, ratings, participants and missing values", async (t) => {
  const page = await (await reader(t)).open("group_T1w.html");
  const count = async (text) => {
    await filter(page, text);
    assert.equal(await problems(page), "", text);
    return Number((await found(page)).split(" ")[0]);
  };
  const all = await count("");
  assert.equal(all, 62);
  const some = await count("outliers>=1");
  assert.ok(some > 0 && some < all);
  assert.equal(await count("outliers > 0"), some);
  assert.equal(await count("outliers < 1"), all - some);
  assert.equal(await count("-outliers>=1"), all - some);
  assert.ok(await count("volume_outliers>=1") > 0);
  assert.equal(await count("verdict:fail"), 1);
  assert.deepEqual(await verdicts(page), new Set(["fail"]));
  assert.equal(await count("fail"), 1);
  assert.equal(await count("verdict:error"), 2);
  const passed = await count("verdict:pass");
  assert.equal(await count("-pass"), all - passed);
  assert.equal(await count("pass"), passed);
  assert.equal(await count("rating:none"), all);
  assert.equal(await count("unrated"), all);
  assert.equal(await count("rated"), 0);
  assert.equal(await count("age>25"), await count("age>=26"));
  assert.equal(await count("sex:F") + await count("sex:M"), 60);
  assert.equal(await count("sex:none"), 2);
  assert.equal(await count("cnr:none"), 2 + 2);
  assert.equal(await count("qi_1:none"), all);
  assert.equal(await count("qi_1<1"), 0);
  assert.equal(await count("reason:missing"), 1);
  assert.equal(await count("SUB-0010"), 1);
  assert.equal(await count('"sub-0010_ses-1"'), 1);
  assert.equal(await count("icv_mm3>1e3 sex:F"), 30);
  assert.equal(await count("left_thalamus_mm3\u22651"), 60);
});

test("what is not understood is named, and the rest of the filter holds", async (t) => {
  const page = await (await reader(t)).open("group_T1w.html");
  for (const [text, message] of [
    ["foo>1", "\u201cfoo>1\u201d: no measure or column has the name foo"],
    ["snr>1", "similar: snr_total"],
    ["verdict:bad", "expected pass, warning, fail, error, none, any after verdict:, found bad"],
    ["verdict>2", "verdict has no numbers to compare"],
    ["sex>2", "sex has no numbers to compare"],
    ["cnr>3,5", "expected a number after >, found 3,5"],
    ["cnr>", "expected a name, a comparison and a value"],
    ["-", "expected a word or a comparison"],
  ]) {
    await filter(page, "fail " + text);
    assert.ok((await problems(page)).includes(message), text + " gives: " + await problems(page));
    assert.equal(await found(page), "1 of 62 images.");
  }
  await filter(page, "");
  assert.equal(await page.isVisible("#filter-problems"), false);
});

test("the table starts with what is worst, says why, and fits twenty rows on a screen", async (t) => {
  const page = await (await reader(t)).open("group_T1w.html");
  const first = await page.locator("#rows tbody tr:nth-child(3)").innerText();
  assert.match(first, /fail.*Signal-to-noise ratio: 4, below 5; Missing structures/s);
  const heads = await texts(page, "#rows thead button");
  assert.deepEqual(heads.slice(0, 6), ["Image", "Verdict", "Your rating", "Reasons of the verdict", "Outliers", "Volume outliers"]);
  assert.ok(heads.includes("Contrast-to-noise ratio") && !heads.includes("left thalamus, mm\u00b3"));
  const height = await page.locator("#rows tbody tr:nth-child(4)").evaluate((row) => row.getBoundingClientRect().height);
  assert.ok(height < 34, "a row is " + height + " px high");
  const box = await page.locator(".rows-box").evaluate((element) => element.clientHeight);
  assert.ok(box / height > 20, box / height + " rows");
});

test("failed images are rows with their reason and a link", async (t) => {
  const page = await (await reader(t)).open("group_T1w.html");
  await filter(page, "error");
  assert.match(await page.locator("#rows tbody").innerText(), /error\s+expected a NIfTI image, found an empty file/);
  await page.click("#rows a");
  await page.waitForURL(/sub-none.html#failures/);
  await page.click("#summary a:text-is('T1w')");
  await page.waitForURL(/group_T1w.html/);
});

test("a measure that no image has is said to be missing, not drawn as zero", async (t) => {
  const page = await (await reader(t)).open("group_T1w.html");
  const strip = page.locator(".strip", {hasText: "Artefacts in air"});
  await strip.scrollIntoViewIfNeeded();
  await page.waitForTimeout(200);
  assert.equal(await strip.innerText(), "Artefacts in air\n\nNot measured in any image.");
  assert.match(await page.locator(".strip", {hasText: "Contrast-to-noise"}).innerText(), /58 of 60 measured/);
  await page.selectOption("#column-set", "quality");
  assert.equal(await page.locator("#rows tbody tr:nth-child(5) td").last().innerText(), "n/a");
});

test("the plots are read with the keyboard", async (t) => {
  const page = await (await reader(t)).open("group_T1w.html");
  const plot = page.locator("#quality-strips svg").first();
  await plot.scrollIntoViewIfNeeded();
  await page.focus("#quality .measure-filter");
  await page.keyboard.press("Tab");
  assert.equal(await plot.evaluate((element) => element === document.activeElement), true);
  await page.keyboard.press("Home");
  const lowest = await plot.getAttribute("aria-valuetext");
  assert.match(lowest, /sub-.*: 3\.\d+, robust z \u2212/);
  assert.equal(await page.textContent("#tip"), lowest);
  await page.keyboard.press("ArrowRight");
  assert.notEqual(await plot.getAttribute("aria-valuetext"), lowest);
  await page.keyboard.press("Enter");
  await page.waitForURL(/sub-.*html/);
});

test("a filter names z-scores, raters and their words, alternatives, and columns with blanks", async (t) => {
  const {open} = await reader(t);
  const page = await open("group_raters.html");
  const count = async (text) => {
    await filter(page, text);
    assert.equal(await problems(page), "", text);
    return Number((await found(page)).split(" ")[0]);
  };
  assert.equal(await count("ratings:disagree"), 1);
  assert.deepEqual(await images(page), ["sub-0001_ses-1_T1w.nii.gz"]);
  assert.equal(await count("ratings:agree"), 1);
  assert.equal(await count("ratings:one"), 1);
  assert.equal(await count("ratings:any"), 3);
  assert.equal(await count("-ratings:any"), 59);
  assert.equal(await count("rater:ef"), 3);
  assert.equal(await count("artefact:motion rater:ef"), 3);
  assert.equal(await count("verdict:pass,fail"), await count("pass") + await count("fail"));
  assert.equal(await count("verdict!=pass"), await count("-pass"));
  assert.equal(await count("z_snr_total<-3.5"), await count("z_snr_total<-3.5 outliers>=1"));
  assert.ok(await count("z_snr_total<-3.5") > 0);
  assert.equal(await count('"age">25'), await count("age>25"));
  assert.equal(await count("age:20,21,22"), await count("age>=20 age<=22"));
  const [name, value] = await page.evaluate(() => [group.measures[1].name, Number(group.measures[1].values[0].toPrecision(7))]);
  assert.equal(await count(name + "=" + value), 1);
  assert.match(await page.textContent("#raters"), /^Other raters: .*EF.*2 images rated by two or more, 1 with disagreement/);
  await filter(page, "fail verdict:pass,bad");
  assert.match(await problems(page), /expected pass, warning, fail, error, none, any after verdict:, found bad/);
  await filter(page, "cnr!=");
  assert.match(await problems(page), /expected a name, a comparison and a value/);
});

test("images are ordered by any measure or z-score, also one without a column", async (t) => {
  const page = await (await reader(t)).open("group_T1w.html");
  await page.selectOption("#order", "z:snr_total");
  const scores = () => page.evaluate(() => group.shown.slice(0, 50).map((row) => Math.abs(group.z(group.measures[0], row))));
  assert.deepEqual(await scores(), (await scores()).toSorted((a, b) => b - a));
  await page.click("#direction");
  assert.deepEqual(await scores(), (await scores()).toSorted((a, b) => a - b));
  await page.reload();
  assert.equal(await page.inputValue("#order"), "z:snr_total");
  await page.selectOption("#order", "left_thalamus_mm3");
  assert.equal(new URL(page.url()).searchParams.get("sort"), "-left_thalamus_mm3");
});

test("of many images only the rows in view are drawn, and the box goes to all of them", async (t) => {
  const page = await (await reader(t)).open("group_large.html");
  const drawn = () => page.locator("#rows tbody th").count();
  assert.ok(await drawn() < 120);
  const all = await page.evaluate(() => group.shown.map((row) => group.name(row)));
  await page.locator(".rows-box").evaluate((box) => { box.scrollTop = box.scrollHeight; });
  await page.waitForFunction((last) => [...document.querySelectorAll("#rows tbody th")].some(({textContent}) => textContent === last), all.at(-1));
  assert.ok(await drawn() < 120);
  await page.locator("#rows tbody a").last().focus();
  await page.locator(".rows-box").evaluate((box) => { box.scrollTop -= 40; });
  await page.waitForTimeout(100);
  assert.equal(await page.evaluate(() => document.activeElement.tagName), "A");
  assert.equal(await page.getAttribute("#rows", "aria-rowcount"), "2002");
});

test("two thousand images load and are filtered fast", async (t) => {
  const page = await (await reader(t)).open("group_large.html");
  const loaded = await page.evaluate(() => performance.getEntriesByType("navigation")[0].duration);
  const filtered = await page.evaluate(() => {
    document.getElementById("filter").value = "outliers>=1 -verdict:pass sub-00";
    const start = performance.now();
    table.refresh();
    document.getElementById("rows").getBoundingClientRect();
    return performance.now() - start;
  });
  t.diagnostic("loaded in " + Math.round(loaded) + " ms, filtered in " + Math.round(filtered) + " ms");
  assert.match(await found(page), /^[1-9]\d* of 2001 images/);
});
