// The group page: what it holds, and the table.
const svgElement = (tag, attributes = {}) => {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
};

// Places after the point that tell values of this size apart.
const places = (size) => size >= 1000 || size === 0 ? 0 : Math.min(8, Math.max(0, 3 - Math.floor(Math.log10(size))));
const fixed = (value, digits) => {
  if (value === null || value === undefined) return "n/a";
  const text = value.toFixed(digits);
  return text.replace("-", /[1-9]/.test(text) ? "\u2212" : "");  // no negative zero
};

// The numbers of a column: floats of 32 bits in base64.
const decoded = (text) => {
  if (Uint8Array.fromBase64) return new Float32Array(Uint8Array.fromBase64(text).buffer);
  const binary = atob(text), bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; ++i) bytes[i] = binary.charCodeAt(i);
  return new Float32Array(bytes.buffer);
};

// Keeps in `parent` the elements of the items from `first` to before `last` alone, in their order and before `end`. `made` holds
// them by their number: one that stays is not touched, and so keeps the focus.
const keepInView = (parent, made, first, last, make, end = null) => {
  for (const [index, element] of made) {
    if (index < first || index >= last) { element.remove(); made.delete(index); }
  }
  let next = end;
  for (let index = last - 1; index >= first; --index) {
    let element = made.get(index);
    if (!element) {
      element = make(index);
      made.set(index, element);
      parent.insertBefore(element, next);
    }
    next = element;
  }
};

const group = {
  rows: page.data.images.map((image, row) => ({
    image, subject: page.data.subjects[row], link: page.data.links[row], verdict: page.data.verdicts[row], reasons: page.data.reasons[row],
    digest: page.data.digests[row] ?? "", figures: page.data.figures[row] ?? "", thumbnail: page.data.thumbnails[row] === 1, given: []})),
  measures: page.data.measures.map((measure) => ({...measure, values: decoded(measure.values)})),
  participants: page.data.participants,  // columns of participants.tsv, {name, values}
  icv: page.data.icv,
  ofIcv: false,
  threshold: 3.5,
  fewest: 5,  // images from which on one may be an outlier of the others, as on the pages of the people
  segmented: page.data.digests.length,
  shown: [],  // row indices that pass the filter, in their order
  mine: [],  // of each row the reader's rating or null,
  others: [],  // those of the others,
  agreement: [],  // and whether all of them agree

  name(row) { const {image} = group.rows[row]; return image.slice(image.lastIndexOf("/") + 1); },
  normalised(measure) { return group.ofIcv && Boolean(measure.icvSummary); },
  summary(measure) { return group.normalised(measure) ? measure.icvSummary : measure.summary; },
  text(measure, value) {
    const {q1, q3} = group.summary(measure);
    return fixed(value, places(Math.max(Math.abs(q1), Math.abs(q3)) || Math.abs(value ?? 0)));
  },
  unit(measure) { return group.normalised(measure) ? "% of ICV" : measure.unit.replace(/mm3$/, "mm\u00b3"); },
  stored(measure, row) {
    const value = measure.values[row];
    return value === undefined || Number.isNaN(value) ? null : value;  // a failed image has none
  },
  value(measure, row) {
    const value = group.stored(measure, row);
    if (value === null) return null;
    if (!group.normalised(measure)) return value;
    const icv = group.measures[group.icv].values[row];
    return icv ? 100 * value / icv : null;
  },
  // The robust z-scores of all rows; 0 where there is no value.
  scores(measure) {
    const normalised = group.normalised(measure);
    if (measure.scores && measure.scored === normalised) return measure.scores;
    const {median, scale, count} = group.summary(measure), scores = new Float32Array(group.rows.length);
    for (let row = 0; scale && count >= group.fewest && row < group.segmented; ++row) {
      const value = group.value(measure, row);
      if (value !== null) scores[row] = (value - median) / scale;
    }
    measure.scored = normalised;
    return measure.scores = scores;
  },
  z(measure, row) { return group.scores(measure)[row]; },
  isOutlier(measure, row) { return Math.abs(group.z(measure, row)) > group.threshold; },

  // Outliers are counted among the main measures alone, since the others repeat them, and apart among the volumes.
  findOutliers() {
    const chosen = group.threshold + (group.ofIcv ? " of ICV" : "");
    if (group.outliersOf === chosen) return;
    group.outliersOf = chosen;
    const none = [];
    const found = (measures) => {
      const lists = new Array(group.rows.length).fill(none);
      for (const measure of measures) {
        const scores = group.scores(measure);
        for (let row = 0; row < group.segmented; ++row) {
          if (Math.abs(scores[row]) <= group.threshold) continue;
          if (lists[row] === none) lists[row] = [measure]; else lists[row].push(measure);
        }
      }
      lists.forEach((list, row) => { if (list.length > 1) list.sort((a, b) => Math.abs(group.z(b, row)) - Math.abs(group.z(a, row))); });
      return lists;
    };
    group.outliers = found(group.measures.filter(({main, volume}) => main && !volume));
    group.volumeOutliers = found(group.measures.filter(({volume}) => volume));
  },

  // Takes the ratings of a row, or of all, from where they are kept.
  takeRatings(row) {
    const item = group.rows[row], kept = ratings.kept(item);
    group.mine[row] = kept.length ? ratings.mine(item, kept) : null;
    group.others[row] = kept.length ? ratings.others(item, kept) : kept;
    group.agreement[row] = kept.length ? ratings.agreement(kept) : null;
  },
  takeAllRatings() { for (const row of group.rows.keys()) group.takeRatings(row); },
};

