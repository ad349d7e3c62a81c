// The group page: strip plots, sortable and filterable table.
const svgElement = (tag, attributes = {}) => {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
};

// Places after the point that tell values of this size apart.
const places = (size) => size >= 1000 || size === 0 ? 0 : Math.min(8, Math.max(0, 3 - Math.floor(Math.log10(size))));
const fixed = (value, digits) => value === null || value === undefined ? "n/a" : value.toFixed(digits).replace("-", "\u2212");

const group = {
  rows: page.data.rows,  // {image, subject, digest, link, verdict, reasons}
  measures: page.data.measures,
  participants: page.data.participants,  // columns of participants.tsv, {name, values}
  icv: page.data.icv,
  ofIcv: false,
  threshold: 3.5,
  segmented: page.data.rows.filter(({verdict}) => verdict !== "error").length,
  shown: [],  // row indices that pass the filter, in the order of the table

  normalised(measure) { return group.ofIcv && Boolean(measure.icvSummary); },
  summary(measure) { return group.normalised(measure) ? measure.icvSummary : measure.summary; },
  text(measure, value) {
    const {q1, q3} = group.summary(measure);
    return fixed(value, places(Math.max(Math.abs(q1), Math.abs(q3))));
  },
  unit(measure) { return group.normalised(measure) ? "% of ICV" : measure.unit.replace(/mm3$/, "mm\u00b3"); },
  value(measure, row) {
    const value = measure.values[row] ?? null;  // a failed image has none
    if (value === null || !group.normalised(measure)) return value;
    const icv = group.measures[group.icv].values[row];
    return icv ? 100 * value / icv : null;
  },
  z(measure, row) {
    const value = group.value(measure, row), {median, scale} = group.summary(measure);
    return value === null || !scale ? 0 : (value - median) / scale;
  },
  isOutlier(measure, row) { return Math.abs(group.z(measure, row)) > group.threshold; },

  // Outliers are counted among the main measures alone, since the others repeat them, and apart among the volumes.
  findOutliers() {
    const found = (measures) => group.rows.map((_, row) => measures.filter((measure) => group.isOutlier(measure, row))
      .sort((a, b) => Math.abs(group.z(b, row)) - Math.abs(group.z(a, row))));
    group.outliers = found(group.measures.filter(({main, volume}) => main && !volume));
    group.volumeOutliers = found(group.measures.filter(({volume}) => volume));
  },
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
    const sort = chosen.get("sort");
    if (sort) table.sort = {key: sort.replace(/^-/, ""), descending: sort.startsWith("-")};
    table.all = chosen.has("all");
  },
  write() {
    const chosen = new URLSearchParams();
    for (const [name, initial] of Object.entries(state.controls)) {
      const control = state.element(name);
      const value = !control ? initial : control.type === "checkbox" ? (control.checked ? "1" : "") : control.value;
      if (value !== initial) chosen.set(name, value);
    }
    const sort = (table.sort.descending ? "-" : "") + table.sort.key;
    if (sort !== "-verdict") chosen.set("sort", sort);
    if (table.all) chosen.set("all", "1");
    const kept = {chosen: String(chosen)};
    // A browser may refuse another address for a file; it then still keeps the state with the entry of its history.
    try { history.replaceState(kept, "", location.pathname + (kept.chosen && "?" + kept.chosen) + location.hash); } catch { history.replaceState(kept, ""); }
  },
};

