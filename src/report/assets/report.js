// The subject page: overlays, large pictures, the form of ratings.
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
    if (on) overlays.timer = setInterval(() => document.body.classList.toggle("blink-off"), 600);
  },
};

const zoom = {
  // Shows `layers` large, around the point (0-1 of width and height) that was clicked.
  open(layers, point = null) {
    const copy = layers.cloneNode(true);
    copy.removeAttribute("tabindex");
    for (const image of copy.querySelectorAll("img")) image.loading = "eager";
    const width = layers.querySelector("img").naturalWidth || Number(layers.querySelector("img").getAttribute("width"));
    const area = page.element("div", {class: "zoom-area", tabindex: "0"}, copy);
    const bar = page.element("div", {class: "zoom-bar"});
    const dialog = page.element("dialog", {class: "zoom", "aria-label": layers.getAttribute("aria-label")}, bar, area);
    let scale = 1;
    const resize = (wanted, x = area.clientWidth / 2, y = area.clientHeight / 2) => {
      const before = scale;
      scale = Math.min(6, Math.max(.2, wanted));
      const left = (area.scrollLeft + x) * scale / before - x, top = (area.scrollTop + y) * scale / before - y;
      copy.style.width = width * scale + "px";
      area.scrollTo({left, top, behavior: "instant"});
    };
    const fit = () => resize(area.clientWidth / width);
    for (const [label, title, run] of [["\u2212", "Smaller", () => resize(scale / 1.4)], ["+", "Larger", () => resize(scale * 1.4)],
                                       ["Fit", "Fit the window", fit], ["Overlay", "Next overlay", overlays.next],
                                       ["Close", "Close", () => dialog.close()]]) {
      const button = page.element("button", {type: "button", title}, label);
      button.onclick = run;
      bar.append(button);
    }
    dialog.onkeydown = (event) => {
      if (event.key === "+" || event.key === "=") resize(scale * 1.4);
      else if (event.key === "-") resize(scale / 1.4);
      else if (event.key === "0") fit();
      else return;
      event.preventDefault();
    };
    area.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      resize(scale * Math.exp(-event.deltaY / 300), event.clientX, event.clientY);
    }, {passive: false});
    zoom.drag(area);
    dialog.onclose = () => { dialog.remove(); layers.focus({preventScroll: true}); };
    document.body.append(dialog);
    dialog.showModal();
    overlays.show(overlays.shown);
    if (point) {
      resize(2 * layers.clientWidth / width, 0, 0);
      area.scrollTo({left: point.x * copy.clientWidth - area.clientWidth / 2, top: point.y * copy.clientHeight - area.clientHeight / 2, behavior: "instant"});
    } else {
      fit();
    }
    area.focus();
  },
  drag(area) {
    let from = null;
    area.onpointerdown = (event) => { from = {x: event.clientX + area.scrollLeft, y: event.clientY + area.scrollTop}; };
    area.onpointermove = (event) => {
      if (from && event.buttons & 1) area.scrollTo({left: from.x - event.clientX, top: from.y - event.clientY, behavior: "instant"});
    };
    area.onpointerup = () => { from = null; };
    area.ondragstart = (event) => event.preventDefault();
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
    ratings.build(rating.items, rating.show);
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
  layers.onclick = (event) => {
    const box = layers.getBoundingClientRect();
    zoom.open(layers, {x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height});
  };
  layers.onkeydown = (event) => { if (event.key === "Enter") zoom.open(layers); };
}
