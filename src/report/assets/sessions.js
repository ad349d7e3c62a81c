// Two sessions of a person: one below the other, or laid over each other, where blinking shows what has changed.
const sessions = {
  timers: new WeakMap(),

  // The scan that is covered, or not shown, is out of reach of the keyboard too.
  show(box, mode) {
    clearInterval(sessions.timers.get(box));
    box.classList.toggle("over", mode !== "both");
    box.classList.toggle("later", mode === "later");
    for (const pair of box.querySelectorAll(".pair")) {
      const [first, later] = pair.querySelectorAll(".layers");
      if (!later) continue;
      first.inert = mode === "later" || mode === "blink";
      later.inert = mode === "first";
    }
    if (mode === "blink") sessions.timers.set(box, setInterval(() => box.classList.toggle("later"), page.blink_ms()));
  },
  build() {
    document.querySelectorAll(".comparison").forEach((box, number) => {
      const {first, later} = box.dataset;
      const tool = page.element("fieldset", {class: "layers-tool screen-only"}, page.element("legend", {}, "Show " + first + " and " + later));
      for (const [mode, text] of [["both", "One below the other"], ["first", first], ["later", later], ["blink", "Blink"]]) {
        const input = page.element("input", {type: "radio", name: "sessions-" + number, value: mode});
        input.checked = mode === "both";
        input.onchange = () => sessions.show(box, mode);
        tool.append(page.element("label", {class: "choice"}, input, page.element("span", {}, text)));
      }
      box.prepend(tool);
    });
  },
};

sessions.build();
