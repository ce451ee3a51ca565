// The zoom's buttons and slider, and what is remembered from one pair of months to the next.
import { MODES } from "./modes.js";

export function zoomControls(root, view) {
  const slider = root.querySelector("[data-zoom]");
  const out = root.querySelector("[data-zoom-out]");
  slider.addEventListener("input", () => view.zoomTo(2 ** Number(slider.value)));
  for (const button of root.querySelectorAll("[data-zoom-by]")) {
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

// Stepping to another month keeps the way of looking, the zoom and the place.
export function keepView(root, view, modes) {
  const key = `compare ${root.dataset.stateKey}`;
  const kept = readKept(key);
  let strip = false; // whether the month was stepped from the strip, which then gets the focus back
  addEventListener("pagehide", () => {
    try {
      sessionStorage.setItem(key, JSON.stringify({ mode: modes.mode, zoom: view.zoom, centre: view.centre, strip }));
    } catch {
      // A browser that keeps nothing only forgets the zoom.
    }
  });
  return {
    keepStrip: () => (strip = true),
    restore(dates) {
      modes.set(MODES.includes(kept?.mode) ? kept.mode : "side");
      if (kept) view.restore(kept);
      if (kept?.strip) dates.focusCurrent();
    },
  };
}

function readKept(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? "null");
  } catch {
    return null;
  }
}
