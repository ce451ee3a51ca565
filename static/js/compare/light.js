// "Match light (view only)": one gain per channel, in linear light, from a grey patch marked in each of the
// photographs that are shown, applied to all of them. Nothing is kept. The largest gain is 1, so nothing is
// pushed into white.

const RADIUS = 12; // px at 1600 round the marked spot

/** @typedef {import("./similarity.js").Point} Point */
/** Red, green and blue in linear light. @typedef {number[]} Colour */

/** @type {(value: number) => number} */
const linear = (value) => {
  const v = value / 255;
  return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
};

/** The sRGB value, from 0 to 1, of an amount of linear light. @type {(light: number) => number} */
const encoded = (light) => Math.min(1, light <= 0.0031308 ? light * 12.92 : 1.055 * light ** (1 / 2.4) - 0.055);

/**
 * Mean colour of a patch in linear light, or a sentence saying why it cannot be used.
 * @param {Uint8ClampedArray | number[]} pixels red, green, blue and alpha of each, 0 to 255
 * @returns {{mean?: Colour, problem?: string}}
 */
export function readPatch(pixels) {
  const sum = [0, 0, 0];
  const count = pixels.length / 4;
  let [low, high] = [255, 0];
  for (let i = 0; i < pixels.length; i += 4) {
    for (let c = 0; c < 3; c += 1) {
      sum[c] += linear(pixels[i + c]);
      high = Math.max(high, pixels[i + c]);
    }
    low = Math.min(low, pixels[i + 1]);
  }
  const mean = sum.map((total) => total / count);
  if (high >= 252) {
    return { problem: "That spot is overexposed, so its light cannot be read. Mark a darker part of the grey patch." };
  }
  if (Math.min(...mean) < 0.01) return { problem: "That spot is too dark to be a grey patch. Mark the patch itself." };
  if (Math.max(...mean) / Math.min(...mean) > 2.5) {
    return { problem: "That spot is coloured, not grey. Mark the grey patch." };
  }
  if (high - low > 110) return { problem: "That spot is not even. Mark the middle of the grey patch." };
  return { mean };
}

/**
 * Gains, by side, that bring every patch to one and the same neutral grey.
 * @param {Record<string, Colour>} patches
 * @returns {Record<string, Colour>}
 */
export function gains(patches) {
  const target = Math.min(...Object.values(patches).flat());
  return Object.fromEntries(Object.entries(patches).map(([side, mean]) => [side, mean.map((v) => target / v)]));
}

/**
 * What each of the 256 values of a channel becomes under a gain in linear light, from 0 to 1, for an SVG table of
 * `feFunc…` in sRGB. A filter that works in linearRGB keeps 8 bits there, which are too few for dark hair.
 * @param {number} gain
 * @returns {number[]}
 */
export function table(gain) {
  return Array.from({ length: 256 }, (_, value) => encoded(linear(value) * gain));
}

/** @type {(name: string, attributes: Record<string, string>, children?: Element[]) => Element} */
function svg(name, attributes, children = []) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** The filter of one photograph. @param {string} side @param {Colour} gain */
function filter(side, gain) {
  const channels = ["R", "G", "B"].map((channel, i) => {
    // Rounded here, and a hair above: WebKit cuts off what stands behind the point where others round.
    const values = table(gain[i]).map((value) => ((Math.round(value * 255) + 0.01) / 255).toFixed(6));
    return svg(`feFunc${channel}`, { type: "table", tableValues: values.join(" ") });
  });
  const area = { x: "0", y: "0", width: "100%", height: "100%" };
  return svg("filter", { id: `light-${side}`, "color-interpolation-filters": "sRGB", ...area }, [
    svg("feComponentTransfer", {}, channels),
  ]);
}

export class Light {
  /**
   * `panes` are the photographs on the stage by side, each with its `name`; a row of dates adds to them.
   * @param {HTMLElement} root
   * @param {Record<string, import("./view.js").Pane>} panes
   * @param {{pick: (task: import("./picker.js").Task) => void, done: (isOn: boolean) => void}} listeners
   */
  constructor(root, panes, { pick, done }) {
    this.root = root;
    this.panes = panes;
    this.pick = pick;
    this.done = done;
    /** @type {HTMLButtonElement} */
    this.button = root.querySelector("[data-light]");
    this.message = root.querySelector("[data-light-message]");
    /** @type {Record<string, Colour>} */
    this.patches = {};
    this.isMarking = false;
    this.isOn = false;
    this.button.addEventListener("click", () => (this.isOn || this.isMarking ? this.off() : this.begin()));
  }

  begin() {
    this.patches = {};
    this.isMarking = true;
    this.button.setAttribute("aria-pressed", "mixed");
    this.prompt();
    this.pick({
      prompt: (side) => `${this.panes[side].name}. Mark the grey patch.`,
      pick: (side, spot) => this.mark(side, spot),
      next: () => this.next,
    });
  }

  // The next photograph to ask for; they may be marked in any order. Undefined when all are.
  get next() {
    return Object.keys(this.panes).find((side) => !this.patches[side]);
  }

  /** Say what is wrong with the spot just marked, or ask for the next. */
  prompt(problem = "") {
    this.message.textContent = problem || (this.next ? `Mark the grey patch in ${this.panes[this.next].name}.` : "");
  }

  // Photographs that were not marked came onto the stage: they are not to stand beside matched ones.
  joined() {
    if (!this.isOn) return;
    this.off();
    this.message.textContent =
      "The light is shown as taken again. To match it, mark the grey patch in each photograph.";
  }

  /** @param {string} side @param {Point} spot */
  mark(side, spot) {
    const { mean, problem } = readPatch(this.sample(side, spot));
    if (problem) return this.prompt(problem);
    this.patches[side] = mean;
    this.prompt();
    if (!this.next) this.on();
  }

  /** @param {string} side @param {Point} spot */
  sample(side, [x, y]) {
    const { img, unit } = this.panes[side];
    const scale = img.naturalWidth / Number(img.getAttribute("width")) / unit;
    const size = Math.max(3, Math.round(2 * RADIUS * scale));
    const canvas = Object.assign(document.createElement("canvas"), { width: size, height: size });
    const context = canvas.getContext("2d", { willReadFrequently: true });
    /** @type {(value: number, limit: number) => number} */
    const clamp = (value, limit) => Math.max(0, Math.min(limit - size, Math.round(value - size / 2)));
    context.drawImage(
      img,
      clamp(x * scale, img.naturalWidth),
      clamp(y * scale, img.naturalHeight),
      size,
      size,
      0,
      0,
      size,
      size,
    );
    return context.getImageData(0, 0, size, size).data;
  }

  on() {
    this.isOn = true;
    this.isMarking = false;
    const all = Object.entries(gains(this.patches));
    this.root.querySelector("[data-light-filters]").replaceChildren(...all.map(([side, gain]) => filter(side, gain)));
    for (const [side] of all) {
      this.panes[side].img.style.filter = `url(#light-${side})`;
    }
    this.finish("true");
  }

  off() {
    this.isOn = this.isMarking = false;
    for (const pane of Object.values(this.panes)) pane.img.style.filter = "";
    this.message.textContent = "";
    this.finish("false");
  }

  /** @param {string} pressed */
  finish(pressed) {
    this.button.setAttribute("aria-pressed", pressed);
    /** @type {NodeListOf<HTMLElement>} */
    const banners = this.root.querySelectorAll("[data-light-banner]");
    for (const banner of banners) banner.hidden = !this.isOn;
    this.done(this.isOn);
  }
}