// What the reader has chosen. It is in the address of the page, and so it is there again after a look at a report.
const state = {
  controls: {filter: "", columns: "main", threshold: "3.5", icv: ""},  // parameter -> its value at the start

  element(name) { return document.getElementById({filter: "filter", columns: "column-set", threshold: "threshold", icv: "of-icv"}[name]); },
  read() {
    const chosen = new URLSearchParams(history.state?.chosen ?? location.search);
    for (const [name, initial] of Object.entries(state.controls)) {
      const control = state.element(name);
      if (!control) continue;
      const value = chosen.get(name) ?? initial;
      if (control.type === "checkbox") control.checked = value !== ""; else control.value = value;
    }
    if (!state.element("columns").value) state.element("columns").value = state.controls.columns;
    const sort = chosen.get("sort") ?? "-verdict";
    table.sort = {key: sort.replace(/^-/, ""), descending: sort.startsWith("-")};
    table.setView(chosen.get("view") === "wall" ? "wall" : "table");
    state.review = chosen.get("review");
    state.scroll = history.state?.scroll ?? 0;
  },
  write(push = false) {
    const chosen = new URLSearchParams();
    for (const [name, initial] of Object.entries(state.controls)) {
      const control = state.element(name);
      const value = !control ? initial : control.type === "checkbox" ? (control.checked ? "1" : "") : control.value;
      if (value !== initial) chosen.set(name, value);
    }
    const sort = (table.sort.descending ? "-" : "") + table.sort.key;
    if (sort !== "-verdict") chosen.set("sort", sort);
    if (table.view !== "table") chosen.set("view", table.view);
    if (review.row() !== null) chosen.set("review", group.rows[review.row()].image);
    const kept = {chosen: String(chosen), scroll: table.box().scrollTop, pushed: push || Boolean(review.row() !== null && history.state?.pushed)};
    const change = (...place) => push ? history.pushState(kept, "", ...place) : history.replaceState(kept, "", ...place);
    // A browser may refuse another address for a file; it then still keeps the state with the entry of its history.
    try { change(location.pathname + (kept.chosen && "?" + kept.chosen) + location.hash); } catch { change(); }
  },
};

