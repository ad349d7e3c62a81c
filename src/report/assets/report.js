// The subject page: overlays, single slices, the form of ratings.
const overlays = {
  names: [],
  shown: null,

  // Those that a reader chooses among; the only overlay of a picture is shown with each of them.
  find() {
    const all = [...document.querySelectorAll(".overlay")];
    const some = all.filter((image) => image.parentElement.querySelectorAll(".overlay").length > 1);
    overlays.names = [...new Set((some.length > 0 ? some : all).map((image) => image.dataset.layer))];
  },
  show(name) {
    overlays.shown = name;
    for (const image of document.querySelectorAll(".overlay")) {
      const {layer} = image.dataset;
      image.classList.toggle("on", layer === name || (name !== "None" && !overlays.names.includes(layer)));
    }
    for (const input of document.querySelectorAll("#layers-tool input")) input.checked = input.value === name;
  },
  next() {
    const all = [...overlays.names, "None"];
    overlays.show(all[(all.indexOf(overlays.shown) + 1) % all.length]);
  },
  build() {
    const tool = document.getElementById("layers-tool");
    if (!tool) return;
    overlays.find();
    if (overlays.names.length === 0) { tool.remove(); return; }
    for (const name of [...overlays.names, "None"]) {
      const input = page.element("input", {type: "radio", name: "layer", value: name});
      input.onchange = () => overlays.show(name);
      tool.append(page.element("label", {class: "choice"}, input, page.element("span", {}, name)));
    }
    document.getElementById("opacity").oninput = (event) => document.documentElement.style.setProperty("--overlay", event.target.value / 100);
    document.getElementById("blink").onchange = (event) => overlays.blink(event.target.checked);
    overlays.show(overlays.names[0]);
    page.keys.unshift(
      {key: "o", text: "next overlay: " + [...overlays.names, "none"].join(", "), run: overlays.next},
      {key: "b", text: "blink the overlay", run: () => document.getElementById("blink").click()});
  },
  timer: null,
  blink(on) {
    clearInterval(overlays.timer);
    document.body.classList.remove("blink-off");
    if (on) overlays.timer = setInterval(() => document.body.classList.toggle("blink-off"), page.blink_ms());
  },
};

// One slice of a mosaic, as large as the window. Its pictures are those of the mosaic, cut. A mosaic of two sessions
// has the slice of the other session behind it.
const slices = {
  // Where the tiles are: {columns, tile, slice, corners, across, down, names}; null of a picture that does not say.
  tiles(layers) {
    const tiles = JSON.parse(layers.dataset.tiles);
    return Array.isArray(tiles?.corners) ? tiles : null;
  },

  // The slice under a point of the mosaic, and the place in it (0-1 of width and height).
  at(layers, clientX, clientY) {
    const {columns, tile, slice, corners} = slices.tiles(layers), box = layers.getBoundingClientRect();
    const scale = layers.querySelector("img").getAttribute("width") / box.width;
    const x = (clientX - box.left) * scale, y = (clientY - box.top) * scale;
    const column = Math.min(columns - 1, Math.floor(x / tile[0])), row = Math.floor(y / tile[1]);
    const within = (value, length) => Math.min(1, Math.max(0, value / length));
    return {index: Math.min(corners.length - 1, row * columns + column),
            place: [within(x - column * tile[0], slice[0]), within(y - row * tile[1], slice[1])]};
  },

  // World coordinates (mm) of a place in a slice.
  world(tiles, index, [x, y]) {
    return tiles.corners[index].map((corner, axis) => corner + x * tiles.across[axis] + y * tiles.down[axis]);
  },

  open(layers, index, place = [.5, .5]) {
    const tiles = slices.tiles(layers);
    if (!tiles) return;
    const section = layers.closest("section.image");
    const image = [...document.querySelectorAll("section.image")].indexOf(section);
    const scans = [...layers.closest(".pair")?.querySelectorAll(".layers") ?? [layers]], pair = scans.length === 2;
    let scan = scans.indexOf(layers);
    const pictures = scans.flatMap((from, number) => [...from.querySelectorAll("img")].map((picture) => {
      const copy = picture.cloneNode();
      copy.loading = "eager";
      copy.dataset.scan = number;
      copy.style.width = 100 * tiles.columns * tiles.tile[0] / tiles.slice[0] + "%";
      return copy;
    }));
    const mark = page.element("span", {class: "mark-place"});
    const area = page.element("div", {class: "slice layers", tabindex: "0", role: "group"}, ...pictures, mark);
    const title = page.element("h2", {"aria-live": "polite"}), bar = page.element("div", {class: "zoom-bar"}, title);
    const dialog = page.element("dialog", {class: "zoom", "aria-label": "One slice, large"}, bar, page.element("div", {class: "zoom-area"}, area));
    const name = () => scans[scan].getAttribute("aria-label").split(":")[0];
    const show = (next, point = null) => {
      if (next < 0 || next >= tiles.corners.length) return;
      index = next;
      if (point) place = point;
      const column = index % tiles.columns, row = Math.floor(index / tiles.columns);
      for (const picture of pictures) {
        picture.style.left = -100 * column * tiles.tile[0] / tiles.slice[0] + "%";
        picture.style.top = -100 * row * tiles.tile[1] / tiles.slice[1] + "%";
        picture.classList.toggle("aside", picture.dataset.scan !== String(scan));
      }
      mark.style.left = 100 * place[0] + "%";
      mark.style.top = 100 * place[1] + "%";
      title.textContent = name() + ": " + tiles.names[index] + " (" + (index + 1) + " of " + tiles.corners.length + ")";
      area.setAttribute("aria-label", title.textContent + ". Left and right arrow: the slices before and after it.");
      for (const [button, end] of [[buttons[0], 0], [buttons[1], tiles.corners.length - 1]]) button.disabled = index === end;
    };
    const views = slices.viewer(image);
    const open = () => views(slices.world(tiles, index, place));
    const swap = () => { scan = 1 - scan; show(index); };
    const buttons = [["\u2039", "The slice before", () => show(index - 1)], ["\u203a", "The slice after", () => show(index + 1)],
                     ["Overlay", "Next overlay", overlays.next],
                     ...(pair ? [["Other session", "The same slice of the other session (key s)", swap]] : []), ...(views ? [["Viewer", "Open the three-plane viewer here", open]] : []),
                     ["Close", "Close", () => dialog.close()]].map(([label, title_, run]) => {
      const button = page.element("button", {type: "button", title: title_, "aria-label": title_}, label);
      button.onclick = run;
      bar.append(button);
      return button;
    });
    dialog.onkeydown = (event) => {
      if (pair && event.key === "s" && !event.ctrlKey && !event.metaKey && !event.altKey) { swap(); return; }
      const step = {ArrowLeft: -1, ArrowRight: 1}[event.key];
      if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      show(index + step);
    };
    area.onclick = (event) => {
      const box = area.getBoundingClientRect();
      show(index, [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height]);
      if (views) open();
    };
    area.style.aspectRatio = tiles.slice.join(" / ");
    area.style.setProperty("--aspect", tiles.slice[0] / tiles.slice[1]);
    dialog.onclose = () => { dialog.remove(); layers.focus({preventScroll: true}); };
    document.body.append(dialog);
    dialog.showModal();
    overlays.show(overlays.shown);
    show(index, place);
    area.focus();
  },

  // What opens the viewer of an image at a place in the world; null where there is none.
  viewer(image) {
    if (typeof viewer === "undefined" || !viewer.ready.has(image)) return null;
    return (mm) => viewer.open(image, {mm});
  },
};

