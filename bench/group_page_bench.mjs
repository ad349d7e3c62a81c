// Group pages of many images in headless Chromium: time to load and to filter, sort and change the view.
//   build/release/bin/report_bench FOLDER
//   HYPERSYNTH_NODE=build/release/browser node bench/group_page_bench.mjs FOLDER/group_2000.html FOLDER/group_20000.html
// HYPERSYNTH_NODE is a folder with playwright-core, such as the browser tests make.
import {existsSync} from "node:fs";
import {createRequire} from "node:module";
import {resolve} from "node:path";
import {pathToFileURL} from "node:url";

const {chromium} = createRequire(resolve(process.env.HYPERSYNTH_NODE) + "/")("playwright-core");
const executablePath = process.env.PATH.split(":").map((place) => place + "/chromium").find(existsSync);
const browser = await chromium.launch({executablePath, args: ["--no-sandbox"]});
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

// Milliseconds of the page's main thread: processor time, so that a busy machine tells the same.
async function clock(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", {timeDomain: "threadTicks"});
  return async () => (await session.send("Performance.getMetrics")).metrics.find(({name}) => name === "TaskDuration").value * 1000;
}

for (const file of process.argv.slice(2)) {
  const loads = [];
  let page, milliseconds;
  for (let repeat = 0; repeat < 3; ++repeat) {
    await page?.close();
    page = await browser.newPage({viewport: {width: 1400, height: 900}});
    page.setDefaultTimeout(600000);
    milliseconds = await clock(page);
    const start = await milliseconds();
    await page.goto(pathToFileURL(resolve(file)).href);
    const elapsed = await page.evaluate(() => performance.getEntriesByType("navigation")[0].duration);
    loads.push({processor: await milliseconds() - start, elapsed});
  }
  const text = (key) => Math.round(median(loads.map((load) => load[key]))) + " ms";
  console.log(file + ": loaded in " + text("processor") + " of the processor, " + text("elapsed") + " by the clock");
  for (const [what, run] of [
    ["filter \u201csub-1\u201d", () => { document.getElementById("filter").value = "sub-1"; }],
    ["filter \u201coutliers>=1 -verdict:pass\u201d", () => { document.getElementById("filter").value = "outliers>=1 -verdict:pass"; }],
    ["filter \u201cm3>1000 age<40\u201d", () => { document.getElementById("filter").value = "m3>1000 age<40"; }],
    ["no filter, by name", () => { document.getElementById("filter").value = ""; table.sort = {key: "image", descending: true}; }],
    ["by a measure", () => { table.sort = {key: "m3", descending: true}; }],
    ["wall", () => table.setView("wall")],
  ]) {
    await page.evaluate(run);
    const times = [];
    for (let repeat = 0; repeat < 3; ++repeat) {
      const start = await milliseconds();
      await page.evaluate(() => { table.refresh(); document.body.getBoundingClientRect(); });
      times.push(await milliseconds() - start);
    }
    console.log("  " + what + ": " + Math.round(median(times)) + " ms");
  }
  await page.close();
}
await browser.close();