const table = {
  limit: 200,
  all: false,
  sort: {key: "verdict", descending: true},
  sets: {
    main: () => group.measures.filter(({main}) => main),
    quality: () => group.measures.filter(({volume}) => !volume),
    volumes: () => group.measures.filter(({volume}) => volume),
    all: () => group.measures,
  },
  rank: {error: 4, fail: 3, warning: 2, unsure: 2, pass: 1},

  // {key, title, value(row) to sort by, fill(row) for a cell}
  fixedColumns() {
    const names = (outliers) => (row) => page.element("td", {class: "outliers", title: outliers[row].map(({title}) => title).join("\n")},
      outliers[row].length ? outliers[row].length + " " : "", page.element("span", {class: "legend"}, outliers[row].map(({title}) => title).join(", ")));
    const columns = [
      {key: "image", title: "Image", value: (row) => group.rows[row].image, fill: table.name},
      {key: "verdict", title: "Verdict", value: (row) => table.rank[group.rows[row].verdict] ?? null,
       fill: (row) => page.element("td", {}, group.rows[row].verdict ? page.badge(group.rows[row].verdict) : "")},
      {key: "rating", title: "Your rating", value: (row) => table.rank[table.ratings[row]?.rating] ?? null,
       fill: (row) => page.element("td", {title: table.ratings[row]?.comment ?? ""}, table.ratings[row]?.rating ? page.badge(table.ratings[row].rating) : "")},
      {key: "reasons", title: "Reasons of the verdict", value: (row) => group.rows[row].reasons.join("; "),
       fill: (row) => page.element("td", {class: "reasons", title: group.rows[row].reasons.join("\n")}, group.rows[row].reasons.join("; "))},
      {key: "outliers", title: "Outliers", value: (row) => group.outliers[row].length, fill: names(group.outliers)},
    ];
    if (group.measures.some(({volume}) => volume)) {
      columns.push({key: "volume_outliers", title: "Volume outliers", value: (row) => group.volumeOutliers[row].length, fill: names(group.volumeOutliers)});
    }
    if (table.others.some(({length}) => length)) {
      columns.splice(3, 0, {key: "other_ratings", title: "Other ratings", value: (row) => table.others[row].map(({rating}) => rating).join(" "),
        fill: (row) => page.element("td", {}, ...table.others[row].flatMap(({rater, rating}) => [page.element("bdi", {}, rater), " ", page.badge(rating), " "]))});
    }
    return columns;
  },
  columns() {
    const set = document.getElementById("column-set").value;
    const chosen = set === "participants" ? group.participants.map(({name, values}) => (
      {key: name, title: name, value: (row) => table.cellValue(values[row]), fill: (row) => page.element("td", {}, values[row] ?? "")}))
      : table.sets[set]().map((measure) => (
        {key: measure.name, title: measure.title + (group.unit(measure) ? ", " + group.unit(measure) : ""), measure, value: (row) => group.value(measure, row),
         fill: (row) => page.element("td", {class: group.isOutlier(measure, row) ? "number out" : "number"}, group.text(measure, group.value(measure, row)))}));
    return [...table.fixedColumns(), ...chosen];
  },
  cellValue(text) { return text === null || text === "" ? null : Number.isNaN(Number(text)) ? text : Number(text); },

  // What a filter can name.
  fields() {
    const fields = new Map();
    for (const {name, values} of group.participants) {
      fields.set(name.toLowerCase(), {of: (row) => table.cellValue(values[row]), isText: () => values.every((text) => typeof table.cellValue(text) !== "number")});
    }
    for (const measure of group.measures) fields.set(measure.name.toLowerCase(), {of: (row) => group.value(measure, row)});
    fields.set("outliers", {of: (row) => group.outliers[row].length});
    fields.set("volume_outliers", {of: (row) => group.volumeOutliers[row].length});
    fields.set("verdict", {of: (row) => group.rows[row].verdict, values: ["pass", "warning", "fail", "error", "none", "any"]});
    fields.set("rating", {of: (row) => table.ratings[row]?.rating ?? null, values: [...ratings.words, "none", "any"]});
    fields.set("reason", {of: (row) => group.rows[row].reasons.join("; "), part: true, isText: () => true});
    return fields;
  },

  order(columns) {
    const column = columns.find(({key}) => key === table.sort.key) ?? columns[0];
    const collator = new Intl.Collator("en", {numeric: true});
    const values = new Map(group.shown.map((row) => [row, column.value(row)]));
    const sign = table.sort.descending ? -1 : 1;
    group.shown.sort((a, b) => {
      const x = values.get(a), y = values.get(b);
      if (x === y) return group.outliers[b].length - group.outliers[a].length || a - b;
      if (x === null || x === "") return 1;  // absent values come last either way
      if (y === null || y === "") return -1;
      return sign * (typeof x === "number" && typeof y === "number" ? x - y : collator.compare(x, y));
    });
  },

  refresh() {
    group.ofIcv = Boolean(document.getElementById("of-icv")?.checked);
    group.threshold = Number(document.getElementById("threshold").value) || 3.5;
    group.findOutliers();
    table.ratings = group.rows.map(ratings.mine);
    table.others = group.rows.map(ratings.others);
    const {test, problems} = filterLanguage.parse(document.getElementById("filter").value, table.fields(), (row) => table.text[row]);
    document.getElementById("filter-problems").textContent = problems.map((problem) => "Not understood and left out: " + problem + ".").join(" ");
    group.shown = [...group.rows.keys()].filter(test);
    const columns = table.columns();
    table.order(columns);
    table.draw(columns);
    strips.redraw();
    document.getElementById("progress").textContent = ratings.progress(group.rows.filter(({verdict}) => verdict !== "error"));
    state.write();
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
    const {image, link} = group.rows[row];
    const name = image.slice(image.lastIndexOf("/") + 1);
    return page.element("th", {scope: "row", title: image}, link ? page.element("a", {href: link}, name) : name);
  },
  row(row, columns) {
    const line = page.element("tr", {}, ...columns.map(({fill}) => fill(row)));
    line.dataset.row = row;
    return line;
  },

  draw(columns) {
    const visible = table.all ? group.shown : group.shown.slice(0, table.limit);
    const body = page.element("tbody");
    body.append(...visible.map((row) => table.row(row, columns)));
    document.getElementById("rows").replaceChildren(table.head(columns), body);
    document.getElementById("found").textContent = group.shown.length + " of " + group.rows.length + " images" +
      (visible.length < group.shown.length ? ", the first " + visible.length + " are shown" : "") + ".";
    document.getElementById("all-rows").hidden = visible.length === group.shown.length;
  },

  build() {
    table.text = group.rows.map(({image, subject}) => ("sub-" + subject + " " + image).toLowerCase());
    const choice = document.getElementById("column-set");
    for (const name of [...Object.keys(table.sets), ...(group.participants.length ? ["participants"] : [])]) choice.append(page.element("option", {value: name}, name));
    state.read();
    choice.onchange = table.refresh;
    let waiting;
    document.getElementById("filter").oninput = () => { clearTimeout(waiting); waiting = setTimeout(table.refresh, 120); };
    document.getElementById("threshold").onchange = table.refresh;
    document.getElementById("all-rows").onclick = () => { table.all = true; table.refresh(); };
    // A click on a link of the menu makes an entry of the history without the state.
    addEventListener("hashchange", state.write);
    const body = document.getElementById("rows");
    const highlight = (event) => strips.highlight(event.target.closest("tr[data-row]")?.dataset.row ?? null);
    body.addEventListener("pointerover", highlight);
    body.addEventListener("focusin", highlight);
    body.addEventListener("pointerleave", () => strips.highlight(null));
    page.keys.unshift({key: "/", text: "filter the images", run: () => document.getElementById("filter").focus()});
  },
};

