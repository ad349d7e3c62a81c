// What holds for every page: sound, accessible, offline, readable at every width, on paper and without scripts.
import assert from "node:assert/strict";
import {existsSync, readdirSync, readFileSync} from "node:fs";
import {join} from "node:path";
import {test} from "node:test";
import {fileURLToPath} from "node:url";

import {axe, folder, reader} from "./harness.mjs";

const strange = readdirSync(folder).filter((name) => /^sub-[^a-z0-9].*\.html$/.test(name));
const shapes = ["group_T1w.html", "sub-0001.html"];  // one of each kind
const pages = [...shapes, "group_T2w.html", "sub-none.html", "sub-twice.html", ...strange];

test("the names that try to break out are there", () => assert.equal(strange.length, 2));

for (const file of shapes) {
  test(file + ": no violation of accessibility in the light and in the dark", async (t) => {
    const page = await (await reader(t)).open(file);
    await page.addScriptTag({path: axe});
    const violations = (options) => page.evaluate(async (wanted) => (await globalThis.axe.run(document, wanted)).violations
      .map(({id, nodes}) => id + ": " + nodes.slice(0, 3).map(({html}) => html.slice(0, 200)).join(" | ")), options);
    assert.deepEqual(await violations({}), []);
    await page.emulateMedia({colorScheme: "dark"});
    assert.deepEqual(await violations({runOnly: ["color-contrast"]}), []);
  });
}

for (const file of pages) {
  test(file + ": fits every width, can be printed, and what it links to is there", async (t) => {
    const page = await (await reader(t)).open(file);
    for (const width of [400, 900, 1400]) {
      await page.setViewportSize({width, height: 800});
      const wide = await page.evaluate(() => {
        const limit = document.documentElement.clientWidth;
        if (document.documentElement.scrollWidth <= limit) return [];
        return [...document.querySelectorAll("body *")].filter((element) => element.getBoundingClientRect().right > limit + 1)
          .map((element) => element.tagName + "." + element.className).slice(0, 5);
      });
      assert.deepEqual(wide, [], "at " + width + " px");
    }
    const links = await page.locator("a[href]").evaluateAll((found) => found.map(({href}) => href));
    for (const link of new Set(links)) {
      if (link.startsWith("https://doi.org/")) continue;
      const [place, id] = link.split("#");
      const target = fileURLToPath(place.split("?")[0]);
      assert.ok(existsSync(target), link);
      if (id) assert.ok(readFileSync(target, "utf8").includes('id="' + id + '"'), link);
    }
    const missing = await page.evaluate(async () => {
      const pictures = [...document.images];
      for (const picture of pictures) picture.loading = "eager";
      await Promise.allSettled(pictures.map((picture) => picture.decode()));
      return pictures.filter((picture) => !picture.naturalWidth).map(({src}) => src);
    });
    assert.deepEqual(missing, []);
    if (shapes.includes(file)) assert.ok((await page.pdf()).length > 10000);
  });
}

test("a name written from right to left turns no sentence round", async (t) => {
  const {open} = await reader(t);
  for (const file of ["group_T1w.html", strange.find((name) => name.includes("\u05d0"))]) {
    const page = await open(file);
    const [name, after] = await page.locator("#summary .lead").evaluate((line) => {
      const name = line.querySelector("b"), rest = document.createRange();
      rest.selectNodeContents(name.nextSibling);
      return [name.getBoundingClientRect(), rest.getBoundingClientRect()].map(({left, right}) => ({left, right}));
    });
    assert.ok(after.left >= name.right - 1, JSON.stringify({name, after}));
  }
});

test("without scripts the group page lists the reports", async (t) => {
  const page = await (await reader(t, {javaScriptEnabled: false})).open("group_T1w.html");
  assert.equal(await page.locator("#images li a:visible").count(), 60);
  assert.equal(await page.isVisible("#filter"), false);
  await page.click("#images li a >> nth=0");
  await page.waitForURL(/sub-0001.html/);
});

test("before the group level has run, its page says how to make it", async (t) => {
  const page = await (await reader(t)).open("group_T2w.html");
  assert.match(await page.textContent("main"), /has not been made yet.*hypersynth BIDS_DIR OUTPUT_DIR group/);
});

test("the menu marks the first section at the top and the one in view below", async (t) => {
  const page = await (await reader(t)).open("group_T1w.html");
  // The page marks sections as they come into view, a moment after the key.
  const marks = (title) => page.waitForFunction((expected) => {
    const marked = [...document.querySelectorAll("nav a[aria-current]")].map((link) => link.textContent);
    return marked.length === 1 && marked[0] === expected;
  }, title);
  await marks("Summary");
  await page.keyboard.press("j");
  await marks("Images");
  await page.keyboard.press("k");
  await marks("Summary");
});
