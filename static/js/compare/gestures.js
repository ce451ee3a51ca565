// Mouse, pen, fingers, wheel, trackpad and keys, all turned into moves of the shared view, or handed to
// a tool (setting points, moving the later photograph) that wants them first.

/** @typedef {import("./similarity.js").Point} Point */
/**
 * Where an event lies: `at` in px within its frame.
 * @typedef {{frame: HTMLElement, side: string, at: Point, box: DOMRect}} Place
 */
/** A finger, pen or button that is down. @typedef {Place & {start: Point, moved: boolean, type: string}} Pointer */
/**
 * Two fingers: between them, how far apart (px), at which angle (degrees).
 * @typedef {{middle: Point, gap: number, angle: number}} Pinch
 */
/**
 * What may take gestures before the view does. Each returns whether it took one.
 * @typedef {object} Tool
 * @property {(pointer: Pointer) => void} [press]
 * @property {(pointer: Pointer, dx: number, dy: number) => boolean} [drag]
 * @property {(middle: Point, change: {zoom: number, turn: number, dx: number, dy: number}) => boolean} [pinch]
 * @property {(pointer: Pointer) => void} [release]
 * @property {() => void} [abandon]
 * @property {(place: Place) => void} [hover]
 */

const SLOP = 5; // px a press may wander and still be a click
const STEP = 48; // px an arrow key pans

export class Gestures {
  /** @param {HTMLElement} pair @param {import("./view.js").SharedView} view */
  constructor(pair, view) {
    this.pair = pair;
    this.view = view;
    /** @type {Tool | null} */
    this.tool = null;
    /** @type {Map<number, Pointer>} */
    this.pointers = new Map();
    /** @type {Pinch | null} */
    this.pinch = null;
    pair.addEventListener("pointerdown", (event) => this.down(event));
    pair.addEventListener("pointermove", (event) => this.move(event));
    for (const name of /** @type {const} */ (["pointerup", "pointercancel", "lostpointercapture"])) {
      pair.addEventListener(name, (event) => this.up(event));
    }
    pair.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    pair.addEventListener("dblclick", (event) => this.twice(event));
    pair.addEventListener("dragstart", (event) => event.preventDefault());
    this.listenToTrackpad();
  }

  /**
   * Where an event lies in its frame; frames are all of one size, so any of them will do for panning.
   * @param {any} event of a pointer, wheel or trackpad
   * @returns {Place | null}
   */
  locate(event) {
    // Once the pair has captured a pointer its clicks are told of the pair, not of the frame under them.
    const under = event.target === this.pair ? document.elementFromPoint(event.clientX, event.clientY) : event.target;
    /** @type {HTMLElement} */
    const frame = under?.closest?.("[data-frame]");
    if (!frame || !this.pair.contains(frame)) return null;
    const box = frame.getBoundingClientRect();
    /** @type {HTMLElement} */
    const side = frame.closest("[data-side]");
    return {
      frame,
      side: side.dataset.side,
      at: [event.clientX - box.left, event.clientY - box.top],
      box,
    };
  }

