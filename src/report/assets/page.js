"use strict";
// Shared by all pages: theme, copying, keyboard, current section.
document.documentElement.classList.add("script");

const page = {
  data: JSON.parse(document.getElementById("page-data").textContent),
  keys: [],  // {key, text, run, when}; a key without `when` is always there

  // Storage that survives a browser which refuses it for file:// pages.
  memory: new Map(),
  stored(key) {
    if (page.memory.has(key)) return page.memory.get(key);  // what the storage has may be older
    try { return localStorage.getItem(key); } catch { return null; }
  },
  // The keys with this beginning of all pages that share the storage.
  storedKeys(prefix) {
    let kept = [];
    try { kept = Object.keys(localStorage); } catch { /* what this page holds is all there is */ }
    return [...new Set([...kept, ...page.memory.keys()])].filter((key) => key.startsWith(prefix));
  },
  // True where the value outlives the page.
  store(key, value) {
    try {
      localStorage.setItem(key, value);
      page.memory.delete(key);
      return true;
    } catch {
      page.memory.set(key, value);
      return false;
    }
  },

  element(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  },

  download(name, type, text) {
    const link = page.element("a", {href: URL.createObjectURL(new Blob([text], {type})), download: name});
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  },

  // A name inside a sentence: its direction of writing does not reach beyond it.
  isolated(text) { return "\u2068" + text + "\u2069"; },

  // Tells what a key has done, for a few seconds.
  say(text) {
    const toast = document.getElementById("toast");
    toast.textContent = text;
    toast.classList.add("on");
    clearTimeout(page.saying);
    page.saying = setTimeout(() => toast.classList.remove("on"), 4000);
  },
  badge(word) {
    return page.element("span", {class: "badge " + word}, word);
  },

  copy(text, button) {
    const done = () => { const label = button.textContent; button.textContent = "Copied"; setTimeout(() => { button.textContent = label; }, 1500); };
    const byHand = () => {
      const area = page.element("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
      done();
    };
    if (navigator.clipboard) navigator.clipboard.writeText(text).then(done, byHand); else byHand();
  },

  bound() { return page.keys.filter(({when}) => !when || when()); },
  showKeys() {
    const list = page.element("div", {class: "keys-list"});
    for (const {key, text} of page.bound()) list.append(page.element("kbd", {}, key), page.element("span", {}, text));
    const close = page.element("button", {type: "button"}, "Close");
    const dialog = page.element("dialog", {"aria-label": "Keyboard"}, page.element("h2", {}, "Keyboard"), list, page.element("p", {}, close));
    close.onclick = () => dialog.close();
    dialog.onclose = () => dialog.remove();
    document.body.append(dialog);
    dialog.showModal();
  },

  sections() { return [...document.querySelectorAll("main > section")].filter((section) => section.getClientRects().length); },
  // The section that the reader is in: the last that begins above the upper third of the window; at the very top the first.
  currentSection() {
    const sections = page.sections();
    if (scrollY < 1) return sections[0];
    const above = sections.filter((section) => section.getBoundingClientRect().top < innerHeight / 3);
    return above.at(-1) ?? sections[0];
  },

  step(offset) {
    const sections = page.sections();
    const next = sections[sections.indexOf(page.currentSection()) + offset];
    if (next) next.scrollIntoView();
  },

  markCurrent() {
    const id = page.currentSection()?.id;
    for (const link of document.querySelectorAll("nav a")) {
      if (link.getAttribute("href") === "#" + id) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  },

  themes: ["auto", "light", "dark"],
  setTheme(theme) {
    if (theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    document.getElementById("theme").textContent = "Theme: " + theme;
  },
  nextTheme() {
    const now = document.documentElement.dataset.theme ?? "auto";
    const next = page.themes[(page.themes.indexOf(now) + 1) % page.themes.length];
    page.store("hypersynth-theme", next);
    page.setTheme(next);
  },
};

document.body.append(page.element("div", {id: "toast", role: "status"}));
page.setTheme(page.themes.includes(page.stored("hypersynth-theme")) ? page.stored("hypersynth-theme") : "auto");
document.getElementById("theme").onclick = page.nextTheme;
document.getElementById("keys").onclick = page.showKeys;
for (const button of document.querySelectorAll("[data-copy]")) {
  button.onclick = () => page.copy(document.getElementById(button.dataset.copy).innerText, button);
}
page.keys.push(
  {key: "j", text: "next section", run: () => page.step(1)},
  {key: "k", text: "previous section", run: () => page.step(-1)},
  {key: "t", text: "light, dark or automatic theme", run: page.nextTheme},
  {key: "?", text: "this list", run: page.showKeys});
document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("textarea, select, input:not([type=radio]):not([type=checkbox]):not([type=range])");
  const isBehind = document.querySelector("dialog[open]") !== null && event.key !== "o";  // nobody sees what a key does there
  if (typing || isBehind || event.ctrlKey || event.metaKey || event.altKey) return;
  const bound = page.bound().find(({key}) => key === event.key);
  if (!bound) return;
  event.preventDefault();
  bound.run();
});
let marking = false;
document.addEventListener("scroll", () => {
  if (marking) return;
  marking = true;
  requestAnimationFrame(() => { marking = false; page.markCurrent(); });
}, {passive: true});
page.markCurrent();
// How long each of two pictures is seen that take turns.
page.blink_ms = () => matchMedia("(prefers-reduced-motion: reduce)").matches ? 1500 : 600;
// A printed page shows what is folded on the screen.
let unfolded = [];
addEventListener("beforeprint", () => {
  unfolded = [...document.querySelectorAll("details:not([open])")];
  for (const fold of unfolded) fold.open = true;
});
addEventListener("afterprint", () => { for (const fold of unfolded) fold.open = false; });
