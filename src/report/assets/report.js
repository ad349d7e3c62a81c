// The subject page: overlays, large pictures, ratings.
const overlays = {
  names: [...new Set([...document.querySelectorAll(".overlay")].map((image) => image.dataset.layer))],
  shown: null,

  show(name) {
    overlays.shown = name;
    for (const image of document.querySelectorAll(".overlay")) image.classList.toggle("on", image.dataset.layer === name);
    for (const input of document.querySelectorAll("#layers-tool input")) input.checked = input.value === name;
  },
  next() {
    const all = [...overlays.names, "None"];
    overlays.show(all[(all.indexOf(overlays.shown) + 1) % all.length]);
  },
  build() {
    const tool = document.getElementById("layers-tool");
    if (!tool) return;
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

const ratings = {
  forms: [...document.querySelectorAll(".rating")],
  lasting: true,

  read(form) {
    return {
      rating: form.querySelector("input[type=radio]:checked")?.value ?? null,
      reasons: [...form.querySelectorAll("input[type=checkbox]:checked")].map((input) => input.value),
      comment: form.querySelector("textarea").value.trim(),
      time: new Date().toISOString(),
      model: page.data.modelDigest,
    };
  },
  save(form) {
    const rating = ratings.read(form);
    ratings.lasting = page.store(page.ratingKey(form.dataset.image), JSON.stringify(rating));
    ratings.show(form, rating);
  },
  show(form, rating) {
    const saved = form.querySelector(".saved");
    const when = rating ? new Date(rating.time).toLocaleString() : "";
    if (!rating) saved.textContent = "Not rated yet. Keys: 1 pass, 2 unsure, 3 fail.";
    else if (!ratings.lasting) saved.textContent = "This browser keeps nothing for this page: download the ratings before you close it.";
    else saved.textContent = "Kept in this browser, " + when + ".";
    if (rating && rating.model !== page.data.modelDigest) saved.textContent += " The rating was given to the result of another model.";
    form.classList.toggle("filled", Boolean(rating));
    for (const cell of document.querySelectorAll("td.rated")) {
      if (cell.dataset.image === form.dataset.image) cell.replaceChildren(rating?.rating ? page.badge(rating.rating) : "");
    }
  },
  restore(form) {
    const rating = page.rating(form.dataset.image);
    if (rating) {
      for (const input of form.querySelectorAll("input[type=radio]")) input.checked = input.value === rating.rating;
      for (const input of form.querySelectorAll("input[type=checkbox]")) input.checked = rating.reasons.includes(input.value);
      form.querySelector("textarea").value = rating.comment;
    }
    ratings.show(form, rating);
  },
  rateCurrent(value) {
    const form = page.currentSection()?.querySelector(".rating");
    if (!form) return;
    for (const input of form.querySelectorAll("input[type=radio]")) input.checked = input.value === value;
    ratings.save(form);
  },
  download() {
    const {dataset, subject, version, model, modelDigest, created} = page.data;
    const images = ratings.forms.map((form) => ({image: form.dataset.image, ...page.rating(form.dataset.image)})).filter(({time}) => time);
    const record = {dataset, subject, hypersynth: version, model, modelDigest, reportWritten: created, downloaded: new Date().toISOString(), ratings: images};
    page.download("sub-" + subject + "_ratings.json", "application/json", JSON.stringify(record, null, 2) + "\n");
  },
  build() {
    for (const form of ratings.forms) {
      ratings.restore(form);
      form.addEventListener("input", () => ratings.save(form));
    }
    const button = document.getElementById("download-ratings");
    if (!button) return;
    button.onclick = ratings.download;
    page.keys.unshift(
      {key: "1", text: "rate the current image: pass", run: () => ratings.rateCurrent("pass")},
      {key: "2", text: "rate it: unsure", run: () => ratings.rateCurrent("unsure")},
      {key: "3", text: "rate it: fail", run: () => ratings.rateCurrent("fail")},
      {key: "d", text: "download the ratings", run: ratings.download});
  },
};

overlays.build();
ratings.build();
for (const layers of document.querySelectorAll("main .layers")) {
  layers.onclick = (event) => {
    const box = layers.getBoundingClientRect();
    zoom.open(layers, {x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height});
  };
  layers.onkeydown = (event) => { if (event.key === "Enter") zoom.open(layers); };
}
