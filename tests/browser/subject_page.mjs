// The page of a subject: measures, overlays, large pictures, tools.
import assert from "node:assert/strict";
import {test} from "node:test";

import {axe, reader, texts} from "./harness.mjs";

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
  // The pictures of background and bias have an overlay of their own, which is shown with each of the others.
  for (const name of ["Outlines", "Filled", "Brain mask"]) {
    assert.deepEqual(await shown(), [name, "Air and artefacts", "Bias field"]);
    await page.keyboard.press("o");
  }
  assert.deepEqual(await shown(), []);
  await page.click("#layers-tool >> text=Filled");
  assert.deepEqual(await shown(), ["Filled", "Air and artefacts", "Bias field"]);
});

test("a slice is opened large, its neighbours follow by key and button, and Escape leads back", async (t) => {
  const page = await (await reader(t)).open("sub-0001.html");
  const picture = page.locator("main .layers").nth(1);
  const tiles = await picture.evaluate((layers) => JSON.parse(layers.dataset.tiles));
  const title = () => page.textContent("dialog h2");
  // A click into the middle of the third slice of the second row.
  const box = await picture.boundingBox(), scale = box.width / (tiles.columns * tiles.tile[0]);
  await picture.click({position: {x: 2.5 * tiles.tile[0] * scale, y: 1.5 * tiles.tile[1] * scale}});
  const index = tiles.columns + 2;
  assert.equal(await title(), "Coronal slices: " + tiles.names[index] + " (" + (index + 1) + " of 14)");
  // What is shown is that tile and no other: the picture's corner lies as many tiles away.
  const shown = () => page.locator("dialog .slice").evaluate((slice) => {
    const {left, top, width} = slice.getBoundingClientRect();
    return [...slice.querySelectorAll("img")].map((img) => {
      const box = img.getBoundingClientRect();
      return [left - box.left, top - box.top].map((offset) => offset / width);
    });
  });
  const expected = (tile) => [tile % tiles.columns * tiles.tile[0] / tiles.slice[0], Math.floor(tile / tiles.columns) * tiles.tile[1] / tiles.slice[0]];
  const check = async (tile) => {
    for (const offsets of await shown()) offsets.forEach((offset, axis) => assert.ok(Math.abs(offset - expected(tile)[axis]) < .01, JSON.stringify({offsets, expected: expected(tile)})));
  };
  await check(index);
  const large = await page.locator("dialog .slice").evaluate((slice) => slice.getBoundingClientRect().toJSON());
  assert.ok(large.width > 3 * box.width / 7 && large.bottom <= 900 && large.right <= 1400, JSON.stringify(large));
  await page.keyboard.press("ArrowRight");
  assert.ok((await title()).includes(tiles.names[index + 1]));
  await check(index + 1);
  for (let step = 0; step < 20; ++step) await page.keyboard.press("ArrowRight");
  assert.ok((await title()).includes(tiles.names[13]));
  assert.equal(await page.isDisabled("dialog [title='The slice after']"), true);
  await page.click("dialog [title='The slice before']");
  await check(12);
  await page.keyboard.press("o");
  assert.deepEqual(await page.locator("dialog .overlay.on").evaluateAll((found) => found.map(({dataset}) => dataset.layer)), ["Filled"]);
  await page.keyboard.press("Escape");
  await page.waitForSelector("dialog", {state: "detached"});
  assert.equal(await picture.evaluate((layers) => layers === document.activeElement), true);
  await page.keyboard.press("Enter");
  await check(0);
});

test("the large slice is accessible and fits every window", async (t) => {
  const page = await (await reader(t)).open("sub-0001.html");
  await page.addScriptTag({path: axe});
  await page.locator("main .layers").first().click({position: {x: 30, y: 30}});
  for (const [width, height] of [[400, 800], [900, 500], [1400, 900]]) {
    await page.setViewportSize({width, height});
    const {box, wide} = await page.evaluate(() => ({box: document.querySelector("dialog .slice").getBoundingClientRect().toJSON(),
      wide: document.querySelector("dialog").scrollWidth > innerWidth}));
    assert.ok(!wide && box.width > 200 && box.right <= width && box.bottom <= height, JSON.stringify({width, height, box, wide}));
  }
  assert.deepEqual(await page.evaluate(async () => (await globalThis.axe.run("dialog")).violations.map(({id, nodes}) => id + ": " + nodes[0].html.slice(0, 200))), []);
});

test("colours have a legend, as many as there are rows in the table of volumes", async (t) => {
  const page = await (await reader(t)).open("sub-0001.html");
  assert.equal(await page.isVisible(".colours li >> nth=0"), false);
  await page.click(".colours summary");
  assert.equal(await page.locator(".colours li:visible").count(), await page.locator(".volumes tbody tr").count());
  const colours = (selector) => page.locator(selector).evaluateAll((found) => found.map((rect) => rect.getAttribute("fill")));
  assert.deepEqual(await colours(".colours rect"), await colours(".volumes tbody th rect"));
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

test("two sessions are shown one below the other, each alone, and blinking", async (t) => {
  const page = await (await reader(t)).open("sub-twice.html");
  const box = page.locator(".comparison").first(), scans = box.locator(".pair").first().locator(".layers");
  const shown = async () => {
    const boxes = await scans.evaluateAll((all) => all.map((scan) => ({top: scan.getBoundingClientRect().top, visible: getComputedStyle(scan).opacity === "1" ? "visible" : "hidden"})));
    return [boxes[0].top === boxes[1].top, boxes[1].visible];
  };
  assert.deepEqual(await shown(), [false, "visible"]);
  await box.getByText("ses-1", {exact: true}).click();
  assert.deepEqual(await shown(), [true, "hidden"]);
  await box.getByText("ses-2", {exact: true}).click();
  assert.deepEqual(await shown(), [true, "visible"]);
  await box.getByText("Blink", {exact: true}).click();
  for (const visible of ["hidden", "visible", "hidden"])
    await page.waitForFunction(([scan, expected]) => (getComputedStyle(scan).opacity === "1" ? "visible" : "hidden") === expected, [await scans.nth(1).elementHandle(), visible]);
  await box.getByText("ses-1", {exact: true}).click();
  await page.emulateMedia({media: "print"});
  assert.deepEqual(await shown(), [false, "visible"]);
  await page.emulateMedia({media: "screen"});
  await box.getByText("One below the other").click();
  assert.deepEqual(await shown(), [false, "visible"]);
  assert.match(await page.textContent("#sessions"), /Not shown beside each other yet/);
});

test("a large slice of a session is exchanged with that of the other", async (t) => {
  const page = await (await reader(t)).open("sub-twice.html");
  const scan = page.locator(".comparison .layers").first();
  await scan.focus();
  await page.keyboard.press("Enter");
  const sources = () => page.locator("dialog img:visible").evaluateAll((images) => images.map((image) => image.src.split("desc-")[1]));
  const title = () => page.textContent("dialog h2");
  assert.deepEqual(await sources(), ["axialFirst_T1w.png", "axialFirstLines_T1w.png"]);
  assert.match(await title(), /^axial slices of ses-1: z = /);
  const place = (await title()).split(": ")[1];
  await page.keyboard.press("s");
  assert.deepEqual(await sources(), ["axialLater_T1w.png", "axialLaterLines_T1w.png"]);
  assert.equal(await title(), "axial slices of ses-2: " + place);
  await page.click("dialog >> text=Other session");
  assert.match(await title(), /ses-1/);
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => !document.querySelector("dialog"));
});
