// Ratings on the group page: given in the table, on the wall and in the review, undone, saved and read back.
const groupRatings = {
  undone: [],  // {row, before, rater}: what an undo brings back

  // The image that a key is about: that of the review, the one with the focus, or the one under the pointer.
  atHand() {
    if (review.row() !== null) return review.row();
    const focused = document.activeElement?.closest("[data-row]"), pointed = document.querySelector("#images [data-row]:hover");
    const row = (focused ?? pointed)?.dataset.row;
    return row === undefined ? null : Number(row);
  },
  // Keeps a rating. `quiet` while something is typed: that is undone as one.
  put(row, content, quiet = false) {
    const last = groupRatings.undone.at(-1);
    if (!(quiet && last?.row === row && last.quiet)) groupRatings.undone.push({row, quiet, before: group.mine[row], rater: ratings.rater()});
    ratings.rate(group.rows[row], content);
    groupRatings.show(row);
  },
  show(row) {
    group.takeRatings(row);
    table.repaint(row);
    wall.repaint(row);
    review.showRating();
    table.tellRatings();
  },
  rate(row, word) {
    const kept = group.mine[row] ?? {reasons: [], comment: ""};
    groupRatings.put(row, word ? {...kept, rating: word} : {rating: null, reasons: [], comment: ""});
    page.say(page.isolated(group.name(row)) + ": " + (word ? "rated " + word : "rating cleared") + ".");
  },
  key(word) {
    const row = groupRatings.atHand();
    if (row === null) page.say("No image is chosen: point at one, or go to it with Tab.");
    else if (group.rows[row].verdict === "error") page.say(page.isolated(group.name(row)) + " was not segmented: there is nothing to rate.");
    else if (review.row() !== null && word) review.rate(word);
    else groupRatings.rate(row, word);
  },
  undo() {
    groupRatings.undone = groupRatings.undone.filter(({rater}) => rater === ratings.rater());
    const last = groupRatings.undone.pop();
    if (!last) { page.say("There is nothing to undo."); return; }
    const {row, before} = last;
    ratings.rate(group.rows[row], before ?? {rating: null, reasons: [], comment: ""});
    if (review.row() !== null && review.queue.includes(row)) {
      review.at = review.queue.indexOf(row);
      review.show();
      state.write();
    }
    groupRatings.show(row);
    page.say("Undone. " + page.isolated(group.name(row)) + ": " + (before?.rating ? "rated " + before.rating : "not rated") + ".");
  },

  // Takes over what has changed in another tab or file.
  changed() {
    group.takeAllRatings();
    if (review.row() === null) table.refresh(); else review.showRating();
  },
  async load(input) {
    const told = [];
    for (const file of input.files) told.push(ratings.load(file.name, await file.text(), group.rows));
    input.value = "";  // so that the same file can be chosen again
    document.getElementById("loaded").textContent = told.join(" ");
    groupRatings.changed();
  },
  build() {
    for (const {row, rating, rater, time_ms: ms, ...record} of page.data.ratings) {
      const item = group.rows[row], time = new Date(ms).toISOString();
      // One without a name that this browser gave, or has given a newer one for, is the reader's own.
      if (!rater && ratings.stored(item).some((own) => own.time === time || (!own.rater && ratings.ms(own.time) > ms))) continue;
      item.given.push({...record, rater: rater || "without a name", time, rating: rating || null});
    }
    ratings.buildDownloads(page.data.suffix, group.rows);
    const input = document.getElementById("load-ratings");
    input.onchange = () => groupRatings.load(input);
    ratings.build(groupRatings.changed);
    page.keys.unshift(
      {key: "1", text: "rate the image: pass", run: () => groupRatings.key("pass")},
      {key: "2", text: "rate it: unsure", run: () => groupRatings.key("unsure")},
      {key: "3", text: "rate it: fail", run: () => groupRatings.key("fail")},
      {key: "0", text: "clear its rating", run: () => groupRatings.key(null)},
      {key: "u", text: "undo the last rating", run: groupRatings.undo});
    group.takeAllRatings();
  },
};

groupRatings.build();
table.build();
strips.build();
wall.build();
review.build();
table.update();
table.restoreScroll();
review.restore();
state.write();
