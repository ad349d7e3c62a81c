// Review: one image after the other with its pictures and the form, all by keys. It is a part of this page, not of the pages of
// the subjects, because a browser may give each file:// page a storage of its own: ratings that are given here are counted here.
const review = {
  queue: [],  // rows in the order in which they are looked at
  at: null,  // which of the queue; null: no review
  overlay: 0,

  row() { return review.at === null ? null : review.queue[review.at]; },
  element(name) { return document.getElementById("review-" + name); },

  // The images of the filter in their order, those without a rating first.
  fill(row) {
    const segmented = group.shown.filter((shown) => group.rows[shown].verdict !== "error");
    const isRated = (shown) => Boolean(group.mine[shown]?.rating);
    review.queue = [...segmented.filter((shown) => !isRated(shown)), ...segmented.filter(isRated)];
    if (row !== undefined && !review.queue.includes(row)) review.queue.unshift(row);
    review.at = review.queue.length === 0 ? null : row === undefined ? 0 : review.queue.indexOf(row);
  },
  open(row) {
    state.write();  // the list as it is, for the way back
    review.fill(row);
    if (review.at === null) { page.say("No image to review: the filter lets none through that was segmented."); return; }
    state.write(true);
    review.enter();
  },
  enter() {
    document.body.classList.add("reviewing");
    document.getElementById("review").hidden = false;
    review.show();
    review.element("title").focus({preventScroll: true});
  },
  leave() {
    if (history.state?.pushed) history.back();  // and popstate does the rest
    else {
      review.hide();
      state.write();
      table.refresh();
    }
  },
  hide() {
    if (review.at === null) return;
    review.at = null;
    document.body.classList.remove("reviewing");
    document.getElementById("review").hidden = true;
    document.getElementById("start-review").focus();
  },
  // What the address says, when the page is loaded and after Back and Forward.
  restore() {
    const row = state.review === null ? -1 : group.rows.findIndex(({image, verdict}) => image === state.review && verdict !== "error");
    if (row < 0) { review.hide(); return; }
    if (review.at !== null && review.queue.includes(row)) review.at = review.queue.indexOf(row);
    else review.fill(row);
    review.enter();
  },

  go(step) {
    const wanted = review.at + step;
    if (wanted < 0 || wanted >= review.queue.length) {
      page.say(step > 0 ? "This is the last image. " + review.left() : "This is the first image.");
      return false;
    }
    review.at = wanted;
    review.show();
    state.write();
    page.say(review.place() + ": " + page.isolated(group.name(review.row())));
    return true;
  },
  left() {
    const open = review.queue.filter((row) => !group.mine[row]?.rating).length;
    return open === 0 ? "All are rated." : open + " of " + review.queue.length + " without a rating.";
  },
  place() { return (review.at + 1) + " of " + review.queue.length; },

  // A key gives the rating, with the reasons and the comment that the form has, and leads on.
  rate(word) {
    const row = review.row();
    groupRatings.put(row, {...ratings.read(review.form), rating: word});
    const said = page.isolated(group.name(row)) + ": rated " + word + ". ";
    if (review.at + 1 === review.queue.length) { review.show(); page.say(said + "That was the last image. " + review.left()); return; }
    review.go(1);
    page.say(said + "Now " + review.place() + ": " + page.isolated(group.name(review.row())) + ".");
  },

  show() {
    const row = review.row(), {link, reasons, verdict} = group.rows[row];
    review.element("title").textContent = group.name(row);
    review.element("title").title = group.rows[row].image;
    review.element("report").href = link || "#review";
    review.element("report").hidden = !link;
    review.element("previous").disabled = review.at === 0;
    review.element("next").disabled = review.at + 1 === review.queue.length;
    const outliers = [...group.outliers[row], ...group.volumeOutliers[row]].map((measure) => measure.title + " z " + fixed(group.z(measure, row), 1));
    const facts = [...reasons, outliers.length ? "Outliers: " + outliers.slice(0, 12).join(", ") + (outliers.length > 12 ? " and " + (outliers.length - 12) + " more" : "") : "No outliers"];
    review.element("facts").replaceChildren(verdict ? page.badge(verdict) : "", " ", page.element("bdi", {}, facts.join(". ") + "."));
    review.showRating();
    review.draw(row);
    scrollTo({top: 0, behavior: "instant"});
  },
  showRating() {
    const row = review.row();
    if (row === null) return;
    ratings.fill(review.form, group.mine[row], group.others[row]);
    review.element("undo").disabled = groupRatings.undone.length === 0;
    review.element("place").textContent = "Image " + review.place() + " \u00b7 " + (review.queue.length - review.queue.filter((of) => !group.mine[of]?.rating).length) + " rated";
  },

  pictures(row) {
    const {figures} = group.rows[row];
    return figures ? page.data.pictures.sections.map(({title, picture, overlays}) => (
      {title, picture: figures + picture, overlays: overlays.map((overlay) => ({...overlay, picture: figures + overlay.picture}))})) : [];
  },
  draw(row) {
    const lost = (image) => image.replaceWith(page.element("p", {class: "missing"}, "The picture " + image.getAttribute("src") + " is not there."));
    const figures = review.pictures(row).map(({title, picture, overlays}) => {
      const base = page.element("img", {src: picture, alt: title + " of " + group.name(row)});
      base.onerror = () => lost(base);
      const layers = overlays.map(({name, picture: source}) => {
        const image = page.element("img", {src: source, alt: "", class: "overlay", "data-layer": name});
        image.onerror = () => {
          if (overlays.length > 1) image.remove();  // without its only overlay a picture shows nothing of what it is for
          else image.closest("figure")?.replaceWith(page.element("p", {class: "missing"}, title + ": there is none of this image."));
        };
        return image;
      });
      return page.element("figure", {}, page.element("figcaption", {}, title), page.element("div", {class: "layers"}, base, ...layers));
    });
    review.element("pictures").replaceChildren(...(figures.length ? figures : [page.element("p", {class: "missing"}, "This image has no pictures.")]));
    review.showOverlay();
    // The next two come without waiting.
    for (const next of review.queue.slice(review.at + 1, review.at + 3)) {
      for (const {picture, overlays} of review.pictures(next)) for (const source of [picture, ...overlays.map((overlay) => overlay.picture)]) new Image().src = source;
    }
  },
  // The overlays that a reader chooses among; the only one of a picture is shown with each of them.
  overlays() {
    const {sections} = page.data.pictures;
    const some = sections.filter(({overlays}) => overlays.length > 1);
    return [...new Set((some.length ? some : sections).flatMap(({overlays}) => overlays.map(({name}) => name))), "None"];
  },
  showOverlay() {
    const names = review.overlays(), chosen = names[review.overlay % names.length];
    for (const image of review.element("pictures").querySelectorAll(".overlay")) {
      const {layer} = image.dataset;
      image.classList.toggle("on", layer === chosen || (chosen !== "None" && !names.includes(layer)));
    }
    review.element("overlay").textContent = "Overlay (o): " + chosen;
  },
  nextOverlay() {
    ++review.overlay;
    review.showOverlay();
    page.say(review.element("overlay").textContent);
  },

  build() {
    review.form = document.querySelector("#review .rating");
    review.form.addEventListener("input", ({target}) => {
      groupRatings.put(review.row(), ratings.read(review.form), target.type !== "radio");
      const what = {radio: "rated " + target.value, checkbox: target.value + (target.checked ? " noted" : " taken back")}[target.type];
      if (what) page.say(page.isolated(group.name(review.row())) + ": " + what + ".");
    });
    review.form.querySelector(".clear").onclick = () => groupRatings.rate(review.row(), null);
    review.form.querySelector("textarea").onkeydown = (event) => { if (event.key === "Escape") event.target.blur(); };
    review.form.querySelector(".reasons legend").textContent = "What is wrong (a)";
    for (const [name, run] of [["previous", () => review.go(-1)], ["next", () => review.go(1)], ["undo", () => groupRatings.undo()], ["overlay", review.nextOverlay], ["close", review.leave]]) review.element(name).onclick = run;
    document.getElementById("start-review").onclick = () => review.open();
    const when = () => review.row() !== null;
    page.keys.unshift(
      {key: "n", text: "next image", run: () => review.go(1), when},
      {key: "p", text: "previous image", run: () => review.go(-1), when},
      {key: "o", text: "next overlay", run: review.nextOverlay, when},
      {key: "a", text: "go to what is wrong (Tab and Space choose)", run: () => review.form.querySelector("input[type=checkbox]").focus(), when},
      {key: "c", text: "write a comment (Escape ends it)", run: () => review.form.querySelector("textarea").focus(), when},
      {key: "Escape", text: "back to the list", run: review.leave, when: () => when() && !document.querySelector("dialog[open]")},
      {key: "r", text: "review the images of the filter, one after the other", run: () => review.open(), when: () => !when()});
  },
};
