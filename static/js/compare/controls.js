// The zoom's buttons and slider, and what is remembered from one pair of months to the next.
import { MODES } from "./modes.js";

/** @param {HTMLElement} root @param {import("./view.js").SharedView} view */
export function zoomControls(root, view) {
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
  let shown = "";
  view.onDraw(() => {
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
  let strip = false; // whether the month was stepped from the strip, which then gets the focus back
  addEventListener("pagehide", () => {
    try {
      sessionStorage.setItem(key, JSON.stringify({ mode: modes.mode, zoom: view.zoom, centre: view.centre, strip }));
    } catch {
      // A browser that keeps nothing only forgets the zoom.
    }
  });
  return {
    rememberStrip: () => {
      strip = true;
    },
    /** @param {import("./dates.js").Dates} dates */
    restore(dates) {
      modes.set(MODES.includes(stored?.mode) ? stored.mode : "side");
      if (stored) view.restore(stored);
      if (stored?.strip) dates.focusCurrent();
    },
  };
}

/** @param {string} key @returns {{mode?: string, zoom?: number, centre?: number[], strip?: boolean} | null} */
function readStored(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? "null");
  } catch {
    return null;
  }
}