  /** @param {PointerEvent} event */
  down(event) {
    const target = /** @type {Element} */ (event.target);
    if (event.button !== 0 || target.closest("button, a, input, label, [data-grip]")) return;
    const place = this.locate(event);
    if (!place) return;
    this.pair.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, { ...place, start: place.at, moved: false, type: event.pointerType });
    this.pinch = null;
    if (this.pointers.size === 1) this.tool?.press?.(this.pointers.get(event.pointerId));
    else this.tool?.abandon?.();
    this.pair.classList.add("is-dragging");
  }

  /** @param {PointerEvent} event */
  move(event) {
    const pointer = this.pointers.get(event.pointerId);
    if (!pointer) {
      if (event.pointerType === "mouse") this.hover(event);
      return;
    }
    const before = pointer.at;
    pointer.at = [event.clientX - pointer.box.left, event.clientY - pointer.box.top];
    if (Math.hypot(pointer.at[0] - pointer.start[0], pointer.at[1] - pointer.start[1]) > SLOP) pointer.moved = true;
    if (this.pointers.size === 2) return this.spread();
    if (this.pointers.size > 2) return;
    const [dx, dy] = [pointer.at[0] - before[0], pointer.at[1] - before[1]];
    if (this.tool?.drag?.(pointer, dx, dy)) return;
    this.view.panBy(dx, dy);
  }

  /** @param {PointerEvent} event */
  hover(event) {
    if (!this.tool?.hover) return;
    const place = this.locate(event);
    if (place) this.tool.hover(place);
  }

  spread() {
    const [one, two] = [...this.pointers.values()];
    /** @type {Point} */
    const middle = [(one.at[0] + two.at[0]) / 2, (one.at[1] + two.at[1]) / 2];
    const now = {
      middle,
      gap: Math.hypot(one.at[0] - two.at[0], one.at[1] - two.at[1]) || 1,
      angle: (Math.atan2(two.at[1] - one.at[1], two.at[0] - one.at[0]) * 180) / Math.PI,
    };
    one.moved = two.moved = true;
    const was = this.pinch;
    this.pinch = now;
    if (!was) return;
    const change = {
      zoom: now.gap / was.gap,
      turn: now.angle - was.angle,
      dx: middle[0] - was.middle[0],
      dy: middle[1] - was.middle[1],
    };
    if (this.tool?.pinch?.(middle, change)) return;
    this.view.zoomBy(change.zoom, middle);
    this.view.panBy(change.dx, change.dy);
  }

  /** @param {PointerEvent} event */
  up(event) {
    const pointer = this.pointers.get(event.pointerId);
    if (!pointer) return;
    this.pointers.delete(event.pointerId);
    this.pinch = null;
    if (this.pointers.size) return;
    this.pair.classList.remove("is-dragging");
    if (event.type === "pointerup") this.tool?.release?.(pointer);
    else this.tool?.abandon?.();
  }

  /** @param {WheelEvent} event */
  wheel(event) {
    const place = this.locate(event);
    if (!place) return;
    const amount = event.deltaY * (event.deltaMode === 1 ? 16 : 1);
    // Scrolling away from a photograph that is shown whole scrolls the page.
    if (!event.ctrlKey && amount > 0 && this.view.zoom <= 1) return;
    event.preventDefault();
    this.view.zoomBy(Math.exp(-amount * (event.ctrlKey ? 0.01 : 0.0018)), place.at);
  }

  /** @param {MouseEvent} event */
  twice(event) {
    const place = this.locate(event);
    if (!place || this.tool?.press) return;
    if (this.view.zoom > 1.01) this.view.reset();
    else this.view.zoomTo(2.5, place.at);
  }

  // Safari on a Mac tells of trackpad pinches in events of its own.
  listenToTrackpad() {
    let last = 1;
    this.pair.addEventListener("gesturestart", (event) => {
      event.preventDefault();
      last = 1;
    });
    this.pair.addEventListener("gesturechange", (event) => {
      const { scale } = /** @type {Event & {scale: number}} */ (event);
      event.preventDefault();
      if (this.pointers.size) return;
      const place = this.locate(event);
      this.view.zoomBy(scale / last, place?.at);
      last = scale;
    });
  }
}

/** @type {Record<string, [number, number]>} */
const PAN = { ArrowLeft: [STEP, 0], ArrowRight: [-STEP, 0], ArrowUp: [0, STEP], ArrowDown: [0, -STEP] };

/**
 * True when the key meant something to the view.
 * @param {KeyboardEvent} event
 * @param {import("./view.js").SharedView} view
 */
export function viewKey(event, view) {
  if (event.key === "+" || event.key === "=") view.zoomBy(1.25);
  else if (event.key === "-" || event.key === "_") view.zoomBy(0.8);
  else if (event.key === "0") view.reset();
  else if (PAN[event.key]) view.panBy(...PAN[event.key]);
  else return false;
  return true;
}
