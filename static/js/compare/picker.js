// Choosing a spot in a photograph, by mouse, finger, pen or keys, with a loupe. Used for landmarks and for
// the grey patch. Spots are in the photograph's own 1600 px coordinates.
import { apply, invert } from "./similarity.js";

const REACH = 24; // screen px within which a press takes hold of a mark
const LOUPE_ZOOM = 3;
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Picker {
  constructor(view, panes, root) {
    this.view = view;
    this.panes = panes; // { earlier, later }, and while a row of dates is shown the others of it
    this.pair = root.querySelector("[data-pair]");
    this.loupe = root.querySelector("[data-loupe]");
    this.lens = Object.assign(new Image(), { alt: "" });
    this.loupe.append(this.lens);
    this.cursor = root.querySelector("[data-cursor]");
    this.task = null;
    this.at = {};
    for (const side of Object.keys(panes)) this.listen(side);
    this.pair.addEventListener("pointerleave", () => this.held || this.hide());
    view.onDraw(() => this.drawCursor());
  }

  listen(side) {
    const { frame } = this.panes[side];
    frame.addEventListener("keydown", (event) => this.key(event, side));
    frame.addEventListener("focus", () => this.task && this.moveTo(side, this.at[side]));
    frame.addEventListener("blur", () => this.hide());
  }

  add(side, pane) {
    this.panes[side] = pane;
    this.listen(side);
  }

  remove(side) {
    delete this.panes[side];
    delete this.at[side];
  }

  // task: prompt(side) names the frame for a screen reader; pick(side, spot); grab(side, spot, reach) gives
  // the name of a mark under the spot; drag(side, name, spot) moves it.
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

  rename() {
    for (const [side, pane] of Object.entries(this.panes)) {
      pane.frame.setAttribute("aria-label", `${this.task.prompt(side)} Arrow keys move the cross, with Shift finely; Enter marks.`);
    }
  }

  stop() {
    this.task = null;
    this.held = null;
    this.hide();
    this.pair.classList.remove("is-picking");
    for (const pane of Object.values(this.panes)) {
      pane.frame.removeAttribute("tabindex");
      pane.frame.removeAttribute("role");
      pane.frame.removeAttribute("aria-label");
    }
  }

  spot(side, screen) {
    return apply(invert(this.panes[side].transform), this.view.toWorld(screen));
  }

  toScreen(side, spot) {
    return this.view.toScreen(apply(this.panes[side].transform, spot));
  }

  clampSpot(side, [x, y]) {
    const { img, unit } = this.panes[side];
    const round = (value, size) => Math.round(Math.min(size * unit, Math.max(0, value)) * 10) / 10;
    return [round(x, img.getAttribute("width")), round(y, img.getAttribute("height"))];
  }

  press(pointer) {
    const spot = this.spot(pointer.side, pointer.at);
    const name = this.task.grab?.(pointer.side, spot, REACH / this.view.scale) ?? null;
    // A finger places where it lifts, so that it can be steered under the loupe; a mouse pans unless it clicks.
    this.held = { side: pointer.side, name, steers: name !== null || pointer.type !== "mouse" };
    if (this.held.steers) this.show(pointer.side, spot);
  }

  drag(pointer) {
    if (!this.held?.steers) return false;
    const spot = this.clampSpot(this.held.side, this.spot(this.held.side, pointer.at));
    if (this.held.name !== null && pointer.moved) this.task.drag(this.held.side, this.held.name, spot);
    this.show(this.held.side, spot);
    return true;
  }

  release(pointer) {
    const held = this.held;
    this.held = null;
    if (!held || held.name !== null || (!held.steers && pointer.moved)) return this.hide();
    const spot = this.spot(held.side, pointer.at);
    if (!this.contains(held.side, spot)) return this.hide();
    this.choose(held.side, this.clampSpot(held.side, spot));
    if (pointer.type !== "mouse") this.hide();
  }

  abandon() {
    this.held = null;
    this.hide();
  }

  hover({ side, at }) {
    const spot = this.spot(side, at);
    if (this.contains(side, spot)) this.show(side, spot);
    else this.hide();
  }

  contains(side, spot) {
    const [x, y] = this.clampSpot(side, spot);
    return Math.hypot(x - spot[0], y - spot[1]) < 1;
  }

  choose(side, spot) {
    this.at[side] = spot;
    this.task.pick(side, spot);
    if (this.task) this.rename();
  }

  key(event, side) {
    if (!this.task || event.altKey || event.ctrlKey || event.metaKey) return;
    const step = KEYS[event.key];
    if (step) {
      const size = (event.shiftKey ? 1 : 12) / Math.min(1, this.view.scale);
      const [x, y] = this.at[side];
      this.moveTo(side, this.clampSpot(side, [x + step[0] * size, y + step[1] * size]));
    } else if (event.key === "Enter") {
      this.choose(side, this.at[side]);
    } else if (event.key === "+" || event.key === "=" || event.key === "-") {
      this.view.zoomBy(event.key === "-" ? 0.8 : 1.25, this.toScreen(side, this.at[side]));
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

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

  // The loupe stays in a corner of the frame, in the other one when the spot comes near.
  show(side, spot) {
    const { frame, img, unit } = this.panes[side];
    const [x, y] = this.toScreen(side, spot);
    if (this.loupe.parentNode !== frame) frame.append(this.loupe);
    if (this.lens.src !== img.src) this.lens.src = img.src;
    this.loupe.hidden = false;
    const size = this.loupe.clientWidth;
    // Compared with the middle of the frame, so that it holds wherever the loupe is docked.
    this.loupe.classList.toggle("is-left", x > this.view.frame.width / 2 && Math.abs(y - this.loupe.offsetTop - size / 2) < size);
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
