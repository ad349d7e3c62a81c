// The strip plots: a measure each, a point for each image; of very many images how dense they are.
const strips = {
  width: 420,
  left: 10,
  most: 2000,  // points; with more images the density is drawn
  measures: new Map(),  // element -> measure
  built: new Map(),  // element -> {measure, x, dot}
  inView: new Set(),
  stale: new Set(),
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
      strips.built.delete(strip);
      return;
    }
    const dense = group.segmented > strips.most;
    const found = strips.outliers(measure);
    const svg = svgElement("svg", {viewBox: "0 0 " + strips.width + " 66", tabindex: 0, role: "slider",
      "aria-label": measure.title + ": median " + group.text(measure, summary.median) + ", quartiles " + group.text(measure, summary.q1) + " to " + group.text(measure, summary.q3) + ", " + found.length + " outliers"});
    strips.drawBox(svg, measure, summary, x);
    svg.append(...(dense ? strips.density(measure, x) : strips.points(measure, x)),
      svgElement("path", {class: "outliers", d: strips.marks(measure, x, found)}));
    const dot = svgElement("circle", {class: "hovered", r: 5, visibility: "hidden"});
    svg.append(dot);
    strips.listen(svg, measure, x);
    const notes = [];
    if (summary.count < group.segmented) notes.push(page.element("span", {class: "legend"}, summary.count + " of " + group.segmented + " measured"));
    if (found.length) notes.push(page.element("span", {class: "count"}, found.length + (found.length === 1 ? " outlier" : " outliers")));
    title.append(page.element("span", {class: "notes"}, ...notes));
    strip.replaceChildren(title, svg);
    strips.built.set(strip, {measure, x, dot});
  },

  // The rows of the filter that have the measure.
  measured(measure) { return group.shown.filter((row) => group.value(measure, row) !== null); },
  outliers(measure) {
    const scores = group.scores(measure);
    return group.shown.filter((row) => Math.abs(scores[row]) > group.threshold);
  },
  // Points that fall together are drawn once.
  marks(measure, x, rows) {
    const marks = new Set();
    for (const row of rows) {
      const value = group.value(measure, row);
      if (value !== null) marks.add("M" + x(value).toFixed(1) + " " + strips.height(row).toFixed(1) + "h0");
    }
    return [...marks].join("");
  },
  points(measure, x) {
    const inView = new Set(group.shown), outliers = new Set(strips.outliers(measure));
    const hidden = [...group.rows.keys()].filter((row) => !inView.has(row)), plain = group.shown.filter((row) => !outliers.has(row));
    return [svgElement("path", {class: "points", d: strips.marks(measure, x, hidden), style: "opacity:.12"}), svgElement("path", {class: "points", d: strips.marks(measure, x, plain)})];
  },
  // Bars of how many images there are, of the filter in front of all.
  density(measure, x) {
    const bins = 200, size = (strips.width - 2 * strips.left) / bins;
    const counts = (rows) => {
      const found = new Uint32Array(bins);
      for (const row of rows) {
        const value = group.value(measure, row);
        if (value !== null) ++found[Math.min(bins - 1, Math.max(0, Math.floor((x(value) - strips.left) / size)))];
      }
      return found;
    };
    const all = counts(group.rows.keys()), shown = counts(group.shown);
    const highest = all.reduce((a, b) => Math.max(a, b), 1);
    const bars = (heights) => [...heights].map((count, bin) => count === 0 ? "" :
      "M" + (strips.left + bin * size).toFixed(1) + " 50v" + (-Math.max(.7, 27 * count / highest)).toFixed(1) + "h" + size.toFixed(2) + "V50z").join("");
    return [svgElement("path", {class: "bars", d: bars(all), style: "opacity:.18"}), svgElement("path", {class: "bars", d: bars(shown)})];
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

  listen(svg, measure, x) {
    const nearest = (event) => {
      const box = svg.getBoundingClientRect();
      const px = (event.clientX - box.left) * strips.width / box.width, py = (event.clientY - box.top) * 66 / box.height;
      let best = null, least = 225;
      for (const row of group.shown) {
        const value = group.value(measure, row);
        if (value === null) continue;
        const distance = (x(value) - px) ** 2 + (strips.height(row) - py) ** 2;
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
    strips.listenToKeys(svg, measure, x, open);
  },

  // Arrow keys go from point to point by value, Home and End to the first and the last; Enter opens the report.
  listenToKeys(svg, measure, x, open) {
    let rows = null, at = null;  // ordered when they are needed first
    const ordered = () => rows ??= strips.measured(measure).sort((a, b) => group.value(measure, a) - group.value(measure, b));
    const show = (index) => {
      at = Math.min(ordered().length - 1, Math.max(0, index));
      svg.setAttribute("aria-valuenow", at + 1);
      svg.setAttribute("aria-valuetext", ordered().length ? strips.words(measure, ordered()[at]) : "no image");
    };
    svg.setAttribute("aria-valuemin", 1);
    svg.setAttribute("aria-valuemax", Math.max(1, group.shown.length));
    svg.setAttribute("aria-valuenow", 1);
    const tell = () => {
      if (!ordered().length) return;
      const row = ordered()[at], box = svg.getBoundingClientRect();
      strips.point(measure, row, box.left + x(group.value(measure, row)) * box.width / strips.width, box.top + strips.height(row) * box.height / 66);
    };
    svg.onfocus = () => {
      if (at === null) { svg.setAttribute("aria-valuemax", Math.max(1, ordered().length)); show(ordered().length >> 1); }
      if (svg.matches(":focus-visible")) tell();
    };
    svg.onblur = () => strips.point(measure, null);
    svg.onkeydown = (event) => {
      const wanted = {ArrowRight: at + 1, ArrowUp: at + 1, ArrowLeft: at - 1, ArrowDown: at - 1, Home: 0, End: ordered().length - 1}[event.key];
      if (wanted !== undefined) { show(wanted); tell(); }
      else if (event.key === "Enter") open(ordered()[at], false);
      else return;
      event.preventDefault();
    };
  },

  words(measure, row) {
    const unit = group.unit(measure);
    return page.isolated(group.name(row)) + ": " + group.text(measure, group.value(measure, row)) + (unit ? " " + unit : "") +
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
    for (const {measure, x, dot} of strips.built.values()) {
      const value = row === null ? null : group.value(measure, Number(row));
      dot.setAttribute("visibility", value === null ? "hidden" : "visible");
      if (value === null) continue;
      dot.setAttribute("cx", x(value));
      dot.setAttribute("cy", strips.height(Number(row)));
    }
  },

  // Draws what is in view now, the others when they come into view.
  redraw() {
    strips.stale = new Set(strips.measures.keys());
    for (const strip of strips.inView) strips.fill(strip);
  },
  fill(strip) {
    if (strips.stale.delete(strip)) strips.draw(strip, strips.measures.get(strip));
  },

  build() {
    document.body.append(strips.tip);
    const observer = new IntersectionObserver((entries) => {
      for (const {target, isIntersecting} of entries) {
        if (!isIntersecting) { strips.inView.delete(target); continue; }
        strips.inView.add(target);
        strips.fill(target);
      }
    }, {rootMargin: "600px"});
    for (const measure of group.measures) {
      const strip = page.element("div", {class: "strip", "data-text": (measure.name + " " + measure.title).toLowerCase()});
      strips.measures.set(strip, measure);
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
    addEventListener("beforeprint", () => { for (const strip of strips.measures.keys()) strips.fill(strip); });
  },
};
