// Covering parts of photographs before they leave: dragging writes the numbers of a part, and the parts are drawn
// from the numbers. The server burns them in; what is drawn here is only what it will do.
import { between, numbers } from "./photo-parts.js";

/** @typedef {import("./photo-parts.js").Part} Part */

const SMALLEST = 1; // per cent; less is a slip of the hand

/** @type {NodeListOf<HTMLElement>} */
const roots = document.querySelectorAll("[data-cover]");
for (const root of roots) editor(root);
allViews();
sending();

/** @param {HTMLElement} root */
function editor(root) {
  /** @type {HTMLElement} */
  const pic = root.querySelector("[data-pic]");
  /** @type {NodeListOf<HTMLInputElement>} */
  const inputs = root.querySelectorAll("[data-box]");
  const boxes = [...inputs];
  /** @type {HTMLInputElement} */
  const looked = root.querySelector("[data-looked]");
  /** @type {NodeListOf<HTMLElement>} */
  const buttons = root.querySelectorAll("[data-tool]");
  const tools = [...buttons];
  root.classList.add("is-live");
  /** @type {NodeListOf<HTMLElement>} */
  const toolbars = root.querySelectorAll("[data-tools]");
  for (const toolbar of toolbars) toolbar.hidden = false;
  for (const tool of tools) {
    tool.addEventListener("click", () => {
      for (const other of tools) other.setAttribute("aria-pressed", String(other === tool));
    });
  }
  for (const box of boxes) box.addEventListener("input", changed);
  draw();

  // What was looked at is no longer what goes out.
  function changed() {
    looked.checked = false;
    draw();
  }

  /** @param {{part: Part, kind: string} | null} dragged */
  function draw(dragged = null) {
    for (const part of pic.querySelectorAll(".exp-part")) part.remove();
    boxes.forEach((box, i) => {
      const part = numbers(box.value);
      if (part) show(part, box.dataset.box, box.dataset.box === "crop" ? "Kept" : String(i));
    });
    if (dragged) show(dragged.part, dragged.kind, "");
  }

  /** @param {Part} part @param {string} kind @param {string} name */
  function show([left, top, width, height], kind, name) {
    const part = document.createElement("div");
    part.className = `exp-part exp-part-${kind}`;
    part.style.left = `${left}%`;
    part.style.top = `${top}%`;
    part.style.width = `${width}%`;
    part.style.height = `${height}%`;
    if (name) part.append(Object.assign(document.createElement("b"), { textContent: name }));
    pic.append(part);
  }

  /** @type {[number, number] | null} */
  let from = null;
  pic.addEventListener("pointerdown", (event) => {
    if (event.button || !event.isPrimary) return;
    from = at(event);
    pic.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  pic.addEventListener("pointermove", (event) => from && draw({ part: between(from, at(event)), kind: kind() }));
  pic.addEventListener("pointercancel", () => {
    from = null;
    draw();
  });
  pic.addEventListener("pointerup", (event) => {
    if (!from) return;
    const part = between(from, at(event));
    from = null;
    const box = place(kind());
    if (part[2] >= SMALLEST && part[3] >= SMALLEST && box) {
      box.value = part.map((value) => value.toFixed(1)).join(" ");
      /** @type {HTMLDetailsElement} */
      const details = root.querySelector("[data-numbers]");
      details.open = true;
      changed();
    } else draw();
  });

  function kind() {
    return tools.find((tool) => tool.getAttribute("aria-pressed") === "true").dataset.tool;
  }

  // The first free line for a cover, the last one when all are taken; there is one part to keep.
  /** @param {string} what */
  function place(what) {
    const lines = boxes.filter((box) => box.dataset.box === what);
    return lines.find((box) => !box.value.trim()) ?? lines.at(-1);
  }

  /** @param {PointerEvent} event @returns {[number, number]} per cent of the picture */
  function at(event) {
    const frame = pic.getBoundingClientRect();
    /** @type {(value: number, size: number) => number} */
    const within = (value, size) => Math.min(100, Math.max(0, Math.round((1000 * value) / size) / 10));
    return [within(event.clientX - frame.left, frame.width), within(event.clientY - frame.top, frame.height)];
  }
}

function allViews() {
  const button = document.querySelector("[data-all-views]");
  if (!button) return;
  button.parentElement.hidden = false;
  button.addEventListener("click", () => {
    /** @type {NodeListOf<HTMLInputElement>} */
    const boxes = document.querySelectorAll("input[name=view]");
    for (const box of boxes) box.checked = true;
  });
}

// The answer is a file, so the page stays: say that it is on its way.
function sending() {
  const form = document.querySelector("[data-export-form]");
  form?.addEventListener("submit", () => {
    document.querySelector("[data-export-state]").textContent =
      "The sheet is being made; the download starts by itself.";
  });
}
