// The three-plane viewer of a subject's page: NiiVue (page.data.viewer) draws it, and a script of each image holds the voxels.
// Both are loaded when a reader opens the viewer, as scripts, because a page from a disk may load nothing else.
const viewer = {
  items: page.data.images.map((item) => item.viewer ?? null),
  ready: new Set(),  // the images that this browser can show
  shown: null,  // what is shown: {nv, dialog, labels, grey, shape, affine, structures, label}

  // Why this browser cannot show it; empty: it can.
  absence() {
    if (!("DecompressionStream" in globalThis)) return "this browser is too old for it";
    const gl = document.createElement("canvas").getContext("webgl2");
    gl?.getExtension("WEBGL_lose_context")?.loseContext();
    return gl ? "" : "this browser has no WebGL2";
  },

  // Runs the script at `path`, or that the page holds itself, and gives its element, to which a script of voxels ties them.
  load(path) {
    const text = JSON.parse(document.getElementById("page-files")?.textContent ?? "{}")[path];
    if (text !== undefined) {
      const script = page.element("script", {}, text);
      document.head.append(script);
      script.remove();
      return Promise.resolve(script);
    }
    return new Promise((resolve, reject) => {
      const script = page.element("script", {src: path});
      script.onload = () => { script.remove(); resolve(script); };
      script.onerror = () => { script.remove(); reject(new Error("the file " + page.isolated(decodeURIComponent(path)) + " is missing or cannot be read")); };
      document.head.append(script);
    });
  },

  async unpack(base64) {
    const text = atob(base64), bytes = new Uint8Array(text.length);
    for (let at = 0; at < text.length; ++at) bytes[at] = text.charCodeAt(at);
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
  },

  // What a NIfTI-1 file holds; the program writes no other kind.
  parse(buffer) {
    const header = new DataView(buffer), start = header.getFloat32(108, true);
    const shape = [42, 44, 46].map((at) => header.getInt16(at, true));
    const affine = [280, 296, 312].map((row) => [0, 4, 8, 12].map((column) => header.getFloat32(row + column, true)));
    const Voxels = {2: Uint8Array, 4: Int16Array, 8: Int32Array}[header.getInt16(70, true)];
    return {shape, affine, voxels: new Voxels(buffer, start, shape[0] * shape[1] * shape[2])};
  },

  // For each label where it is: its voxel that is closest to the middle of all of them.
  middles(labels, [width, height, depth]) {
    const sums = new Map();
    const each = (visit) => {
      let at = 0;
      for (let k = 0; k < depth; ++k) {
        for (let j = 0; j < height; ++j) {
          for (let i = 0; i < width; ++i, ++at) if (labels[at]) visit(labels[at], i, j, k);
        }
      }
    };
    each((label, i, j, k) => {
      let sum = sums.get(label);
      if (!sum) sums.set(label, sum = {count: 0, i: 0, j: 0, k: 0, best: Infinity, voxel: null});
      ++sum.count;
      sum.i += i;
      sum.j += j;
      sum.k += k;
    });
    each((label, i, j, k) => {
      const sum = sums.get(label);
      const distance = (i - sum.i / sum.count) ** 2 + (j - sum.j / sum.count) ** 2 + (k - sum.k / sum.count) ** 2;
      if (distance < sum.best) { sum.best = distance; sum.voxel = [i, j, k]; }
    });
    return new Map([...sums].map(([label, {voxel}]) => [label, voxel]));
  },

  // The label map as NiiVue gets it: the number of the structure in the list, from 1, so that every label has a colour.
  numbered(image, {labels, structures}) {
    const wide = structures.length > 255, start = new DataView(image).getFloat32(108, true);
    const buffer = new ArrayBuffer(start + labels.length * (wide ? 2 : 1));
    new Uint8Array(buffer).set(new Uint8Array(image, 0, start));
    if (wide) {
      new DataView(buffer).setInt16(70, 4, true);
      new DataView(buffer).setInt16(72, 16, true);
    }
    const numbers = wide ? new Int16Array(buffer, start) : new Uint8Array(buffer, start);
    const number = new Map(structures.map(({label}, index) => [label, index + 1]));
    labels.forEach((label, at) => { numbers[at] = number.get(label) ?? 0; });
    return buffer;
  },

  // The colours of the structures; with `only` all others are transparent.
  colours(structures, only) {
    const channel = (index) => [0, ...structures.map(({colour}) => colour[index])];
    return {R: channel(0), G: channel(1), B: channel(2), A: [0, ...structures.map(({label}) => only === null || label === only ? 255 : 0)],
            I: [0, ...structures.map((_, index) => index + 1)]};
  },

  // What is at a voxel, as a sentence.
  describe({labels, grey, shape, affine, names}, voxel) {
    const [i, j, k] = voxel.map((index, axis) => Math.min(shape[axis] - 1, Math.max(0, Math.round(index))));
    const at = i + shape[0] * (j + shape[1] * k);
    const [x, y, z] = affine.map(([a, b, c, d]) => (a * i + b * j + c * k + d).toFixed(1).replace("-", "\u2212"));
    const name = labels[at] ? page.isolated(names.get(labels[at]) ?? "label " + labels[at]) : "no structure";
    return name + "; x = " + x + ", y = " + y + ", z = " + z + " mm; grey level " + grey[at];
  },

  // Opens the viewer of an image, at a label or at a place in the world (mm) if one is given.
  async open(index, {label = null, mm = null} = {}) {
    const {dialog, parts} = viewer.build(index);
    document.body.append(dialog);
    dialog.showModal();
    try {
      if (!globalThis.niivue) await viewer.load(page.data.viewer);
      const {volumes} = await viewer.load(viewer.items[index].script);
      const [image, map] = await Promise.all([viewer.unpack(volumes.image), viewer.unpack(volumes.labels)]);
      if (dialog.open) await viewer.show(index, dialog, parts, image, map, label, mm);
    } catch (error) {
      parts.place.textContent = "The viewer cannot be shown: " + error.message + ".";
      dialog.classList.add("failed");
    }
  },

  build(index) {
    const name = page.data.images[index].image.split("/").at(-1);
    const range = (text, value, title) => {
      const input = page.element("input", {type: "range", min: 0, max: 255, value, disabled: ""});
      return {input, label: page.element("label", {title}, text, " ", input)};
    };
    const opacity = range("Labels", 128, "Opacity of the labels"), black = range("Black", 0, "Grey level that is shown black"), white = range("White", 255, "Grey level that is shown white");
    const only = page.element("select", {disabled: ""}, page.element("option", {value: ""}, "All structures"));
    for (const {label, name: structure} of viewer.items[index].structures) only.append(page.element("option", {value: label}, structure));
    const close = page.element("button", {type: "button"}, "Close");
    const canvas = page.element("canvas", {tabindex: "0", role: "application", "aria-label":
      "Three planes through " + name + ". Arrow keys and Page Up, Page Down move the crosshair."});
    const stage = page.element("div", {class: "stage"}, canvas);
    const place = page.element("p", {class: "place", role: "status"}, "Loading the viewer\u2026");
    const pointer = page.element("p", {class: "pointer"});
    const help = page.element("p", {class: "legend"}, "Click: move the crosshair. Wheel: next slice. Right button, dragged: window. Arrow keys: left, right, front, back. Page Up, Page Down: up, down. L and R are the person\u2019s sides.");
    const bar = page.element("div", {class: "viewer-bar"}, page.element("h2", {}, name), page.element("label", {}, "Show ", only), opacity.label, black.label, white.label, close);
    const dialog = page.element("dialog", {class: "viewer", "aria-label": "Three-plane viewer of " + name}, bar, stage,
      page.element("div", {class: "viewer-text"}, place, pointer, help));
    const before = document.activeElement;
    close.onclick = () => dialog.close();
    dialog.onclose = () => { viewer.release(dialog); before?.focus({preventScroll: true}); };
    return {dialog, parts: {canvas, place, pointer, only, opacity: opacity.input, black: black.input, white: white.input}};
  },

  async show(index, dialog, parts, image, map, label, mm) {
    const {canvas, place, pointer, only, opacity, black, white} = parts;
    const {structures} = viewer.items[index];
    const {shape, affine, voxels: grey} = viewer.parse(image), {voxels: labels} = viewer.parse(map);
    const shown = {dialog, structures, shape, affine, grey, labels, names: new Map(structures.map(({label: value, name}) => [value, name])), middles: viewer.middles(labels, shape)};
    const {Niivue, NVImage, SLICE_TYPE, SHOW_RENDER, DRAG_MODE} = globalThis.niivue;
    const nv = shown.nv = new Niivue({logLevel: "error", dragAndDropEnabled: false, isNearestInterpolation: false, crosshairColor: [1, 1, 1, .8], crosshairWidth: .4, crosshairWidthUnit: "mm",
      crosshairGap: 4, showAllOrientationMarkers: true, fontColor: [.85, .85, .85, 1],
      dragMode: DRAG_MODE.contrast, multiplanarShowRender: SHOW_RENDER.NEVER, sliceType: SLICE_TYPE.MULTIPLANAR, multiplanarPadPixels: 4, show3Dcrosshair: false});
    await nv.attachToCanvas(canvas, false);
    const add = async (name, buffer, options) => nv.addVolume(await NVImage.new(buffer, name, options.colormap ?? "gray", options.opacity ?? 1, null, options.min, options.max, true));
    await add("image.nii", image, {min: 0, max: 255});
    await add("labels.nii", viewer.numbered(image, shown), {opacity: opacity.value / 255, min: 0, max: structures.length});
    const [anatomy, overlay] = nv.volumes;
    const recolour = () => {
      overlay.setColormapLabel(viewer.colours(structures, only.value === "" ? null : Number(only.value)));
      nv.updateGLVolume();
    };
    recolour();
    shown.move = (voxel) => {
      nv.scene.crosshairPos = nv.vox2frac(voxel);
      nv.createOnLocationChange();
      nv.drawScene();
    };
    shown.jump = (value) => {
      const voxel = shown.middles.get(value);
      if (voxel) shown.move(voxel);
      else place.textContent = page.isolated(shown.names.get(value) ?? String(value)) + " has no voxel in the label map.";
    };
    shown.voxel = () => [...nv.frac2vox(nv.scene.crosshairPos)];
    nv.onLocationChange = () => { place.textContent = "Crosshair: " + viewer.describe(shown, shown.voxel()) + "."; };
    nv.onIntensityChange = () => { black.value = anatomy.cal_min; white.value = anatomy.cal_max; };
    only.onchange = () => {
      recolour();
      if (only.value !== "" && labels[viewer.offset(shown)] !== Number(only.value)) shown.jump(Number(only.value));
    };
    opacity.oninput = () => nv.setOpacity(1, opacity.value / 255);
    const window_ = (event) => {
      if (Number(black.value) >= Number(white.value)) event.target.value = event.target === black ? Number(white.value) - 1 : Number(black.value) + 1;
      anatomy.cal_min = Number(black.value);
      anatomy.cal_max = Number(white.value);
      nv.updateGLVolume();
    };
    black.oninput = white.oninput = window_;
    canvas.addEventListener("mousemove", (event) => {
      const box = canvas.getBoundingClientRect(), scale = canvas.width / box.width;
      const place_ = nv.canvasPos2frac([(event.clientX - box.left) * scale, (event.clientY - box.top) * scale]);
      pointer.textContent = place_[0] < 0 ? "" : "Pointer: " + viewer.describe(shown, [...nv.frac2vox(place_)]) + ".";
    });
    canvas.addEventListener("mouseleave", () => { pointer.textContent = ""; });
    // Before NiiVue and the page see a key: both have other uses for some.
    dialog.addEventListener("keydown", (event) => viewer.key(shown, event), {capture: true});
    dialog.addEventListener("keyup", (event) => event.stopPropagation(), {capture: true});
    for (const control of [only, opacity, black, white]) control.disabled = false;
    viewer.shown = shown;
    canvas.focus();
    shown.move(mm ? viewer.nearest(shown, mm) : shape.map((length) => Math.floor(length / 2)));
    if (label !== null) shown.jump(label);
  },

  // The voxel whose centre is nearest to a place in the world; the grid's axes may be oblique (Cramer's rule).
  nearest({affine, shape}, mm) {
    const column = (axis) => affine.map((row) => row[axis]);
    const triple = ([a, b, c], [d, e, f], [g, h, i]) => a * (e * i - f * h) - d * (b * i - c * h) + g * (b * f - c * e);
    const steps = [0, 1, 2].map(column), from = column(3), place = mm.map((value, axis) => value - from[axis]);
    return shape.map((length, axis) => {
      const index = triple(...steps.map((step, at) => at === axis ? place : step)) / triple(...steps);
      return Math.min(length - 1, Math.max(0, Math.round(index)));
    });
  },

  offset(shown) {
    const [i, j, k] = shown.voxel();
    return i + shown.shape[0] * (j + shown.shape[1] * k);
  },

  steps: {ArrowLeft: [-1, 0, 0], ArrowRight: [1, 0, 0], ArrowUp: [0, 1, 0], ArrowDown: [0, -1, 0], PageUp: [0, 0, 1], PageDown: [0, 0, -1]},
  key(shown, event) {
    event.stopPropagation();
    const step = event.target === shown.nv.canvas ? viewer.steps[event.key] : null;
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    shown.move(shown.voxel().map((index, axis) => Math.min(shown.shape[axis] - 1, Math.max(0, index + step[axis]))));
  },

  release(dialog) {
    if (viewer.shown?.dialog === dialog) {
      const {nv} = viewer.shown;
      viewer.shown = null;
      nv.cleanup();
      nv.gl.getExtension("WEBGL_lose_context")?.loseContext();
    }
    dialog.remove();
  },

  // Buttons in the table of volumes that lead to a structure.
  addJumps(section, index) {
    const names = new Map(viewer.items[index].structures.map(({label, name}) => [String(label), name]));
    for (const row of section.querySelectorAll(".volumes tr[data-left]")) {
      const sides = [["left", row.dataset.left], ["right", row.dataset.right]].filter(([, label]) => names.has(label));
      for (const [side, label] of sides) {
        const title = "Show " + names.get(label) + " in the viewer";
        const button = page.element("button", {type: "button", class: "jump", title, "aria-label": title}, sides.length > 1 ? side[0].toUpperCase() : "show");
        button.onclick = () => viewer.open(index, {label: Number(label)});
        row.querySelector("th").append(" ", button);
      }
    }
  },

  start() {
    const why = viewer.absence();
    [...document.querySelectorAll("section.image")].forEach((section, index) => {
      const tool = section.querySelector(".viewer-tool");
      if (!tool || !viewer.items[index]) return;
      const button = tool.querySelector("button");
      if (why) {
        tool.querySelector("span").textContent = "There is a three-plane viewer, but " + why + ".";
        return;
      }
      viewer.ready.add(index);
      button.hidden = false;
      button.onclick = () => viewer.open(index);
      viewer.addJumps(section, index);
    });
  },
};

viewer.start();
