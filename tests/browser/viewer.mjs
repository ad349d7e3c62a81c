// The three-plane viewer of a subject's page. Every page was opened from a disk, so nothing is fetched.
import assert from "node:assert/strict";
import {cpSync, mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {test} from "node:test";
import {pathToFileURL} from "node:url";

import {axe, folder, reader} from "./harness.mjs";

const file = "sub-0001.html";
const place = (page) => page.textContent(".place");
const plain = async (page) => (await place(page)).replace(/[\u2068\u2069]/g, "");

// Opens the viewer by `control` and waits until it has drawn.
async function opened(page, control = ".viewer-tool button") {
  await page.click(control);
  await page.waitForFunction(() => /^Crosshair|cannot|has no voxel/.test(document.querySelector(".place")?.textContent ?? ""));
  return page;
}

// How many of the canvas's pixels are grey (but not black) and how many coloured, as a reader sees them.
async function pixels(page) {
  const png = (await page.locator("dialog canvas").screenshot()).toString("base64");
  return page.evaluate(async (data) => {
    const picture = new Image();
    picture.src = "data:image/png;base64," + data;
    await picture.decode();
    const canvas = new OffscreenCanvas(picture.width, picture.height).getContext("2d");
    canvas.drawImage(picture, 0, 0);
    const {data: values} = canvas.getImageData(0, 0, picture.width, picture.height);
    const found = {grey: 0, coloured: 0};
    for (let at = 0; at < values.length; at += 4) {
      const least = Math.min(values[at], values[at + 1], values[at + 2]), most = Math.max(values[at], values[at + 1], values[at + 2]);
      if (most - least > 24) ++found.coloured;
      else if (most > 60) ++found.grey;
    }
    return found;
  }, png);
}

test("nothing of the viewer is loaded before it is opened, and then it shows the scan and its labels", async (t) => {
  const {context, open} = await reader(t);
  const asked = [];
  context.on("request", (request) => asked.push(request.url().split("/").at(-1)));
  const page = await open(file);
  assert.deepEqual(asked.filter((name) => name.endsWith(".js")), []);
  await opened(page);
  assert.deepEqual(asked.filter((name) => name.endsWith(".js")), ["viewer.js", "sub-0001_ses-1_desc-viewer_T1w.js"]);
  const {grey, coloured} = await pixels(page);
  assert.ok(grey > 20000 && coloured > 20000, JSON.stringify({grey, coloured}));
  assert.equal(await plain(page), "Crosshair: right cerebral white matter; x = 1.5, y = 1.5, z = 1.5 mm; grey level 202.");
});

test("a structure of the table of volumes leads to its place", async (t) => {
  const page = await (await reader(t)).open(file);
  for (const [name, side] of [["left lateral ventricle", "\u221213.5"], ["right lateral ventricle", "13.5"]]) {
    await opened(page, "[aria-label='Show " + name + " in the viewer']");
    assert.match(await plain(page), new RegExp("^Crosshair: " + name + "; x = " + side + ","));
    await page.keyboard.press("Escape");
    await page.waitForSelector("dialog", {state: "detached"});
    assert.equal(await page.evaluate(() => document.activeElement.className), "jump");
  }
  await opened(page, "[aria-label='Show left amygdala in the viewer']");
  assert.match(await plain(page), /^left amygdala has no voxel in the label map/);
});

test("keys, wheel and mouse move the crosshair, and the pointer is told what it is over", async (t) => {
  const page = await opened(await (await reader(t)).open(file));
  const voxel = () => page.evaluate(() => viewer.shown.voxel());
  assert.deepEqual(await voxel(), [30, 36, 30]);
  for (const key of ["ArrowLeft", "ArrowLeft", "ArrowUp", "PageDown"]) await page.keyboard.press(key);
  assert.deepEqual(await voxel(), [28, 37, 29]);
  assert.match(await plain(page), /left cerebral white matter; x = \u22124\.5, y = 4\.5, z = \u22121\.5 mm/);
  const box = await page.locator("dialog canvas").boundingBox();
  const axial = [box.x + box.width * .13, box.y + box.height * .48];
  await page.mouse.move(...axial);
  assert.match(await page.textContent(".pointer"), /^Pointer: \u2068left [a-z ]+\u2069; x = \u2212/);
  await page.mouse.wheel(0, 100);
  const [, , wheeled] = await voxel();
  assert.notEqual(wheeled, 29);
  await page.mouse.click(...axial);
  assert.equal((await page.textContent(".pointer")).replace("Pointer", "Crosshair"), await place(page));
  await page.mouse.move(box.x + 5, box.y - 10);
  assert.equal(await page.textContent(".pointer"), "");
});

test("one structure is isolated, labels fade and the window changes", async (t) => {
  const page = await opened(await (await reader(t)).open(file));
  const all = await pixels(page);
  await page.selectOption("dialog select", {label: "right lateral ventricle"});
  assert.match(await plain(page), /^Crosshair: right lateral ventricle;/);
  const one = await pixels(page);
  assert.ok(one.coloured > 500 && one.coloured < all.coloured / 5, JSON.stringify({all, one}));
  const slide = (label, value) => page.locator("dialog label", {hasText: label}).locator("input").fill(String(value));
  await page.selectOption("dialog select", {label: "All structures"});
  await slide("Labels", 0);
  const none = await pixels(page);
  assert.ok(none.coloured < 100, JSON.stringify(none));
  await slide("Black", 250);
  const dark = await pixels(page);
  assert.ok(dark.grey < none.grey / 2, JSON.stringify({none, dark}));
});

test("a slice of a mosaic leads to the clicked voxel, here of an oblique image in an unusual storage order", async (t) => {
  const page = await (await reader(t)).open("sub-0005.html");
  // The phantom of example_pages.cpp: the middle of the 5 x 5 x 5 voxels of the left hippocampus, voxels of 3 mm.
  const affine = [[.8064, .2352, 2.88, -100], [-2.7648, -.8064, .84, 120], [-.84, 2.88, 0, -60]];
  const world = affine.map(([a, b, c, d]) => a * 20 + b * 30 + c * 25 + d);
  const dot = (a, b) => a.reduce((sum, value, axis) => sum + value * b[axis], 0);
  const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
  const crosshair = async (clicked) => {
    const text = await plain(page);
    assert.match(text, /^Crosshair: left hippocampus;/);
    const found = text.replaceAll("\u2212", "-").match(/x = (\S+), y = (\S+), z = (\S+) mm/).slice(1).map(Number);
    assert.ok(Math.hypot(...found.map((value, axis) => value - clicked[axis])) < 3, JSON.stringify({text, clicked}));
  };
  for (const mosaic of [0, 1, 2]) {
    const picture = page.locator("main .layers").nth(mosaic);
    const {columns, tile, slice, corners, across, down} = await picture.evaluate((layers) => JSON.parse(layers.dataset.tiles));
    const normal = cross(across, down), from = (corner) => world.map((value, axis) => value - corner[axis]);
    const away = corners.map((corner) => Math.abs(dot(from(corner), normal)) / Math.hypot(...normal));
    const index = away.indexOf(Math.min(...away)), corner = corners[index];
    const place = [across, down].map((edge) => dot(from(corner), edge) / dot(edge, edge));
    const clicked = corner.map((value, axis) => value + place[0] * across[axis] + place[1] * down[axis]);
    await picture.scrollIntoViewIfNeeded();
    const scale = (await picture.boundingBox()).width / (columns * tile[0]);
    await picture.click({position: {x: (index % columns * tile[0] + place[0] * slice[0]) * scale,
                                    y: (Math.floor(index / columns) * tile[1] + place[1] * slice[1]) * scale}});
    await opened(page, "dialog [title='Open the three-plane viewer here']");
    await crosshair(clicked);
    await page.keyboard.press("Escape");
    await page.waitForSelector("dialog.viewer", {state: "detached"});
    const large = await page.locator("dialog .slice").boundingBox();
    await page.mouse.click(large.x + place[0] * large.width, large.y + place[1] * large.height);
    await page.waitForFunction(() => /^Crosshair/.test(document.querySelector(".place")?.textContent ?? ""));
    await crosshair(clicked);
    for (const dialog of ["dialog.viewer", "dialog.zoom"]) {
      await page.keyboard.press("Escape");
      await page.waitForSelector(dialog, {state: "detached"});
    }
  }
});

test("a single file has its pictures and its viewer wherever it goes", async (t) => {
  const mailed = mkdtempSync(join(tmpdir(), "mailed "));
  t.after(() => rmSync(mailed, {recursive: true}));
  cpSync(join(folder, "single.html"), join(mailed, "report.html"));
  const {context} = await reader(t);
  const page = await context.newPage();
  const asked = [];
  context.on("request", (request) => { if (!request.url().startsWith("data:")) asked.push(request.url()); });
  await page.goto(pathToFileURL(join(mailed, "report.html")).href);
  const missing = await page.evaluate(async () => {
    const pictures = [...document.images];
    for (const picture of pictures) picture.loading = "eager";
    await Promise.allSettled(pictures.map((picture) => picture.decode()));
    return pictures.filter((picture) => !picture.naturalWidth).length;
  });
  assert.equal(missing, 0);
  await opened(page);
  const {grey, coloured} = await pixels(page);
  assert.ok(grey > 20000 && coloured > 20000, JSON.stringify({grey, coloured}));
  assert.deepEqual(asked.filter((url) => !url.endsWith("/report.html") && !url.startsWith("blob:")), []);
});

test("the keys of the page rate no image behind the viewer", async (t) => {
  const page = await opened(await (await reader(t)).open(file));
  for (const key of ["1", "o", "v", "c", "h"]) await page.keyboard.press(key);
  await page.keyboard.press("Escape");
  await page.waitForSelector("dialog", {state: "detached"});
  assert.match(await page.textContent(".saved"), /^Not rated yet/);
  assert.equal(await page.evaluate(() => viewer.shown), null);
  await opened(page);
  assert.match(await place(page), /^Crosshair/);
});

test("the viewer is accessible in the light and in the dark, and fits every window", async (t) => {
  const page = await opened(await (await reader(t)).open(file));
  await page.addScriptTag({path: axe});
  const violations = () => page.evaluate(async () => (await globalThis.axe.run("dialog")).violations.map(({id, nodes}) => id + ": " + nodes[0].html.slice(0, 200)));
  assert.deepEqual(await violations(), []);
  await page.emulateMedia({colorScheme: "dark"});
  assert.deepEqual(await violations(), []);
  for (const [width, height] of [[400, 800], [900, 500], [1800, 1000]]) {
    await page.setViewportSize({width, height});
    await page.waitForTimeout(200);
    const {box, wide} = await page.evaluate(() => {
      const dialog = document.querySelector("dialog");
      return {box: document.querySelector("dialog .stage").getBoundingClientRect().toJSON(), wide: dialog.scrollWidth > dialog.clientWidth};
    });
    assert.ok(!wide && box.height >= 190 && box.right <= width, JSON.stringify({width, box, wide}));
  }
});

test("the folder may be moved", async (t) => {
  const moved = mkdtempSync(join(tmpdir(), "moved é #1 "));
  t.after(() => rmSync(moved, {recursive: true}));
  for (const part of ["assets", "sub-0001", file]) cpSync(join(folder, part), join(moved, part), {recursive: true});
  const page = await (await (await reader(t)).context).newPage();
  await page.goto(pathToFileURL(join(moved, file)).href);
  await opened(page);
  assert.match(await place(page), /^Crosshair/);
});

test("without WebGL2 the page says so and has no button", async (t) => {
  const {context, open} = await reader(t);
  await context.addInitScript(() => {
    const {getContext} = HTMLCanvasElement.prototype;
    HTMLCanvasElement.prototype.getContext = function (kind, ...more) { return kind === "webgl2" ? null : getContext.call(this, kind, ...more); };
  });
  const page = await open(file);
  assert.equal(await page.textContent(".viewer-tool"), "Open the three-plane viewer There is a three-plane viewer, but this browser has no WebGL2.");
  assert.equal(await page.isVisible(".viewer-tool button"), false);
  assert.equal(await page.locator(".jump").count(), 0);
});

test("on paper and without scripts there is no viewer", async (t) => {
  const page = await (await reader(t)).open(file);
  await page.emulateMedia({media: "print"});
  assert.equal(await page.isVisible(".viewer-tool"), false);
  assert.equal(await page.isVisible(".jump"), false);
  const silent = await (await reader(t, {javaScriptEnabled: false})).open(file);
  assert.equal(await silent.isVisible(".viewer-tool"), false);
});

test("a page without voxels for the viewer says nothing of it", async (t) => {
  const page = await (await reader(t)).open("sub-0004.html");
  assert.equal(await page.locator(".viewer-tool, .jump").count(), 0);
});
