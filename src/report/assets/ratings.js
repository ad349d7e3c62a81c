// Ratings of both kinds of page. They are kept in the browser, one for each rater, under the path of the image and the
// digest of the segmentation that was seen: the result of another run is not rated by them.
const ratings = {
  words: ["pass", "unsure", "fail"],
  cleared: "cleared",  // stands in tables for a rating that was taken back
  columns: ["image", "rater", "time", "rating", "reasons", "comment", "segmentation_digest"],
  lasting: true,  // false once the browser has refused to keep one

  key({image, digest}) { return "hypersynth-rating|" + digest + "|" + image; },
  rater() { return page.stored("hypersynth-rater") ?? ""; },

  // Milliseconds of a time as the group level reads it: UTC where no zone stands. NaN where it is no time.
  ms(time) {
    const found = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?$/.exec(time);
    return found ? Date.parse(found[1] ? time : time + "Z") : NaN;
  },
  // The record with all its fields, or null where it is none.
  sound(record) {
    const ms = ratings.ms(record?.time);
    if (Number.isNaN(ms)) return null;
    const {rater, rating, reasons, comment} = record;
    return {
      rater: typeof rater === "string" ? rater : "", time: new Date(ms).toISOString(),
      rating: ratings.words.includes(rating) ? rating : null,
      reasons: Array.isArray(reasons) ? reasons.filter((reason) => typeof reason === "string") : [],
      comment: typeof comment === "string" ? comment : ""};
  },
  isEmpty({rating, reasons, comment}) { return !rating && !reasons.length && !comment; },

  // What this browser keeps of an image, also what was cleared, so that an older file does not bring it back.
  stored(item) {
    const text = page.stored(ratings.key(item));
    if (!text) return [];
    try { return JSON.parse(text).map(ratings.sound).filter(Boolean); } catch { return []; }
  },
  // The same and what the group level has found in the raters' tables (`given`): of each rater the newest.
  kept(item) {
    const newest = new Map();
    for (const record of [...ratings.stored(item), ...(item.given ?? [])]) {
      const rater = record.rater || ratings.rater(), before = newest.get(rater);
      if (!before || ratings.ms(record.time) > ratings.ms(before.time)) newest.set(rater, record);
    }
    return [...newest.values()];
  },
  isMine({rater}) { return rater === ratings.rater() || rater === ""; },
  mine(item, kept = ratings.kept(item)) { return kept.find((record) => ratings.isMine(record) && !ratings.isEmpty(record)) ?? null; },
  others(item, kept = ratings.kept(item)) { return kept.filter((record) => !ratings.isMine(record) && record.rating); },
  // Of the ratings of all raters: "disagree", "agree" of two or more, "one", or null where there is none.
  agreement(kept) {
    const given = kept.map(({rating}) => rating).filter(Boolean);
    return given.length < 2 ? (given.length ? "one" : null) : given.every((rating) => rating === given[0]) ? "agree" : "disagree";
  },

  put(item, records) { ratings.lasting = page.store(ratings.key(item), JSON.stringify(records)) && ratings.lasting; },
  rate(item, {rating, reasons, comment}) {
    const record = {rater: ratings.rater(), time: new Date().toISOString(), rating, reasons, comment};
    ratings.put(item, [...ratings.stored(item).filter((other) => !ratings.isMine(other)), record]);
  },
  clear(item) { ratings.rate(item, {rating: null, reasons: [], comment: ""}); },

  // `mine` is the reader's record of each image, or null.
  progress(mine) {
    const given = mine.map((record) => record?.rating).filter(Boolean);
    const counts = ratings.words.map((word) => given.filter((rating) => rating === word).length + " " + word);
    return given.length + " of " + mine.length + (mine.length === 1 ? " image" : " images") + " rated" + (given.length ? " (" + counts.join(", ") + ")." : ".");
  },

  // A BIDS table: cells without tabs and line ends, n/a for what is not there.
  cell(text) { return String(text ?? "").replace(/\s+/g, " ").trim() || "n/a"; },
  table(items) {
    const lines = [ratings.columns];
    for (const item of items) {
      for (const record of ratings.kept(item)) {
        const isOthers = item.given?.includes(record) && !ratings.isMine(record);  // whose own table says what holds
        if (isOthers) continue;
        const word = ratings.isEmpty(record) ? ratings.cleared : record.rating;
        lines.push([item.image, record.rater || ratings.rater(), record.time, word, record.reasons.join("; "), record.comment, item.digest]);
      }
    }
    return lines.map((line) => line.map(ratings.cell).join("\t") + "\n").join("");
  },

  // {records, problems}: what a table holds, and a sentence for each line that is no rating.
  parse(text) {
    const [head, ...lines] = text.replace(/^\uFEFF/, "").split(/\r?\n/);
    const names = head.split("\t");
    const needed = ["image", "time", "rating", "segmentation_digest"], missing = needed.filter((name) => !names.includes(name));
    if (missing.length) return {records: [], problems: ["it is no table of ratings: expected the columns " + needed.join(", ") + ", found no " + missing.join(", ")]};
    const records = [], problems = [];
    lines.forEach((line, index) => {
      if (!line) return;
      const row = {}, cells = line.split("\t");
      names.forEach((name, column) => { row[name] = !cells[column] || cells[column] === "n/a" ? "" : cells[column]; });
      const where = "line " + (index + 2) + ": ";
      if (cells.length !== names.length) problems.push(where + "expected " + names.length + " cells, found " + cells.length);
      else if (row.rating && ![...ratings.words, ratings.cleared].includes(row.rating)) problems.push(where + "expected pass, unsure, fail or cleared, found \u201c" + row.rating + "\u201d");
      else if (Number.isNaN(ratings.ms(row.time))) problems.push(where + "expected a time such as 2025-06-01T12:00:00Z, found \u201c" + row.time + "\u201d");
      else records.push({image: row.image, digest: row.segmentation_digest, ...ratings.sound({...row, reasons: row.reasons ? row.reasons.split(/; ?/) : []})});
    });
    return {records, problems};
  },

  // Takes what a file holds and says what became of it. The newer of two ratings by one rater stays.
  load(name, text, items) {
    const {records, problems} = ratings.parse(text);
    const known = new Map(items.map((item) => [item.image, item]));
    const told = {taken: 0, older: 0, same: 0, unknown: [], other: []};
    for (const {image, digest, ...record} of records) {
      const item = known.get(image);
      if (!item) { told.unknown.push(image); continue; }
      if (item.digest !== digest) { told.other.push(image); continue; }
      const kept = ratings.kept(item);
      const before = kept.find((other) => other.rater === record.rater || (ratings.isMine(other) && ratings.isMine(record)));
      const later = before ? ratings.ms(record.time) - ratings.ms(before.time) : 1;
      if (later > 0) ratings.put(item, [...kept.filter((other) => other !== before && !item.given?.includes(other)), record]);
      ++told[later > 0 ? "taken" : later < 0 ? "older" : "same"];
    }
    const count = (n, what) => n + (n === 1 ? " rating " : " ratings ") + what;
    const first = (images) => page.isolated(images[0]) + (images.length > 1 ? " and others" : "");
    const sentences = [count(told.taken, "taken over")];
    if (told.same) sentences.push(count(told.same, "already here"));
    if (told.older) sentences.push(count(told.older, "left out, older than the one kept here"));
    if (told.unknown.length) sentences.push(count(told.unknown.length, "left out, of images that are not on this page: " + first(told.unknown)));
    if (told.other.length) sentences.push(count(told.other.length, "left out, given to another segmentation of the image: " + first(told.other)));
    sentences.push(...problems);
    return page.isolated(name) + ": " + sentences.join(". ") + ".";
  },

  // Both files are named after the rater, so that those of two raters can lie in one folder. `what` is "T1w" or "sub-01".
  fileName(what, ending) {
    const rater = ratings.rater().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "");
    return "ratings_" + what + (rater && "_" + rater) + ending;
  },
  buildDownloads(what, items) {
    const save = (ending, type, text) => page.download(ratings.fileName(what, ending), type, text);
    ratings.download = () => save(".tsv", "text/tab-separated-values", ratings.table(items));
    document.getElementById("download-ratings").onclick = ratings.download;
    document.getElementById("download-columns").onclick = () => save(".json", "application/json", page.data.ratingColumns + "\n");
  },

  // The form of one image: what it says, and how it shows a record (null: none).
  read(form) {
    return {
      rating: form.querySelector("input[type=radio]:checked")?.value ?? null,
      reasons: [...form.querySelectorAll("input[type=checkbox]:checked")].map((input) => input.value),
      comment: form.querySelector("textarea").value.trim(),
    };
  },
  fill(form, mine, others) {
    for (const input of form.querySelectorAll("input[type=radio]")) input.checked = input.value === mine?.rating;
    for (const input of form.querySelectorAll("input[type=checkbox]")) input.checked = Boolean(mine?.reasons.includes(input.value));
    const comment = form.querySelector("textarea");
    if (comment !== document.activeElement) comment.value = mine?.comment ?? "";
    form.querySelector(".clear").hidden = !mine;
    form.querySelector(".saved").textContent = ratings.state(mine) + others.map((other) => " " + page.isolated(other.rater) + ": " + other.rating + ".").join("");
    form.classList.toggle("filled", Boolean(mine));
  },
  state(mine) {
    if (!mine) return "Not rated yet. Keys: 1 pass, 2 unsure, 3 fail.";
    if (!ratings.lasting) return "This browser keeps nothing for this page: download the ratings before you close it.";
    return "Kept in this browser, " + new Date(mine.time).toLocaleString() + ". Key 0 clears it.";
  },

  // Ratings of any page that were given before there was a name become those of `rater`.
  giveNameless(rater) {
    if (!rater) return;
    for (const key of page.storedKeys("hypersynth-rating|")) {
      const [digest, ...image] = key.split("|").slice(1), item = {digest, image: image.join("|")}, kept = ratings.stored(item);
      if (kept.some((record) => !record.rater)) ratings.put(item, kept.map((record) => ({...record, rater: record.rater || rater})));
    }
  },
  // The field for the rater's name. `changed` is called when the name, or a rating in another tab, has changed.
  build(changed) {
    const field = document.getElementById("rater");
    field.value = ratings.rater();
    field.onchange = () => {
      const rater = field.value.replace(/\s+/g, " ").trim();
      ratings.giveNameless(ratings.rater() || rater);
      page.store("hypersynth-rater", rater);
      changed();
    };
    const changedElsewhere = () => {
      if (field !== document.activeElement) field.value = ratings.rater();
      changed();
    };
    addEventListener("storage", changedElsewhere);
    addEventListener("pageshow", (event) => { if (event.persisted) changedElsewhere(); });
  },
};
