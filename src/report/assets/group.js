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
  rows: page.data.rows,
  measures: page.data.measures,
  icv: page.data.icv,
  ofIcv: false,
  threshold: 3.5,
  shown: [],  // row indices that pass the filter, in the order of the table

  normalised(measure) { return group.ofIcv && Boolean(measure.icvSummary); },
  summary(measure) { return group.normalised(measure) ? measure.icvSummary : measure.summary; },
  text(measure, value) {
    const {q1, q3} = group.summary(measure);
    return fixed(value, places(Math.max(Math.abs(q1), Math.abs(q3))));
  },
  unit(measure) { return group.normalised(measure) ? "% of ICV" : measure.unit.replace(/mm3$/, "mm\u00b3"); },
  value(measure, row) {
    const value = measure.values[row];
    if (value === null || !group.normalised(measure)) return value;
    const icv = group.measures[group.icv].values[row];
    return icv ? 100 * value / icv : null;
  },
  z(measure, row) {
    const value = group.value(measure, row), {median, scale} = group.summary(measure);
    return value === null || !scale ? 0 : (value - median) / scale;
  },
  isOutlier(measure, row) { return Math.abs(group.z(measure, row)) > group.threshold; },

  findOutliers() {
    group.outliers = group.rows.map((_, row) => group.measures.filter((measure) => group.isOutlier(measure, row))
      .sort((a, b) => Math.abs(group.z(b, row)) - Math.abs(group.z(a, row))));
  },
};

