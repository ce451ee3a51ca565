// A signature drawn with a finger, a pen or the mouse, sent as strokes in thousandths of the field's width.
// Without this script the field stays hidden, and the name is typed instead.

import { UNITS, addPoint, readStrokes } from "./strokes.js";

/** @type {NodeListOf<HTMLElement>} */
const blocks = document.querySelectorAll("[data-signature]");
for (const block of blocks) attend(block);

/** @param {HTMLElement} block */
function attend(block) {
  const canvas = block.querySelector("canvas");
  const field = /** @type {HTMLInputElement} */ (document.getElementById(block.dataset.signature));
  const pen = canvas.getContext("2d");
  let strokes = readStrokes(field.value);
  /** @type {import("./strokes.js").Stroke | null} */
  let current = null;
  block.hidden = false;

  // Measured once a stroke: the page may move under a pen that is down, the line must not.
  /** @type {DOMRect | null} */
  let box = null;

  /** @type {(event: PointerEvent) => import("./strokes.js").Spot} */
  const place = (event) => {
    const scale = UNITS / box.width;
    /** @type {(value: number, most: number) => number} */
    const fit = (value, most) => Math.round(Math.min(Math.max(value * scale, 0), most));
    return [fit(event.clientX - box.left, UNITS), fit(event.clientY - box.top, (UNITS * canvas.height) / canvas.width)];
  };
  /** @type {(event: PointerEvent) => void} */
  const add = (event) => addPoint(strokes, current, place(event));
  const store = () => {
    field.value = strokes.length ? JSON.stringify(strokes) : "";
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const draw = () => {
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.strokeStyle = getComputedStyle(canvas).color;
    pen.lineWidth = 5;
    pen.lineCap = pen.lineJoin = "round";
    for (const stroke of strokes) {
      pen.beginPath();
      pen.moveTo(...stroke[0]);
      for (const point of stroke.length > 1 ? stroke.slice(1) : stroke) pen.lineTo(...point);
      pen.stroke();
    }
  };

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || current) return;
    canvas.setPointerCapture(event.pointerId);
    box = canvas.getBoundingClientRect();
    current = [];
    strokes.push(current);
    add(event);
    draw();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!current || !canvas.hasPointerCapture(event.pointerId)) return;
    for (const part of event.getCoalescedEvents?.() ?? []) add(part);
    add(event);
    draw();
  });
  /** @type {(event: PointerEvent) => void} */
  const finish = (event) => {
    if (!current || (event.type !== "lostpointercapture" && !canvas.hasPointerCapture(event.pointerId))) return;
    current = null;
    store();
  };
  for (const end of /** @type {const} */ (["pointerup", "pointercancel", "lostpointercapture"])) {
    canvas.addEventListener(end, finish);
  }
  block.querySelector("[data-clear]").addEventListener("click", () => {
    strokes = [];
    store();
    draw();
  });
  block.querySelector("[data-undo]").addEventListener("click", () => {
    strokes.pop();
    store();
    draw();
  });
  // Other words stand above it now than those that were signed.
  field.addEventListener("signature:void", () => {
    strokes = [];
    field.value = "";
    draw();
  });
  // A draft was put back.
  field.form.addEventListener("record-form:filled", () => {
    strokes = readStrokes(field.value);
    draw();
  });
  draw();
}
