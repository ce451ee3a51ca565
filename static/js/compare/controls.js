// The zoom's buttons and slider, and what is remembered from one pair of months to the next.
import { MODES } from "./modes.js";

const STEP = 96; // px that a button moves the photographs

/** @type {Record<string, [number, number]>} */
const MOVES = { left: [STEP, 0], right: [-STEP, 0], up: [0, STEP], down: [0, -STEP] };

/** @param {HTMLElement} root @param {import("./view.js").SharedView} view @param {HTMLElement} pair */
export function zoomControls(root, view, pair) {
  /** @type {HTMLInputElement} */
  const slider = root.querySelector("[data-zoom]");
  const out = root.querySelector("[data-zoom-out]");
  slider.addEventListener("input", () => view.zoomTo(2 ** Number(slider.value)));
  /** @type {NodeListOf<HTMLElement>} */
  const buttons = root.querySelectorAll("[data-zoom-by]");
  for (const button of buttons) {
    button.addEventListener("click", () => view.zoomBy(Number(button.dataset.zoomBy)));
  }
  root.querySelector("[data-zoom-fit]").addEventListener("click", () => view.reset());
  /** @type {HTMLElement} */
  const moves = root.querySelector("[data-moves]");
  moves.addEventListener("click", (event) => {
    const button = /** @type {Element} */ (event.target).closest("button");
    if (button) view.panBy(...MOVES[button.dataset.move]);
  });
  let shown = "";
  view.onDraw(() => {
    // What is shown whole cannot be moved.
    const whole = view.zoom <= 1.001;
    if (whole && moves.contains(document.activeElement)) pair.focus({ preventScroll: true });
    moves.hidden = whole;
    const text = `${view.zoom.toFixed(1)}×`;
    if (text === shown) return;
    shown = text;
    slider.value = String(Math.log2(view.zoom));
    slider.setAttribute("aria-valuetext", text);
    out.textContent = text;
  });
}

/**
 * Stepping to another month keeps the way of looking, the zoom and the place.
 * @param {HTMLElement} root
 * @param {import("./view.js").SharedView} view
 * @param {import("./modes.js").Modes} modes
 */
export function rememberView(root, view, modes) {
  const key = `compare ${root.dataset.stateKey}`;
  const stored = readStored(key);
  let saving = false; // whether the page went away to save the alignment
  let strip = false; // whether the month was stepped from the strip, which then gets the focus back
  addEventListener("pagehide", () => {
    try {
      sessionStorage.setItem(
        key,
        JSON.stringify({ mode: modes.mode, zoom: view.zoom, centre: view.centre, strip, saving }),
      );
    } catch {
      // A browser that keeps nothing only forgets the zoom.
    }
  });
  return {
    rememberStrip: () => {
      strip = true;
    },
    rememberSaving: () => {
      saving = true;
    },
    /**
     * The focus goes where the work goes on.
     * @param {import("./dates.js").Dates} dates
     * @param {HTMLElement} pair
     * @param {Element} live
     */
    restore(dates, pair, live) {
      modes.set(MODES.includes(stored?.mode) ? stored.mode : "side");
      if (stored) view.restore(stored);
      if (stored?.strip) dates.focusCurrent();
      // What was refused keeps the focus; that all is saved is only said.
      if (!stored?.saving || document.querySelector("[role=alert][data-focus]")) return;
      pair.focus({ preventScroll: true });
      live.textContent = document.querySelector(".messages")?.textContent.trim() ?? "";
    },
  };
}

/** @param {string} key @returns {{mode?: string, zoom?: number, centre?: number[], strip?: boolean, saving?: boolean} | null} */
function readStored(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? "null");
  } catch {
    return null;
  }
}