// The form of each image, and the keys that fill it in.
const rating = {
  forms: [...document.querySelectorAll(".rating")],
  items: page.data.images,

  item(form) { return rating.items[rating.forms.indexOf(form)]; },
  show() {
    rating.forms.forEach((form, index) => {
      const item = rating.items[index], mine = ratings.mine(item);
      ratings.fill(form, mine, ratings.others(item));
      document.querySelectorAll("td.rated")[index].replaceChildren(mine?.rating ? page.badge(mine.rating) : "");
    });
    document.getElementById("progress").textContent = ratings.progress(rating.items.map((item) => ratings.mine(item)));
  },
  save(form) {
    ratings.rate(rating.item(form), ratings.read(form));
    rating.show();
  },
  clear(form) {
    ratings.clear(rating.item(form));
    rating.show();
    rating.say(form, "rating cleared");
  },

  // The image in view: the last whose section begins in the upper part of the window, else the first.
  current() {
    const above = rating.forms.filter((form) => form.closest("section").getBoundingClientRect().top < innerHeight / 3);
    return above.at(-1) ?? rating.forms[0];
  },
  key(value) {
    const form = rating.current();
    if (value === null) { rating.clear(form); return; }
    for (const input of form.querySelectorAll("input[type=radio]")) input.checked = input.value === value;
    rating.save(form);
    rating.say(form, "rated " + value);
  },
  say(form, what) {
    const image = rating.item(form).image;
    page.say(page.isolated(image.slice(image.lastIndexOf("/") + 1)) + ": " + what);
    form.classList.remove("flash");
    requestAnimationFrame(() => form.classList.add("flash"));
  },

  build() {
    if (!rating.forms.length) return;
    ratings.build(rating.show);
    rating.show();
    for (const form of rating.forms) {
      form.addEventListener("input", () => rating.save(form));
      form.querySelector(".clear").onclick = () => rating.clear(form);
    }
    ratings.buildDownloads("sub-" + page.data.subject, rating.items);
    page.keys.unshift(
      {key: "1", text: "rate the image in view: pass", run: () => rating.key("pass")},
      {key: "2", text: "rate it: unsure", run: () => rating.key("unsure")},
      {key: "3", text: "rate it: fail", run: () => rating.key("fail")},
      {key: "0", text: "clear its rating", run: () => rating.key(null)},
      {key: "d", text: "download the ratings", run: () => ratings.download()});
  },
};

overlays.build();
rating.build();
for (const layers of document.querySelectorAll("main .layers")) {
  if (!slices.tiles(layers)) continue;
  layers.classList.add("opens");
  layers.onclick = (event) => {
    const {index, place} = slices.at(layers, event.clientX, event.clientY);
    slices.open(layers, index, place);
  };
  layers.onkeydown = (event) => { if (event.key === "Enter") slices.open(layers, 0); };
}
