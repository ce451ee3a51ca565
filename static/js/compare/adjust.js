// Moving, turning and zooming the later photograph by hand: buttons and keys, dragging, and two grips on the
// picture. Everything turns about the middle of what is shown.
import { about } from "./similarity.js";

/** @typedef {import("./similarity.js").Point} Point */
/**
 * What a press changes: a move in px of the world, a turn in degrees, a zoom.
 * @typedef {{dx?: number, dy?: number, turn?: number, zoom?: number}} Change
 */

/** @type {Record<string, {move: number, turn: number, zoom: number}>} */
const STEPS = { fine: { move: 1, turn: 0.1, zoom: 1.001 }, coarse: { move: 10, turn: 1, zoom: 1.01 } };

export class Adjust {
  /**
   * `begins` is called before anything moves: while points are being set the photograph lies as it was taken.
   * @param {HTMLElement} root
   * @param {import("./view.js").SharedView} view
   * @param {import("./landmarks.js").Landmarks} landmarks
   * @param {{begins: () => void, changed: () => void}} listeners
   */
  constructor(root, view, landmarks, { begins, changed }) {
    this.view = view;
    this.landmarks = landmarks;
    this.root = root;
    this.begins = begins;
    /** @type {HTMLInputElement} */
    this.toggle = root.querySelector("[data-drag-later]");
    this.toggle.addEventListener("change", () => {
      if (this.toggle.checked) begins();
      changed();
    });
    /** @type {NodeListOf<HTMLElement>} */
    const buttons = root.querySelectorAll("[data-nudge]");
    for (const button of buttons) {
      button.addEventListener("click", () => this.press(button.dataset.nudge));
    }
    root.querySelector("[data-nudge-reset]").addEventListener("click", () => landmarks.resetNudge());
    /** @type {NodeListOf<HTMLElement>} */
    const grips = root.querySelectorAll("[data-grip]");
    for (const grip of grips) this.grip(grip);
  }

  get step() {
    /** @type {HTMLInputElement | null} */
    const chosen = this.root.querySelector("input[name=step]:checked");
    return STEPS[chosen?.value ?? "fine"];
  }

  /** @param {Change} values @param {Point} at */
  change(values, at = this.view.centre) {
    this.landmarks.correct(about(at, values));
  }

  /** @param {string} what */
  press(what) {
    this.begins();
    const { move, turn, zoom } = this.step;
    /** @type {Record<string, Change>} */
    const changes = {
      left: { dx: -move },
      right: { dx: move },
      up: { dy: -move },
      down: { dy: move },
      "turn-left": { turn: -turn },
      "turn-right": { turn },
      "zoom-in": { zoom },
      "zoom-out": { zoom: 1 / zoom },
    };
    this.change(changes[what]);
  }

  /**
   * The tool the gestures hand their moves to while dragging moves the later photograph.
   * @returns {import("./gestures.js").Tool}
   */
  get tool() {
    return {
      drag: (_pointer, dx, dy) => {
        this.change({ dx: dx / this.view.scale, dy: dy / this.view.scale });
        return true;
      },
      pinch: (middle, { dx, dy, turn, zoom }) => {
        this.change({ dx: dx / this.view.scale, dy: dy / this.view.scale, turn, zoom }, this.view.toWorld(middle));
        return true;
      },
    };
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    /** @type {Record<string, string>} */
    const keys = {
      ArrowLeft: "left",
      ArrowRight: "right",
      ArrowUp: "up",
      ArrowDown: "down",
      ",": "turn-left",
      ".": "turn-right",
      "+": "zoom-in",
      "=": "zoom-in",
      "-": "zoom-out",
    };
    const what = keys[event.key];
    if (what) this.press(what);
    return Boolean(what);
  }

  /** @param {HTMLElement} grip */
  grip(grip) {
    /** @type {(event: PointerEvent) => {angle: number, reach: number}} */
    const polar = (event) => {
      const box = grip.parentElement.getBoundingClientRect();
      const [x, y] = [event.clientX - box.left - box.width / 2, event.clientY - box.top - box.height / 2];
      return { angle: (Math.atan2(y, x) * 180) / Math.PI, reach: Math.hypot(x, y) || 1 };
    };
    /** @type {{angle: number, reach: number} | null} */
    let last = null;
    grip.addEventListener("pointerdown", (event) => {
      grip.setPointerCapture(event.pointerId);
      last = polar(event);
      event.preventDefault();
    });
    grip.addEventListener("pointermove", (event) => {
      if (!last) return;
      const now = polar(event);
      if (grip.dataset.grip === "turn") this.change({ turn: ((now.angle - last.angle + 540) % 360) - 180 });
      else this.change({ zoom: now.reach / last.reach });
      last = now;
    });
    const end = () => {
      last = null;
    };
    grip.addEventListener("pointerup", end);
    grip.addEventListener("pointercancel", end);
  }
}
