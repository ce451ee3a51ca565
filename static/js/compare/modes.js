// Ways of looking: side by side, slider, blink, overlay, and all dates in a row.

export const MODES = ["side", "slider", "blink", "overlay", "dates"];
const BLINK_MS = 900;

export class Modes {
  /** @param {HTMLElement} root @param {(mode: string) => void} changed */
  constructor(root, changed) {
    this.root = root;
    this.changed = changed;
    /** @type {HTMLElement} */
    this.later = root.querySelector('[data-side="later"]');
    /** @type {HTMLElement} */
    this.laterFrame = this.later.querySelector("[data-frame]");
    /** @type {HTMLInputElement} */
    this.wipe = root.querySelector("[data-wipe]");
    /** @type {HTMLInputElement} */
    this.opacity = root.querySelector("[data-opacity]");
    /** @type {HTMLElement} */
    this.handle = root.querySelector("[data-wipe-handle]");
    this.playButton = root.querySelector("[data-blink-play]");
    this.mode = "";
    this.shown = "later";
    /** @type {ReturnType<typeof setInterval> | null} */
    this.timer = null;
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
    /** @type {NodeListOf<HTMLInputElement>} */
    const radios = root.querySelectorAll("input[name=mode]");
    for (const radio of radios) {
      radio.addEventListener("change", () => this.set(radio.value));
    }
    this.wipe.addEventListener("input", () => this.drawWipe());
    this.opacity.addEventListener("input", () => this.drawOpacity());
    root.querySelector("[data-blink-swap]").addEventListener("click", () => this.swap());
    this.playButton.addEventListener("click", () => this.play(!this.timer));
    document.addEventListener("visibilitychange", () => document.hidden && this.play(false));
    this.dragHandle();
  }

  /** @param {string} mode @returns {void} */
  set(mode) {
    /** @type {HTMLInputElement} */
    const radio = this.root.querySelector(`input[name=mode][value=${mode}]`);
    if (!radio && !this.mode) return this.set("side"); // a row of dates was remembered, and here are only two
    if (!radio) return;
    this.mode = mode;
    this.root.dataset.mode = mode;
    radio.checked = true;
    /** @type {NodeListOf<HTMLElement>} */
    const parts = this.root.querySelectorAll("[data-for-mode]");
    for (const part of parts) part.hidden = part.dataset.forMode !== mode;
    this.show("later");
    this.play(mode === "blink" && !this.still.matches);
    this.drawWipe();
    this.drawOpacity();
    this.changed(mode);
  }

  get isStacked() {
    return ["slider", "blink", "overlay"].includes(this.mode);
  }

  drawWipe() {
    const on = this.mode === "slider";
    const value = Number(this.wipe.value);
    this.laterFrame.style.clipPath = on ? `inset(0 0 0 ${value}%)` : "";
    this.handle.hidden = !on;
    this.handle.style.left = `${value}%`;
    this.wipe.setAttribute("aria-valuetext", `${value} % from the left`);
  }

  drawOpacity() {
    const value = Number(this.opacity.value);
    this.laterFrame.style.opacity = this.mode === "overlay" ? String(value / 100) : "";
    this.opacity.setAttribute("aria-valuetext", `${value} %`);
  }

  /** @param {string} which "earlier" or "later" */
  show(which) {
    this.shown = which;
    this.root.dataset.shown = which;
    /** @type {NodeListOf<HTMLElement>} */
    const names = this.root.querySelectorAll("[data-blink-name]");
    for (const name of names) name.textContent = name.dataset[which];
  }

  swap() {
    this.show(this.shown === "later" ? "earlier" : "later");
  }

  /**
   * Under one and a half changes a second, far from what could trigger a seizure; never by itself for a
   * person who asked for less motion.
   * @param {boolean} on
   */
  play(on) {
    clearInterval(this.timer);
    this.timer = on ? setInterval(() => this.swap(), BLINK_MS) : null;
    this.playButton.textContent = on ? "Pause" : "Play";
    // A swap by hand is said; one every second would drown everything else.
    this.playButton.parentElement.setAttribute("aria-live", on ? "off" : "polite");
  }

  dragHandle() {
    /** @type {(event: PointerEvent) => void} */
    const follow = (event) => {
      const box = this.laterFrame.getBoundingClientRect();
      this.wipe.value = String(Math.round(((event.clientX - box.left) / box.width) * 1000) / 10);
      this.drawWipe();
    };
    this.handle.addEventListener("pointerdown", (event) => {
      event.stopPropagation();
      this.handle.setPointerCapture(event.pointerId);
      this.handle.addEventListener("pointermove", follow);
    });
    for (const name of ["pointerup", "pointercancel"]) {
      this.handle.addEventListener(name, () => this.handle.removeEventListener("pointermove", follow));
    }
  }

  /** @param {{key: string}} event */
  key(event) {
    if (/^[1-5]$/.test(event.key)) this.set(MODES[Number(event.key) - 1]);
    else if (event.key.toLowerCase() === "b" && this.mode === "blink") {
      this.play(false);
      this.swap();
    } else return false;
    return true;
  }
}
