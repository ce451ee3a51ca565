// Moving, turning and zooming the later photograph by hand: buttons and keys, dragging, and two grips on the
// picture. Everything turns about the middle of what is shown.
import { about } from "./similarity.js";

const STEPS = { fine: { move: 1, turn: 0.1, zoom: 1.001 }, coarse: { move: 10, turn: 1, zoom: 1.01 } };

export class Adjust {
  // `begins` is called before anything moves: while points are being set the photograph lies as it was taken.
  constructor(root, view, landmarks, { begins, changed }) {
    this.view = view;
    this.landmarks = landmarks;
    this.root = root;
    this.begins = begins;
    this.toggle = root.querySelector("[data-drag-later]");
    this.toggle.addEventListener("change", () => {
      if (this.toggle.checked) begins();
      changed();
    });
    for (const button of root.querySelectorAll("[data-nudge]")) {
      button.addEventListener("click", () => this.press(button.dataset.nudge));
    }
    root.querySelector("[data-nudge-reset]").addEventListener("click", () => landmarks.resetNudge());
    for (const grip of root.querySelectorAll("[data-grip]")) this.grip(grip);
  }

  get step() {
    return STEPS[this.root.querySelector("input[name=step]:checked")?.value ?? "fine"];
  }

  change(values, at = this.view.centre) {
    this.landmarks.correct(about(at, values));
  }

  press(what) {
    this.begins();
    const { move, turn, zoom } = this.step;
    this.change(
      {
        left: { dx: -move }, right: { dx: move }, up: { dy: -move }, down: { dy: move },
        "turn-left": { turn: -turn }, "turn-right": { turn }, "zoom-in": { zoom }, "zoom-out": { zoom: 1 / zoom },
      }[what],
    );
  }

  // The tool the gestures hand their moves to while dragging moves the later photograph.
  get tool() {
    return {
      drag: (pointer, dx, dy) => {
        this.change({ dx: dx / this.view.scale, dy: dy / this.view.scale });
        return true;
      },
      pinch: (middle, { dx, dy, turn, zoom }) => {
        this.change({ dx: dx / this.view.scale, dy: dy / this.view.scale, turn, zoom }, this.view.toWorld(middle));
        return true;
      },
    };
  }

  key(event) {
    const what = {
      ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down",
      ",": "turn-left", ".": "turn-right", "+": "zoom-in", "=": "zoom-in", "-": "zoom-out",
    }[event.key];
    if (what) this.press(what);
    return Boolean(what);
  }

  grip(grip) {
    const polar = (event) => {
      const box = grip.parentNode.getBoundingClientRect();
      const [x, y] = [event.clientX - box.left - box.width / 2, event.clientY - box.top - box.height / 2];
      return { angle: (Math.atan2(y, x) * 180) / Math.PI, reach: Math.hypot(x, y) || 1 };
    };
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
    for (const name of ["pointerup", "pointercancel"]) grip.addEventListener(name, () => (last = null));
  }
}