const table = {
  limit: 200,
  all: false,
  sort: {key: "outliers", descending: true},
  sets: {
    overview: () => [...group.measures.keys()].filter((i) => i === group.icv || !group.measures[i].volume).slice(0, 8),
    quality: () => [...group.measures.keys()].filter((i) => !group.measures[i].volume),
    volumes: () => [...group.measures.keys()].filter((i) => group.measures[i].volume),
    all: () => [...group.measures.keys()],
  },

  columns() {
    const fixed = [
      {key: "image", title: "Image", of: (row) => group.rows[row].image},
      {key: "verdict", title: "Verdict", of: (row) => group.rows[row].verdict},
      {key: "rating", title: "Your rating", of: (row) => table.ratings[row] ?? ""},
      {key: "outliers", title: "Outliers", of: (row) => group.outliers[row].length},
    ];
    const chosen = table.sets[document.getElementById("column-set").value]();
    return [...fixed, ...chosen.map((index) => {
      const measure = group.measures[index];
      return {key: measure.name, title: measure.title + (group.unit(measure) ? ", " + group.unit(measure) : ""), measure, of: (row) => group.value(measure, row)};
    })];
  },

  terms() {
    return document.getElementById("filter").value.trim().toLowerCase().split(/\s+/).filter(Boolean).map((term) => {
      const comparison = /^(.+?)([<>])(-?[\d.]+(?:e-?\d+)?)$/.exec(term);
      if (!comparison) return (row) => table.text[row].includes(term);
      const [, name, operator, limit] = comparison;
      const measure = group.measures.find((candidate) => candidate.name.toLowerCase() === name);
      const of = name === "outliers" ? (row) => group.outliers[row].length : (row) => measure ? group.value(measure, row) : null;
      return (row) => of(row) !== null && (operator === "<" ? of(row) < Number(limit) : of(row) > Number(limit));
    });
  },

  order(columns) {
    const column = columns.find(({key}) => key === table.sort.key) ?? columns[0];
    const collator = new Intl.Collator("en", {numeric: true});
    const compare = (a, b) => {
      const [x, y] = [column.of(a), column.of(b)];
      if (x === y) return a - b;
      if (x === null || x === "") return 1;  // absent values come last either way
      if (y === null || y === "") return -1;
      const sign = typeof x === "number" ? x - y : collator.compare(x, y);
      return table.sort.descending ? -sign : sign;
    };
    group.shown.sort(compare);
  },

  refresh() {
    table.ratings = group.rows.map(({image}) => page.rating(image)?.rating ?? null);
    table.text = group.rows.map(({image, subject, verdict}, row) => ("sub-" + subject + " " + image + " " + verdict + " " + (table.ratings[row] ?? "")).toLowerCase());
    const terms = table.terms();
    group.shown = [...group.rows.keys()].filter((row) => terms.every((term) => term(row)));
    const columns = table.columns();
    table.order(columns);
    table.draw(columns);
    strips.redraw();
  },

  head(columns) {
    const line = page.element("tr");
    for (const {key, title, measure} of columns) {
      const button = page.element("button", {type: "button"}, title);
      if (measure) button.title = measure.name + (measure.meaning ? ": " + measure.meaning : "");
      button.onclick = () => {
        table.sort = {key, descending: table.sort.key === key ? !table.sort.descending : key !== "image"};
        table.refresh();
      };
      const cell = page.element("th", {scope: "col"}, button);
      if (table.sort.key === key) cell.setAttribute("aria-sort", table.sort.descending ? "descending" : "ascending");
      line.append(cell);
    }
    return page.element("thead", {}, line);
  },

  row(row, columns) {
    const {image, link, verdict} = group.rows[row];
    const name = image.slice(image.lastIndexOf("/") + 1);
    const line = page.element("tr");
    line.dataset.row = row;
    const head = page.element("th", {scope: "row", title: image});
    head.append(link ? page.element("a", {href: link}, name) : name);
    const outliers = page.element("td", {}, String(group.outliers[row].length || ""));
    if (group.outliers[row].length) {
      const names = group.outliers[row].map(({title}) => title);
      outliers.title = names.join("\n");
      outliers.append(" ", page.element("span", {class: "legend"}, names.slice(0, 2).join(", ") + (names.length > 2 ? ", \u2026" : "")));
    }
    line.append(head, page.element("td", {}, verdict ? page.badge(verdict) : ""), page.element("td", {}, table.ratings[row] ? page.badge(table.ratings[row]) : ""), outliers);
    for (const {measure, of} of columns.slice(4)) {
      line.append(page.element("td", {class: group.isOutlier(measure, row) ? "number out" : "number"}, group.text(measure, of(row))));
    }
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
    const choice = document.getElementById("column-set");
    for (const name of Object.keys(table.sets)) choice.append(page.element("option", {value: name}, name));
    choice.onchange = table.refresh;
    let waiting;
    document.getElementById("filter").oninput = () => { clearTimeout(waiting); waiting = setTimeout(table.refresh, 120); };
    document.getElementById("threshold").onchange = (event) => {
      group.threshold = Number(event.target.value) || 3.5;
      group.findOutliers();
      table.refresh();
    };
    document.getElementById("all-rows").onclick = () => { table.all = true; table.refresh(); };
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
  tip: page.element("div", {id: "tip", role: "status", hidden: ""}),

  scale(summary) {
    const span = summary.max - summary.min || Math.abs(summary.max) || 1;
    const low = summary.min - .03 * span, high = summary.max + .03 * span;
    return (value) => strips.left + (strips.width - 2 * strips.left) * (value - low) / (high - low);
  },

  // Always the same height for the same image, so that a point can be followed from plot to plot.
  height(row) { return 22 + ((row + 1) * 2654435761 % 4294967296) / 4294967296 * 24; },

  draw(strip, measure) {
    const summary = group.summary(measure), x = strips.scale(summary);
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
    const svg = svgElement("svg", {viewBox: "0 0 " + strips.width + " 66", role: "img",
      "aria-label": measure.title + ": median " + group.text(measure, summary.median) + ", quartiles " + group.text(measure, summary.q1) + " to " + group.text(measure, summary.q3) + ", " + found + " outliers"});
    strips.drawBox(svg, measure, summary, x);
    svg.append(svgElement("path", {class: "points", d: hidden, style: "opacity:.12"}), svgElement("path", {class: "points", d: plain}), svgElement("path", {class: "outliers", d: outliers}));
    const dot = svgElement("circle", {class: "hovered", r: 5, visibility: "hidden"});
    svg.append(dot);
    strips.listen(svg, measure, positions);
    const unit = group.unit(measure);
    const title = page.element("h3", {title: measure.name + (measure.meaning ? ": " + measure.meaning : "")},
      page.element("span", {class: "name"}, measure.title + (unit ? ", " + unit : "")),
      page.element("span", {class: "count"}, found ? found + (found === 1 ? " outlier" : " outliers") : ""));
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
    svg.onpointermove = (event) => strips.point(event, measure, nearest(event));
    svg.onpointerleave = () => strips.point(null, measure, null);
    svg.onclick = (event) => {
      const row = nearest(event);
      if (row === null || !group.rows[row].link) return;
      if (event.ctrlKey || event.metaKey) open(group.rows[row].link, "_blank", "noopener"); else location.href = group.rows[row].link;
    };
  },

  point(event, measure, row) {
    strips.highlight(row);
    strips.tip.hidden = row === null;
    if (row === null) return;
    const {image} = group.rows[row];
    const unit = group.unit(measure);
    strips.tip.textContent = image.slice(image.lastIndexOf("/") + 1) + ": " + group.text(measure, group.value(measure, row)) + (unit ? " " + unit : "") + ", robust z " + group.z(measure, row).toFixed(1);
    const left = Math.min(event.clientX + 14, innerWidth - strips.tip.offsetWidth - 8);
    strips.tip.style.left = Math.max(4, left) + "px";
    strips.tip.style.top = Math.min(event.clientY + 14, innerHeight - strips.tip.offsetHeight - 8) + "px";
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
    if (ofIcv) ofIcv.onchange = () => { group.ofIcv = ofIcv.checked; group.findOutliers(); table.refresh(); };
    addEventListener("beforeprint", () => { for (const strip of [...waiting.keys()]) fill(strip); });
  },
};

const groupRatings = {
  download() {
    const images = group.rows.map(({image}) => ({image, ...page.rating(image)})).filter(({time}) => time);
    const record = {dataset: page.data.dataset, suffix: page.data.suffix, downloaded: new Date().toISOString(), ratings: images};
    page.download("group_" + page.data.suffix + "_ratings.json", "application/json", JSON.stringify(record, null, 2) + "\n");
  },
  async load(files) {
    for (const file of files) {
      try {
        for (const {image, ...rating} of JSON.parse(await file.text()).ratings) page.store(page.ratingKey(image), JSON.stringify(rating));
      } catch { alert(file.name + " is not a file of ratings."); }
    }
    table.refresh();
  },
  build() {
    document.getElementById("download-ratings").onclick = groupRatings.download;
    document.getElementById("load-ratings").onchange = (event) => groupRatings.load(event.target.files);
    // Ratings given in another tab appear at once.
    addEventListener("storage", () => table.refresh());
  },
};

group.findOutliers();
table.build();
strips.build();
groupRatings.build();
table.refresh();
