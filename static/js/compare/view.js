// One zoom and one pan for every photograph on the stage. The world is the earlier photograph, its long
// side 1600 px; each pane knows how its own photograph lies in that world. Drawing waits for the next frame.
import { FRAME, IDENTITY } from "./similarity.js";

/** @typedef {import("./similarity.js").Point} Point */
/** @typedef {import("./similarity.js").Similarity} Similarity */
/**
 * One photograph on the stage. `unit` is world px per px of its width and height attributes; `name` is what a person
 * calls it, its month.
 * @typedef {{frame: HTMLElement, img: HTMLImageElement, transform: Similarity, unit: number, name?: string}} Pane
 */

const MAX_ZOOM = 12;
const AT_REST = 250; // ms without a move

export class SharedView {
  /** @param {{x: number, y: number, width: number, height: number}} world what "shown whole" must show */
  constructor(world) {
    this.world = world;
    /** @type {Pane[]} */
    this.panes = [];
    /** @type {(() => void)[]} */
    this.listeners = [];
    this.frame = { width: 0, height: 0 };
    this.scheduled = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.resting = undefined;
    this.reset();
  }

  /** @param {HTMLElement} frame @param {HTMLImageElement} img @param {Similarity} transform @returns {Pane} */
  addPane(frame, img, transform = IDENTITY) {
    // Laid out at its own size and only ever transformed, so that the compositor keeps every pixel.
    const [width, height] = [Number(img.getAttribute("width")), Number(img.getAttribute("height"))];
    img.style.width = `${width}px`;
    img.style.height = `${height}px`;
    const pane = { frame, img, transform, unit: FRAME / Math.max(width, height) };
    this.panes.push(pane);
    this.request();
    return pane;
  }

  /** @param {Pane} pane */
  removePane(pane) {
    this.panes = this.panes.filter((other) => other !== pane);
  }

  /** @param {() => void} listener */
  onDraw(listener) {
    this.listeners.push(listener);
  }

  /** @param {HTMLElement} frame */
  measure(frame) {
    if (!frame.clientWidth) return;
    this.frame = { width: frame.clientWidth, height: frame.clientHeight };
    this.clamp();
    this.request();
  }

  // Screen px per world px.
  get scale() {
    const fit = Math.min(this.frame.width / this.world.width, this.frame.height / this.world.height);
    return (fit || 1) * this.zoom;
  }

  /** @param {Point} point of the world @returns {Point} px in the frame */
  toScreen([x, y]) {
    return [
      this.frame.width / 2 + (x - this.centre[0]) * this.scale,
      this.frame.height / 2 + (y - this.centre[1]) * this.scale,
    ];
  }

  /** @param {Point} point px in the frame @returns {Point} of the world */
  toWorld([x, y]) {
    return [
      this.centre[0] + (x - this.frame.width / 2) / this.scale,
      this.centre[1] + (y - this.frame.height / 2) / this.scale,
    ];
  }

  reset() {
    this.zoom = 1;
    /** @type {Point} */
    this.centre = [this.world.x + this.world.width / 2, this.world.y + this.world.height / 2];
    this.request();
  }

  /** Puts back the zoom and centre of another pair of months. @param {{zoom?: number, centre?: number[]}} earlier */
  restore({ zoom, centre }) {
    if (!(zoom >= 1 && zoom <= MAX_ZOOM) || !centre?.every?.(Number.isFinite)) return;
    this.zoom = zoom;
    this.centre = [centre[0], centre[1]];
    this.clamp();
    this.request();
  }

  /** @param {number} zoom @param {Point} at px in the frame that stay where they are */
  zoomTo(zoom, at = [this.frame.width / 2, this.frame.height / 2]) {
    const anchor = this.toWorld(at);
    this.zoom = Math.min(MAX_ZOOM, Math.max(1, zoom));
    const now = this.toWorld(at);
    this.centre = [this.centre[0] + anchor[0] - now[0], this.centre[1] + anchor[1] - now[1]];
    this.clamp();
    this.request();
  }

  /** @param {number} factor @param {Point} [at] */
  zoomBy(factor, at) {
    this.zoomTo(this.zoom * factor, at);
  }

  /** @param {number} dx @param {number} dy */
  panBy(dx, dy) {
    this.centre = [this.centre[0] - dx / this.scale, this.centre[1] - dy / this.scale];
    this.clamp();
    this.request();
  }

  /** Brings a world point into the frame, for points set by keyboard. @param {Point} point */
  reveal(point) {
    const [x, y] = this.toScreen(point);
    const edge = 48;
    /** @type {(value: number, size: number) => number} */
    const over = (value, size) => (value < edge ? edge - value : value > size - edge ? size - edge - value : 0);
    const [dx, dy] = [over(x, this.frame.width), over(y, this.frame.height)];
    if (dx || dy) this.panBy(dx, dy);
  }

  // The photograph never leaves its frame: centred where it is smaller, edge to edge where it is larger.
  clamp() {
    for (const [i, side] of /** @type {const} */ ([
      [0, "width"],
      [1, "height"],
    ])) {
      const half = this.frame[side] / 2 / this.scale;
      const [from, size] = [i ? this.world.y : this.world.x, this.world[side]];
      const within = Math.min(from + size - half, Math.max(from + half, this.centre[i]));
      this.centre[i] = half * 2 >= size ? from + size / 2 : within;
    }
  }

  request() {
    if (this.scheduled) return;
    this.scheduled = true;
    requestAnimationFrame(() => {
      this.scheduled = false;
      this.draw();
    });
  }

  draw() {
    const k = this.scale;
    const [ox, oy] = this.toScreen([0, 0]);
    for (const { img, transform: t, unit } of this.panes) {
      const [a, b] = [k * t.a * unit, k * t.b * unit];
      img.style.transform = `matrix(${a}, ${b}, ${-b}, ${a}, ${ox + k * t.tx}, ${oy + k * t.ty})`;
      img.style.willChange = "transform";
    }
    // A layer of its own keeps a moving photograph smooth, but WebKit shrinks a layer coarsely: hair at rest is speckled
    // in it. So a photograph has one only while it moves.
    clearTimeout(this.resting);
    this.resting = setTimeout(() => {
      for (const { img } of this.panes) img.style.willChange = "";
    }, AT_REST);
    for (const listener of this.listeners) listener();
  }
}
