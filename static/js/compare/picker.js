// Choosing a spot in a photograph, by mouse, finger, pen or keys, with a loupe. Used for landmarks and for
// the grey patch. Spots are in the photograph's own 1600 px coordinates.
import { apply, invert } from "./similarity.js";

/** @typedef {import("./similarity.js").Point} Point */
/** @typedef {import("./view.js").Pane} Pane */
/**
 * What a spot is chosen for. `prompt` names the frame for a screen reader; `grab` gives the name of a mark within reach
 * of the spot, and `drag` moves it.
 * @typedef {object} Task
 * @property {(side: string) => string} prompt
 * @property {(side: string, spot: Point) => void} pick
 * @property {(side: string) => Point | undefined} [at] where the mark lies already
 * @property {() => string | undefined} [next] the photograph that is to be marked next
 * @property {(side: string, spot: Point, reach: number) => string | null} [grab]
 * @property {(side: string, name: string, spot: Point) => void} [drag]
 */

const REACH = 24; // screen px within which a press takes hold of a mark
const LOUPE_ZOOM = 3;
/** @type {Record<string, [number, number]>} */
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Picker {
  /**
   * @param {import("./view.js").SharedView} view
   * @param {Record<string, Pane>} panes "earlier" and "later", and while a row of dates is shown the others of it
   * @param {HTMLElement} root
   */
  constructor(view, panes, root) {
    this.view = view;
    this.panes = panes;
    this.pair = root.querySelector("[data-pair]");
    /** @type {HTMLElement} */
    this.loupe = root.querySelector("[data-loupe]");
    this.lens = Object.assign(new Image(), { alt: "" });
    this.loupe.append(this.lens);
    /** @type {HTMLElement} */
    this.cursor = root.querySelector("[data-cursor]");
    /** @type {string | null} */
    this.cursorSide = null;
    /** @type {Task | null} */
    this.task = null;
    /** What is pressed now. @type {{side: string, name: string | null, steers: boolean} | null} */
    this.pressed = null;
    /** @type {Record<string, Point>} */
    this.at = {};
    for (const side of Object.keys(panes)) this.listen(side);
    this.pair.addEventListener("pointerleave", () => {
      if (!this.pressed) this.hide();
    });
    view.onDraw(() => this.drawCursor());
  }

  /** @param {string} side */
  listen(side) {
    const { frame } = this.panes[side];
    frame.addEventListener("keydown", (event) => this.key(event, side));
    // The cross begins on the mark that is there already: Enter by itself then changes nothing.
    frame.addEventListener("focus", () => this.task && this.moveTo(side, this.task.at?.(side) ?? this.at[side]));
    frame.addEventListener("blur", () => this.hide());
  }

  /** @param {string} side @param {Pane} pane */
  add(side, pane) {
    this.panes[side] = pane;
    this.listen(side);
  }

  /** @param {string} side */
  remove(side) {
    delete this.panes[side];
    delete this.at[side];
  }

  /** @param {Task} task */
  start(task) {
    this.task = task;
    this.pair.classList.add("is-picking");
    for (const [side, pane] of Object.entries(this.panes)) {
      pane.frame.tabIndex = 0;
      pane.frame.setAttribute("role", "application");
      this.at[side] ??= this.clampSpot(side, this.spot(side, [this.view.frame.width / 2, this.view.frame.height / 2]));
    }
    this.rename();
  }

  /** Whether one of the photographs has the focus. */
  get hasFocus() {
    return Object.values(this.panes).some((pane) => pane.frame === document.activeElement);
  }

  /** Keys go to this photograph now. @param {string} side */
  focus(side) {
    this.panes[side].frame.focus();
  }

  rename() {
    for (const [side, pane] of Object.entries(this.panes)) {
      pane.frame.setAttribute(
        "aria-label",
        `${this.task.prompt(side)} Arrow keys move the cross, with Shift finely; Enter marks.`,
      );
    }
  }

  stop() {
    this.task = null;
    this.pressed = null;
    this.hide();
    this.pair.classList.remove("is-picking");
    for (const pane of Object.values(this.panes)) {
      pane.frame.removeAttribute("tabindex");
      pane.frame.removeAttribute("role");
      pane.frame.removeAttribute("aria-label");
    }
  }

  /** @param {string} side @param {Point} screen px in the frame */
  spot(side, screen) {
    return apply(invert(this.panes[side].transform), this.view.toWorld(screen));
  }

  /** @param {string} side @param {Point} spot */
  toScreen(side, spot) {
    return this.view.toScreen(apply(this.panes[side].transform, spot));
  }

  /** @param {string} side @param {Point} spot @returns {Point} */
  clampSpot(side, [x, y]) {
    const { img, unit } = this.panes[side];
    /** @type {(value: number, size: number) => number} */
    const round = (value, size) => Math.round(Math.min(size * unit, Math.max(0, value)) * 10) / 10;
    return [round(x, Number(img.getAttribute("width"))), round(y, Number(img.getAttribute("height")))];
  }

  /** @param {import("./gestures.js").Pointer} pointer */
  press(pointer) {
    const spot = this.spot(pointer.side, pointer.at);
    const name = this.task.grab?.(pointer.side, spot, REACH / this.view.scale) ?? null;
    // A finger places where it lifts, so that it can be steered under the loupe; a mouse pans unless it clicks.
    this.pressed = { side: pointer.side, name, steers: name !== null || pointer.type !== "mouse" };
    if (this.pressed.steers) this.show(pointer.side, spot);
  }

  /** @param {import("./gestures.js").Pointer} pointer */
  drag(pointer) {
    if (!this.pressed?.steers) return false;
    const spot = this.clampSpot(this.pressed.side, this.spot(this.pressed.side, pointer.at));
    if (this.pressed.name !== null && pointer.moved) this.task.drag(this.pressed.side, this.pressed.name, spot);
    this.show(this.pressed.side, spot);
    return true;
  }

  /** @param {import("./gestures.js").Pointer} pointer */
  release(pointer) {
    const { pressed } = this;
    this.pressed = null;
    if (!pressed || pressed.name !== null || (!pressed.steers && pointer.moved)) return this.hide();
    const spot = this.spot(pressed.side, pointer.at);
    if (!this.contains(pressed.side, spot)) return this.hide();
    this.choose(pressed.side, this.clampSpot(pressed.side, spot));
    if (pointer.type !== "mouse") this.hide();
  }

  abandon() {
    this.pressed = null;
    this.hide();
  }

  /** @param {{side: string, at: Point}} place */
  hover({ side, at }) {
    const spot = this.spot(side, at);
    if (this.contains(side, spot)) this.show(side, spot);
    else this.hide();
  }

  /** @param {string} side @param {Point} spot */
  contains(side, spot) {
    const [x, y] = this.clampSpot(side, spot);
    return Math.hypot(x - spot[0], y - spot[1]) < 1;
  }

  /** @param {string} side @param {Point} spot */
  choose(side, spot) {
    this.at[side] = spot;
    this.task.pick(side, spot);
    if (this.task) this.rename();
  }

  /** @param {KeyboardEvent} event @param {string} side */
  key(event, side) {
    if (!this.task || event.altKey || event.ctrlKey || event.metaKey) return;
    const step = KEYS[event.key];
    if (step) {
      const size = (event.shiftKey ? 1 : 12) / Math.min(1, this.view.scale);
      const [x, y] = this.at[side];
      this.moveTo(side, this.clampSpot(side, [x + step[0] * size, y + step[1] * size]));
    } else if (event.key === "Enter") {
      this.choose(side, this.at[side]);
      const next = this.task?.next?.();
      if (next) this.focus(next);
    } else if (event.key === "+" || event.key === "=" || event.key === "-") {
      this.view.zoomBy(event.key === "-" ? 0.8 : 1.25, this.toScreen(side, this.at[side]));
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {string} side @param {Point} spot */
  moveTo(side, spot) {
    this.at[side] = spot;
    this.view.reveal(apply(this.panes[side].transform, spot));
    this.cursorSide = side;
    this.cursor.hidden = false;
    this.panes[side].frame.append(this.cursor);
    this.show(side, spot);
    this.view.request();
  }

  drawCursor() {
    if (!this.cursorSide || this.cursor.hidden) return;
    const [x, y] = this.toScreen(this.cursorSide, this.at[this.cursorSide]);
    this.cursor.style.transform = `translate(${x}px, ${y}px)`;
  }

  /**
   * The loupe stays in a corner of the frame, in the other one when the spot comes near.
   * @param {string} side
   * @param {Point} spot
   */
  show(side, spot) {
    const { frame, img, unit } = this.panes[side];
    const [x, y] = this.toScreen(side, spot);
    if (this.loupe.parentNode !== frame) frame.append(this.loupe);
    if (this.lens.src !== img.src) this.lens.src = img.src;
    this.loupe.hidden = false;
    const size = this.loupe.clientWidth;
    // Compared with the middle of the frame, so that it holds wherever the loupe is docked.
    this.loupe.classList.toggle(
      "is-left",
      x > this.view.frame.width / 2 && Math.abs(y - this.loupe.offsetTop - size / 2) < size,
    );
    const k = Math.max(1, this.view.scale * LOUPE_ZOOM);
    this.lens.style.width = `${img.getAttribute("width")}px`;
    this.lens.style.height = `${img.getAttribute("height")}px`;
    this.lens.style.transform = `matrix(${k * unit}, 0, 0, ${k * unit}, ${size / 2 - k * spot[0]}, ${size / 2 - k * spot[1]})`;
  }

  hide() {
    this.loupe.hidden = true;
    this.cursor.hidden = true;
    this.cursorSide = null;
  }
}
