// The wall: a small picture of each image, in the order of the table. Only those in view are there.
const wall = {
  gap: 10,
  least: 300,  // px, the width of a card
  captions: 92,  // px below the picture
  made: new Map(),
  list: page.element("ul", {}),

  draw() {
    const box = document.getElementById("wall");
    if (!wall.list.parentElement) box.append(wall.list);
    const {scrollTop} = box;
    wall.made.clear();
    wall.list.replaceChildren();
    wall.layOut();
    box.scrollTop = table.isAnew() ? 0 : scrollTop;
    wall.paint();
  },
  layOut() {
    if (table.view !== "wall") return;
    const width = document.getElementById("wall").clientWidth - 2 * wall.gap, count = group.shown.length;
    wall.columns = Math.max(1, Math.floor((width + wall.gap) / (wall.least + wall.gap)));
    wall.width = Math.floor((width + wall.gap) / wall.columns) - wall.gap;
    wall.height = Math.round(wall.width * .43) + wall.captions;
    wall.list.style.height = Math.ceil(count / wall.columns) * (wall.height + wall.gap) + "px";
    for (const [index, card] of wall.made) wall.place(index, card);
    wall.paint();
  },
  place(index, card) {
    card.style.width = wall.width + "px";
    card.style.height = wall.height + "px";
    card.style.left = index % wall.columns * (wall.width + wall.gap) + "px";
    card.style.top = Math.floor(index / wall.columns) * (wall.height + wall.gap) + "px";
  },
  paint() {
    if (table.view !== "wall") return;
    const box = document.getElementById("wall"), step = wall.height + wall.gap;
    const first = Math.max(0, Math.floor(box.scrollTop / step) - 2) * wall.columns;
    const last = Math.min(group.shown.length, (Math.ceil((box.scrollTop + box.clientHeight) / step) + 2) * wall.columns);
    keepInView(wall.list, wall.made, first, Math.max(first, last), wall.card);
  },

  card(index) {
    const row = group.shown[index], {image, link, figures, thumbnail, verdict} = group.rows[row], name = group.name(row);
    const picture = page.element("button", {type: "button", class: "picture", title: image, "aria-label": "Review " + name});
    if (thumbnail) picture.append(page.element("img", {src: figures + page.data.pictures.thumbnail, alt: "", loading: "lazy"}));
    else picture.append(verdict === "error" ? "not segmented" : "no picture");
    picture.onclick = () => verdict === "error" ? page.say(page.isolated(name) + " was not segmented.") : review.open(row);
    const card = page.element("li", {class: "card", "aria-posinset": index + 1, "aria-setsize": group.shown.length}, picture,
      page.element("p", {class: "name"}, link ? page.element("a", {href: link, title: image}, name) : page.element("bdi", {title: image}, name)),
      page.element("p", {class: "facts"}, verdict ? page.badge(verdict) : "", " ", page.element("span", {class: "legend"}, wall.fact(row))), wall.marks(row, name));
    card.dataset.row = row;
    wall.place(index, card);
    return card;
  },
  // What the images are ordered by, else what is remarkable about this one.
  fact(row) {
    const key = table.sort.key.replace(/^z:/, ""), measure = group.measures.find(({name}) => name === key);
    if (measure) {
      const value = group.value(measure, row);
      return measure.title + " " + group.text(measure, value) + (value === null ? "" : ", z " + fixed(group.z(measure, row), 1));
    }
    const column = group.participants.find(({name}) => key === "participant:" + name);
    if (column) return column.name + " " + (column.values[row] ?? "n/a");
    return [...group.rows[row].reasons, ...group.outliers[row].map(({title}) => title)].join("; ");
  },
  marks(row, name) {
    const marks = page.element("div", {class: "marks", role: "group", "aria-label": "Your rating of " + name});
    if (group.rows[row].verdict === "error") return marks;
    for (const word of ratings.words) {
      const button = page.element("button", {type: "button", "aria-pressed": String(group.mine[row]?.rating === word)}, word);
      button.onclick = () => groupRatings.rate(row, group.mine[row]?.rating === word ? null : word);
      marks.append(button);
    }
    if (group.agreement[row] === "disagree") marks.append(table.agreementMark(row));
    return marks;
  },
  // Shows a changed rating where the card is drawn. The buttons stay, and with them the focus.
  repaint(row) {
    for (const [index, card] of wall.made) {
      if (group.shown[index] !== row) continue;
      const buttons = card.querySelectorAll(".marks button");
      ratings.words.forEach((word, at) => buttons[at]?.setAttribute("aria-pressed", String(group.mine[row]?.rating === word)));
      card.querySelector(".marks .badge")?.remove();
      if (group.agreement[row] === "disagree") card.querySelector(".marks").append(table.agreementMark(row));
    }
  },

  // Arrow keys go from picture to picture.
  go(event) {
    const card = event.target.closest(".card");
    const step = {ArrowRight: 1, ArrowLeft: -1, ArrowDown: wall.columns, ArrowUp: -wall.columns}[event.key];
    if (!card || !step) return;
    event.preventDefault();
    const index = Math.min(group.shown.length - 1, Math.max(0, Number(card.getAttribute("aria-posinset")) - 1 + step));
    wall.focus(index);
  },
  focus(index) {
    const box = document.getElementById("wall"), top = Math.floor(index / wall.columns) * (wall.height + wall.gap);
    if (top < box.scrollTop) box.scrollTop = top;
    else if (top + wall.height > box.scrollTop + box.clientHeight) box.scrollTop = top + wall.height + wall.gap - box.clientHeight;
    wall.paint();
    wall.made.get(index)?.querySelector(".picture").focus({preventScroll: true});
  },

  build() {
    const box = document.getElementById("wall");
    box.addEventListener("scroll", wall.paint, {passive: true});
    box.addEventListener("keydown", wall.go);
    box.addEventListener("pointerover", (event) => strips.highlight(event.target.closest("[data-row]")?.dataset.row ?? null));
    addEventListener("resize", wall.layOut);
  },
};