const strips = {
  width: 420,
  left: 10,
  built: new Map(),  // element -> {measure, positions, dot}
  tip: page.element("div", {id: "tip", "aria-hidden": "true", hidden: ""}),  // the slider says the same

  scale(summary) {
    const span = summary.max - summary.min || Math.abs(summary.max) || 1;
    const low = summary.min - .03 * span, high = summary.max + .03 * span;
    return (value) => strips.left + (strips.width - 2 * strips.left) * (value - low) / (high - low);
  },

  // Always the same height for the same image, so that a point can be followed from plot to plot.
  height(row) { return 22 + ((row + 1) * 2654435761 % 4294967296) / 4294967296 * 24; },

  draw(strip, measure) {
    const summary = group.summary(measure), x = strips.scale(summary);
    const unit = group.unit(measure);
    const title = page.element("h3", {title: measure.name + (measure.meaning ? ": " + measure.meaning : "")},
      page.element("span", {class: "name"}, measure.title + (unit ? ", " + unit : "")));
    if (summary.count === 0) {
      strip.replaceChildren(title, page.element("p", {class: "legend"}, "Not measured in any image."));
      strips.built.set(strip, {measure, positions: new Map(), dot: svgElement("circle")});
      return;
    }
    const inView = new Set(group.shown);
    let plain = "", outliers = "", hidden = "", found = 0;
    const positions = [];
    for (const row of group.rows.keys()) {
      const value = group.value(measure, row);
      if (value === null) continue;
      const at = [x(value), strips.height(row)];
      const mark = "M" + at[0].toFixed(1) + " " + at[1].toFixed(1) + "h0";
      if (!inView.has(row)) { hidden += mark; continue; }
      positions.push([row, ...at]);
      if (group.isOutlier(measure, row)) { outliers += mark; ++found; } else plain += mark;
    }
    const svg = svgElement("svg", {viewBox: "0 0 " + strips.width + " 66", tabindex: 0, role: "slider",
      "aria-label": measure.title + ": median " + group.text(measure, summary.median) + ", quartiles " + group.text(measure, summary.q1) + " to " + group.text(measure, summary.q3) + ", " + found + " outliers"});
    strips.drawBox(svg, measure, summary, x);
    svg.append(svgElement("path", {class: "points", d: hidden, style: "opacity:.12"}), svgElement("path", {class: "points", d: plain}), svgElement("path", {class: "outliers", d: outliers}));
    const dot = svgElement("circle", {class: "hovered", r: 5, visibility: "hidden"});
    svg.append(dot);
    strips.listen(svg, measure, positions);
    const notes = [];
    if (summary.count < group.segmented) notes.push(page.element("span", {class: "legend"}, summary.count + " of " + group.segmented + " measured"));
    if (found) notes.push(page.element("span", {class: "count"}, found + (found === 1 ? " outlier" : " outliers")));
    title.append(page.element("span", {class: "notes"}, ...notes));
    strip.replaceChildren(title, svg);
    strips.built.set(strip, {measure, positions: new Map(positions.map(([row, ...at]) => [row, at])), dot});
  },

  drawBox(svg, measure, summary, x) {
    const spread = 1.5 * (summary.q3 - summary.q1);
    let low = summary.q1, high = summary.q3;
    for (const row of group.rows.keys()) {
      const value = group.value(measure, row);
      if (value === null) continue;
      if (value < low && value >= summary.q1 - spread) low = value;
      if (value > high && value <= summary.q3 + spread) high = value;
    }
    svg.append(svgElement("line", {class: "whisker", x1: x(low), x2: x(high), y1: 12, y2: 12}),
      svgElement("rect", {class: "box", x: x(summary.q1), width: Math.max(.5, x(summary.q3) - x(summary.q1)), y: 6, height: 12}),
      svgElement("line", {class: "median", x1: x(summary.median), x2: x(summary.median), y1: 5, y2: 19}),
      svgElement("line", {class: "axis", x1: strips.left, x2: strips.width - strips.left, y1: 51, y2: 51}));
    for (const [value, anchor, at] of [[summary.min, "start", strips.left], [summary.median, "middle", x(summary.median)], [summary.max, "end", strips.width - strips.left]]) {
      if (anchor === "middle" && (at < 90 || at > strips.width - 90)) continue;
      const label = svgElement("text", {x: at, y: 63, "text-anchor": anchor});
      label.textContent = group.text(measure, value);
      svg.append(label);
    }
  },

  listen(svg, measure, positions) {
    const nearest = (event) => {
      const box = svg.getBoundingClientRect();
      const px = (event.clientX - box.left) * strips.width / box.width, py = (event.clientY - box.top) * 66 / box.height;
      let best = null, least = 225;
      for (const [row, x, y] of positions) {
        const distance = (x - px) ** 2 + (y - py) ** 2;
        if (distance < least) { least = distance; best = row; }
      }
      return best;
    };
    const open = (row, apart) => {
      const link = group.rows[row]?.link;
      if (link && apart) window.open(link, "_blank", "noopener"); else if (link) location.href = link;
    };
    svg.onpointermove = (event) => strips.point(measure, nearest(event), event.clientX, event.clientY);
    svg.onpointerleave = () => strips.point(measure, null);
    svg.onclick = (event) => open(nearest(event), event.ctrlKey || event.metaKey);
    strips.listenToKeys(svg, measure, positions, open);
  },

  // Arrow keys go from point to point by value, Home and End to the first and the last; Enter opens the report.
  listenToKeys(svg, measure, positions, open) {
    const ordered = [...positions].sort((a, b) => a[1] - b[1]);
    let at = ordered.length >> 1;
    const show = (index) => {
      at = Math.min(ordered.length - 1, Math.max(0, index));
      svg.setAttribute("aria-valuenow", at + 1);
      svg.setAttribute("aria-valuetext", ordered.length ? strips.words(measure, ordered[at][0]) : "no image");
    };
    svg.setAttribute("aria-valuemin", 1);
    svg.setAttribute("aria-valuemax", Math.max(1, ordered.length));
    show(at);
    const tell = () => {
      if (!ordered.length) return;
      const [row, x, y] = ordered[at], box = svg.getBoundingClientRect();
      strips.point(measure, row, box.left + x * box.width / strips.width, box.top + y * box.height / 66);
    };
    svg.onfocus = () => { if (svg.matches(":focus-visible")) tell(); };
    svg.onblur = () => strips.point(measure, null);
    svg.onkeydown = (event) => {
      const wanted = {ArrowRight: at + 1, ArrowUp: at + 1, ArrowLeft: at - 1, ArrowDown: at - 1, Home: 0, End: ordered.length - 1}[event.key];
      if (wanted !== undefined) { show(wanted); tell(); }
      else if (event.key === "Enter") open(ordered[at]?.[0], false);
      else return;
      event.preventDefault();
    };
  },

  words(measure, row) {
    const {image} = group.rows[row], unit = group.unit(measure);
    return page.isolated(image.slice(image.lastIndexOf("/") + 1)) + ": " + group.text(measure, group.value(measure, row)) + (unit ? " " + unit : "") +
      ", robust z " + fixed(group.z(measure, row), 1);
  },
  point(measure, row, x = 0, y = 0) {
    strips.highlight(row);
    strips.tip.hidden = row === null;
    if (row === null) return;
    strips.tip.textContent = strips.words(measure, row);
    strips.tip.style.left = Math.max(4, Math.min(x + 14, innerWidth - strips.tip.offsetWidth - 8)) + "px";
    strips.tip.style.top = Math.min(y + 14, innerHeight - strips.tip.offsetHeight - 8) + "px";
  },

  highlight(row) {
    for (const {positions, dot} of strips.built.values()) {
      const at = row === null ? undefined : positions.get(Number(row));
      dot.setAttribute("visibility", at ? "visible" : "hidden");
      if (at) { dot.setAttribute("cx", at[0]); dot.setAttribute("cy", at[1]); }
    }
  },

  redraw() { for (const [strip, {measure}] of strips.built) strips.draw(strip, measure); },

  build() {
    document.body.append(strips.tip);
    const waiting = new Map();
    const fill = (strip) => {
      const measure = waiting.get(strip);
      if (!measure) return;
      waiting.delete(strip);
      observer.unobserve(strip);
      strips.draw(strip, measure);
    };
    const observer = new IntersectionObserver((entries) => { for (const entry of entries) if (entry.isIntersecting) fill(entry.target); }, {rootMargin: "600px"});
    for (const measure of group.measures) {
      const strip = page.element("div", {class: "strip", "data-text": (measure.name + " " + measure.title).toLowerCase()});
      waiting.set(strip, measure);
      document.getElementById(measure.volume ? "volumes-strips" : "quality-strips").append(strip);
      observer.observe(strip);
    }
    for (const filter of document.querySelectorAll(".measure-filter")) {
      filter.oninput = () => {
        const words = filter.value.trim().toLowerCase().split(/\s+/);
        for (const strip of document.getElementById(filter.dataset.strips).children) strip.hidden = !words.every((word) => strip.dataset.text.includes(word));
      };
    }
    const ofIcv = document.getElementById("of-icv");
    if (ofIcv) ofIcv.onchange = table.refresh;
    addEventListener("beforeprint", () => { for (const strip of [...waiting.keys()]) fill(strip); });
  },
};

const groupRatings = {
  async load(input) {
    const told = [];
    for (const file of input.files) told.push(ratings.load(file.name, await file.text(), group.rows));
    input.value = "";  // so that the same file can be chosen again
    document.getElementById("loaded").textContent = told.join(" ");
    table.refresh();
  },
  build() {
    document.getElementById("download-ratings").onclick = () => ratings.download("group_" + page.data.suffix + "_ratings.tsv", group.rows);
    const input = document.getElementById("load-ratings");
    input.onchange = () => groupRatings.load(input);
    ratings.build(group.rows, table.refresh);
  },
};

table.build();
strips.build();
groupRatings.build();
table.refresh();