const table = {
  whole: 200,  // up to so many rows are drawn as they are; of more only those in view
  view: "table",
  sort: {key: "verdict", descending: true},
  made: new Map(),
  rowHeight: 26,
  sets: {
    main: () => group.measures.filter(({main}) => main),
    quality: () => group.measures.filter(({volume}) => !volume),
    volumes: () => group.measures.filter(({volume}) => volume),
    all: () => group.measures,
  },
  rank: {error: 4, fail: 3, warning: 2, unsure: 2, pass: 1},
  agreementRank: {disagree: 3, agree: 2, one: 1},

  box() { return table.view === "wall" ? document.getElementById("wall") : document.querySelector(".rows-box"); },
  setView(view) {
    table.view = view;
    for (const input of document.querySelectorAll("input[name=view]")) input.checked = input.value === view;
    document.getElementById("wall").hidden = view !== "wall";
    document.querySelector(".rows-box").hidden = view === "wall";
  },

  // {key, title, value(row) to sort by, fill(row) for a cell}
  fixedColumns() {
    const names = (outliers) => (row) => page.element("td", {class: "outliers", title: outliers[row].map(({title}) => title).join("\n")},
      outliers[row].length ? outliers[row].length + " " : "", page.element("span", {class: "legend"}, outliers[row].map(({title}) => title).join(", ")));
    const columns = [
      {key: "image", title: "Image", value: (row) => group.rows[row].image, fill: table.name},
      {key: "verdict", title: "Verdict", value: (row) => table.rank[group.rows[row].verdict] ?? null,
       fill: (row) => page.element("td", {}, group.rows[row].verdict ? page.badge(group.rows[row].verdict) : "")},
      {key: "rating", title: "Your rating", value: (row) => table.rank[group.mine[row]?.rating] ?? null,
       fill: (row) => page.element("td", {title: group.mine[row]?.comment ?? ""}, group.mine[row]?.rating ? page.badge(group.mine[row].rating) : "")},
      {key: "reasons", title: "Reasons of the verdict", value: (row) => group.rows[row].reasons.join("; "),
       fill: (row) => page.element("td", {class: "reasons", title: group.rows[row].reasons.join("\n")}, group.rows[row].reasons.join("; "))},
      {key: "outliers", title: "Outliers", value: (row) => group.outliers[row].length, fill: names(group.outliers)},
    ];
    if (group.measures.some(({volume}) => volume)) {
      columns.push({key: "volume_outliers", title: "Volume outliers", value: (row) => group.volumeOutliers[row].length, fill: names(group.volumeOutliers)});
    }
    if (group.others.some(({length}) => length)) {
      columns.splice(3, 0, {key: "other_ratings", title: "Other ratings", value: (row) => group.others[row].map(({rating}) => rating).join(" "),
        fill: (row) => page.element("td", {}, ...group.others[row].flatMap(({rater, rating}) => [page.element("bdi", {}, rater), " ", page.badge(rating), " "]))},
      {key: "ratings", title: "Raters", value: (row) => table.agreementRank[group.agreement[row]] ?? null,
        fill: (row) => page.element("td", {}, table.agreementMark(row))});
    }
    return columns;
  },
  agreementMark(row) {
    const word = group.agreement[row] ?? "";
    return word === "disagree" ? page.element("span", {class: "badge warning"}, word) : word;
  },
  measureTitle(measure) { return measure.title + (group.unit(measure) ? ", " + group.unit(measure) : ""); },
  columns() {
    const set = document.getElementById("column-set").value;
    const chosen = set === "participants" ? group.participants.map(({name, values}) => (
      {key: "participant:" + name, title: name, value: (row) => table.cellValue(values[row]), fill: (row) => page.element("td", {}, values[row] ?? "")}))
      : table.sets[set]().map((measure) => (
        {key: measure.name, title: table.measureTitle(measure), measure, value: (row) => group.value(measure, row),
         fill: (row) => page.element("td", {class: group.isOutlier(measure, row) ? "number out" : "number"}, group.text(measure, group.value(measure, row)))}));
    return [...table.fixedColumns(), ...chosen];
  },
  cellValue(text) { return text === null || text === undefined || text === "" ? null : Number.isNaN(Number(text)) ? text : Number(text); },

  // What a filter can name.
  fields() {
    const fields = new Map();
    const participants = new Map();
    for (const {name, values} of group.participants) {
      participants.set(name.toLowerCase(), {of: (row) => table.cellValue(values[row]), isText: () => values.every((text) => typeof table.cellValue(text) !== "number")});
    }
    for (const measure of group.measures) {
      const name = measure.name.toLowerCase();
      fields.set(name, {of: (row) => group.stored(measure, row)});  // mm3 also where the table shows shares
      fields.set("z_" + name, {of: (row) => group.value(measure, row) === null ? null : group.z(measure, row)});
    }
    const given = (row) => group.mine[row] ? [group.mine[row], ...group.others[row]] : group.others[row];
    const words = (of) => ({of: (row) => given(row).map(of).join("; "), part: true, isText: () => true});
    fields.set("outliers", {of: (row) => group.outliers[row].length});
    fields.set("volume_outliers", {of: (row) => group.volumeOutliers[row].length});
    fields.set("verdict", {of: (row) => group.rows[row].verdict, values: ["pass", "warning", "fail", "error", "none", "any"]});
    fields.set("rating", {of: (row) => group.mine[row]?.rating ?? null, values: [...ratings.words, "none", "any"]});
    fields.set("ratings", {of: (row) => group.agreement[row], values: ["disagree", "agree", "one", "none", "any"]});
    fields.set("rater", words(({rater}) => rater || ratings.rater()));
    fields.set("artefact", words((record) => record.reasons.join("; ")));
    fields.set("comment", words(({comment}) => comment));
    fields.set("reason", {of: (row) => group.rows[row].reasons.join("; "), part: true, isText: () => true});
    for (const [name, field] of participants) fields.set(fields.has(name) ? "participant_" + name : name, field);
    return fields;
  },

  // What rows are sorted by: a column of whichever set, or "z:NAME" for the size of a measure's robust z-score.
  sortedBy(key) {
    const column = table.fixedColumns().find((fixed) => fixed.key === key);
    if (column) return column.value;
    const isScore = key.startsWith("z:"), name = isScore ? key.slice(2) : key;
    const measure = group.measures.find((known) => known.name === name);
    if (measure && isScore) return (row) => group.value(measure, row) === null ? null : Math.abs(group.z(measure, row));
    if (measure) return (row) => group.value(measure, row);
    const cells = group.participants.find(({name}) => key === "participant:" + name || key === name)?.values;
    return cells && ((row) => table.cellValue(cells[row]));
  },
  order() {
    let value = table.sortedBy(table.sort.key);
    if (!value) {
      table.sort = {key: "verdict", descending: true};
      value = table.sortedBy("verdict");
    }
    const keys = new Array(group.rows.length);
    let texts = null;
    for (const row of group.shown) {
      keys[row] = value(row);
      if (keys[row] === "") keys[row] = null;
      if (typeof keys[row] === "string") texts = texts ?? new Set();
    }
    if (texts) {  // each text is compared once, not in each step of the sorting
      for (const row of group.shown) if (keys[row] !== null) texts.add(String(keys[row]));
      const collator = new Intl.Collator("en", {numeric: true});
      const ranks = new Map([...texts].sort(collator.compare).map((text, rank) => [text, rank]));
      for (const row of group.shown) if (keys[row] !== null) keys[row] = ranks.get(String(keys[row]));
    }
    const sign = table.sort.descending ? -1 : 1;
    group.shown.sort((a, b) => {
      const x = keys[a], y = keys[b];
      if (x === y) return group.outliers[b].length - group.outliers[a].length || a - b;
      if (x === null) return 1;  // absent values come last either way
      if (y === null) return -1;
      return sign * (x - y);
    });
  },

  refresh() {
    table.update();
    state.write();
  },
  update() {
    group.ofIcv = Boolean(document.getElementById("of-icv")?.checked);
    group.threshold = Number(document.getElementById("threshold").value) || 3.5;
    group.findOutliers();
    const {test, problems} = filterLanguage.parse(document.getElementById("filter").value, table.fields(), (row) => table.text[row]);
    document.getElementById("filter-problems").textContent = problems.map((problem) => "Not understood and left out: " + problem + ".").join(" ");
    group.shown = [...group.rows.keys()].filter(test);
    table.order();
    table.showOrder();
    table.draw();
    strips.redraw();
    table.tellRatings();
  },
  tellRatings() {
    document.getElementById("progress").textContent = ratings.progress(group.mine.slice(0, group.segmented));
    const raters = new Set(group.others.flatMap((records) => records.map(({rater}) => rater)));
    const count = (word) => group.agreement.filter((found) => found === word).length;
    const both = count("agree") + count("disagree");
    document.getElementById("raters").textContent = raters.size === 0 ? "" :
      "Other raters: " + [...raters].map(page.isolated).join(", ") + ". " + both + (both === 1 ? " image" : " images") + " rated by two or more, " + count("disagree") + " with disagreement (ratings:disagree).";
  },

  showOrder() {
    const choice = document.getElementById("order");
    if (![...choice.options].some(({value}) => value === table.sort.key)) choice.append(page.element("option", {value: table.sort.key}, table.sort.key));
    choice.value = table.sort.key;
    document.getElementById("direction").textContent = table.sort.descending ? "Descending" : "Ascending";
  },
  fillOrder() {
    const choice = document.getElementById("order");
    const option = (value, text) => page.element("option", {value}, text);
    const some = (label, options) => { if (options.length) choice.append(page.element("optgroup", {label}, ...options)); };
    choice.append(...table.fixedColumns().map(({key, title}) => option(key, title)));
    const quality = group.measures.filter(({volume}) => !volume), volumes = group.measures.filter(({volume}) => volume);
    const plain = (measure) => option(measure.name, table.measureTitle(measure)), score = ({name, title}) => option("z:" + name, "|z| of " + title);
    some("Quality measures", quality.map(plain));
    some("Robust |z| of quality measures", quality.map(score));
    some("Volumes", volumes.map(plain));
    some("Robust |z| of volumes", volumes.map(score));
    some("Participants", group.participants.map(({name}) => option("participant:" + name, name)));
  },

  head(columns) {
    const line = page.element("tr");
    for (const {key, title, measure} of columns) {
      const button = page.element("button", {type: "button"}, title);
      if (measure) button.title = measure.name + (measure.meaning ? ": " + measure.meaning : "");
      button.onclick = () => {
        table.sort = {key, descending: table.sort.key === key ? !table.sort.descending : key !== "image"};
        table.refresh();
        document.querySelector("#rows th[aria-sort] button")?.focus();
      };
      const cell = page.element("th", {scope: "col"}, button);
      if (table.sort.key === key) cell.setAttribute("aria-sort", table.sort.descending ? "descending" : "ascending");
      line.append(cell);
    }
    return page.element("thead", {}, line);
  },

  name(row) {
    const {image, link} = group.rows[row], name = group.name(row);
    return page.element("th", {scope: "row", title: image}, link ? page.element("a", {href: link}, name) : name);
  },
  line(index) {
    const row = group.shown[index];
    const line = page.element("tr", {"aria-rowindex": index + 2}, ...table.drawn.map(({fill}) => fill(row)));
    line.dataset.row = row;
    return line;
  },

  draw() {
    document.getElementById("found").textContent = group.shown.length + " of " + group.rows.length + " images.";
    if (table.view === "wall") { wall.draw(); return; }
    const {scrollTop} = table.box();
    table.drawn = table.columns();
    table.body = page.element("tbody");
    table.above = table.spacer();
    table.below = table.spacer();
    table.made.clear();
    const rows = document.getElementById("rows");
    rows.setAttribute("aria-rowcount", group.shown.length + 1);
    const around = group.shown.length > table.whole;
    rows.replaceChildren(table.head(table.drawn), ...(around ? [table.above, table.body, table.below] : [table.body]));
    table.box().scrollTop = table.isAnew() ? 0 : scrollTop;
    table.paint();
    if (group.shown.length <= table.whole || !table.body.firstChild) return;
    const {height} = table.body.firstChild.getBoundingClientRect();
    if (height === 0) return;  // behind a review, and drawn again after it
    table.rowHeight = height;
    // Columns don't become narrower while the rows change.
    for (const cell of rows.tHead.rows[0].cells) cell.style.minWidth = cell.offsetWidth + "px";
    table.paint();
  },
  // Whether other images are shown than before, or in another order.
  isAnew() {
    const chosen = [document.getElementById("filter").value, JSON.stringify(table.sort), table.view].join("\n");
    const before = table.chosen;
    table.chosen = chosen;
    return chosen !== before;
  },
  spacer() { return page.element("tbody", {"aria-hidden": "true", class: "spacer"}, page.element("tr", {}, page.element("td", {}))); },
  // Draws the rows in view, in steps of ten.
  paint() {
    if (table.view !== "table" || !table.body) return;
    const box = table.box(), count = group.shown.length, all = count <= table.whole;
    const first = all ? 0 : Math.max(0, Math.floor(box.scrollTop / table.rowHeight / 10 - 1) * 10);
    const last = all ? count : Math.min(count, first + Math.ceil(box.clientHeight / table.rowHeight / 10 + 3) * 10);
    keepInView(table.body, table.made, first, last, table.line);
    table.above.firstChild.firstChild.style.height = first * table.rowHeight + "px";
    table.below.firstChild.firstChild.style.height = (count - last) * table.rowHeight + "px";
    table.above.hidden = first === 0;
    table.below.hidden = last === count;
  },
  // Shows a changed rating where the row is drawn.
  repaint(row) {
    for (const [index, line] of table.made) {
      if (group.shown[index] !== row) continue;
      table.drawn.forEach(({key, fill}, column) => { if (["rating", "ratings"].includes(key)) line.cells[column].replaceWith(fill(row)); });
    }
  },

  restoreScroll() { table.box().scrollTop = state.scroll; },
  build() {
    table.text = group.rows.map(({image, subject}) => ("sub-" + subject + " " + image).toLowerCase());
    const choice = document.getElementById("column-set");
    for (const name of [...Object.keys(table.sets), ...(group.participants.length ? ["participants"] : [])]) choice.append(page.element("option", {value: name}, name));
    group.findOutliers();
    table.fillOrder();
    state.read();
    choice.onchange = table.refresh;
    let waiting;
    document.getElementById("filter").oninput = () => { clearTimeout(waiting); waiting = setTimeout(table.refresh, 120); };
    document.getElementById("threshold").onchange = table.refresh;
    document.getElementById("order").onchange = (event) => {
      table.sort = {key: event.target.value, descending: event.target.value !== "image"};
      table.refresh();
    };
    document.getElementById("direction").onclick = () => { table.sort.descending = !table.sort.descending; table.refresh(); };
    for (const input of document.querySelectorAll("input[name=view]")) input.onchange = () => { table.setView(input.value); table.refresh(); };
    document.querySelector(".rows-box").addEventListener("scroll", table.paint, {passive: true});
    addEventListener("resize", table.paint);
    // A click on a link of the menu makes an entry of the history without the state.
    addEventListener("hashchange", () => state.write());
    addEventListener("pagehide", () => state.write());
    addEventListener("popstate", (event) => {
      if (event.state?.chosen === undefined) return;
      state.read();
      if (state.review === null) review.hide();  // the list is measured, so it has to be shown
      table.update();
      table.restoreScroll();
      review.restore();
      state.write();
    });
    const body = document.getElementById("rows");
    const highlight = (event) => strips.highlight(event.target.closest("tr[data-row]")?.dataset.row ?? null);
    body.addEventListener("pointerover", highlight);
    body.addEventListener("focusin", highlight);
    body.addEventListener("pointerleave", () => strips.highlight(null));
    // On paper there is room for the first rows only.
    addEventListener("beforeprint", () => {
      const last = Math.min(table.whole, group.shown.length);
      if (table.view === "wall") keepInView(wall.list, wall.made, 0, last, wall.card);
      if (group.shown.length <= table.whole) return;
      if (table.view === "table") {
        keepInView(table.body, table.made, 0, last, table.line);
        table.above.hidden = table.below.hidden = true;
      }
      document.getElementById("found").textContent += " Printed are the first " + table.whole + ".";
    });
    addEventListener("afterprint", () => table.draw());
    page.keys.unshift({key: "/", text: "filter the images", run: () => document.getElementById("filter").focus(), when: () => review.row() === null});
  },
};
