// "Match light (view only)": one gain per channel, in linear light, from a grey patch marked in both
// photographs, applied to both. Nothing is kept. The largest gain is 1, so nothing is pushed into white.

const RADIUS = 12; // px at 1600 round the marked spot
const SIDES = ["earlier", "later"];

const linear = (value) => {
  const v = value / 255;
  return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
};

// Mean colour of a patch in linear light, or a sentence saying why it cannot be used.
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
  if (high >= 252) return { problem: "That spot is overexposed, so its light cannot be read. Mark a darker part of the grey patch." };
  if (Math.min(...mean) < 0.01) return { problem: "That spot is too dark to be a grey patch. Mark the patch itself." };
  if (Math.max(...mean) / Math.min(...mean) > 2.5) return { problem: "That spot is coloured, not grey. Mark the grey patch." };
  if (high - low > 110) return { problem: "That spot is not even. Mark the middle of the grey patch." };
  return { mean };
}

// Gains that bring both patches to one and the same neutral grey.
export function gains(earlier, later) {
  const target = Math.min(...earlier, ...later);
  return { earlier: earlier.map((v) => target / v), later: later.map((v) => target / v) };
}

export class Light {
  constructor(root, panes, { pick, done }) {
    this.root = root;
    this.panes = panes;
    this.pick = pick;
    this.done = done;
    this.button = root.querySelector("[data-light]");
    this.message = root.querySelector("[data-light-message]");
    this.patches = {};
    this.isOn = false;
    this.button.addEventListener("click", () => (this.isOn || this.isMarking ? this.off() : this.begin()));
  }

  begin() {
    this.patches = {};
    this.isMarking = true;
    this.button.setAttribute("aria-pressed", "mixed");
    this.tell();
    this.pick({
      prompt: (side) => `${this.root.dataset[side]}. Mark the grey patch.`,
      pick: (side, spot) => this.mark(side, spot),
    });
  }

  tell(problem = "") {
    const side = SIDES.find((name) => !this.patches[name]);
    this.message.textContent = problem || (side ? `Mark the grey patch in ${this.root.dataset[side]}.` : "");
  }

  mark(side, spot) {
    const found = readPatch(this.sample(side, spot));
    if (found.problem) return this.tell(found.problem);
    this.patches[side] = found.mean;
    this.tell();
    if (SIDES.every((name) => this.patches[name])) this.on();
  }

  sample(side, [x, y]) {
    const { img, unit } = this.panes[side];
    const scale = img.naturalWidth / Number(img.getAttribute("width")) / unit;
    const size = Math.max(3, Math.round(2 * RADIUS * scale));
    const canvas = Object.assign(document.createElement("canvas"), { width: size, height: size });
    const context = canvas.getContext("2d", { willReadFrequently: true });
    const clamp = (value, limit) => Math.max(0, Math.min(limit - size, Math.round(value - size / 2)));
    context.drawImage(img, clamp(x * scale, img.naturalWidth), clamp(y * scale, img.naturalHeight), size, size, 0, 0, size, size);
    return context.getImageData(0, 0, size, size).data;
  }

  on() {
    this.isOn = true;
    this.isMarking = false;
    const by = gains(this.patches.earlier, this.patches.later);
    for (const side of SIDES) {
      const [r, g, b] = by[side];
      const matrix = this.root.querySelector(`#light-${side} feColorMatrix`);
      matrix.setAttribute("values", `${r} 0 0 0 0  0 ${g} 0 0 0  0 0 ${b} 0 0  0 0 0 1 0`);
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

  finish(pressed) {
    this.button.setAttribute("aria-pressed", pressed);
    for (const banner of this.root.querySelectorAll("[data-light-banner]")) banner.hidden = !this.isOn;
    this.done(this.isOn);
  }
}
