// What is asked of several stored photos at once, above the list of them, and the way to correct them together.

import { keepingFocus } from "./focus.js";
import { askDay, element, takeCamerasDay } from "./outcome.js";

/**
 * @param {import("./queue.js").Queue} queue
 * @param {{place: HTMLElement, correct?: HTMLAnchorElement | null}} parts
 */
export function askForAll(queue, { place, correct }) {
  let shown = "";
  const show = () => {
    const kept = queue.uploads.filter((upload) => upload.state === "kept");
    const isBusy = queue.uploads.some((upload) => upload.isOnTheWay);
    if (correct) {
      correct.hidden = kept.length < 2 || isBusy;
      correct.textContent = `Correct these ${kept.length} together`;
      const ids = kept.map((upload) => `photo=${upload.answer.id}`).join("&");
      correct.href = `${queue.form.dataset.correctUrl}?${ids}`;
    }
    const ofDay = kept.filter((upload) => upload.answer.asks === "day");
    const ofCamera = kept.filter((upload) => upload.answer.asks === "camera");
    const now = isBusy ? "" : [ofDay, ofCamera].map((some) => some.map((upload) => upload.id).join()).join("|");
    if (now === shown) return;
    shown = now;
    keepingFocus(place.closest("section"), place, () => {
      place.replaceChildren();
      if (!isBusy && ofDay.length > 1) place.append(askDay(ofDay, queue));
      if (!isBusy && ofCamera.length > 1) {
        const line = element("p", "", `The camera of ${ofCamera.length} photos says another day than the session. `);
        line.append(takeCamerasDay(ofCamera, queue));
        place.append(line);
      }
      place.hidden = place.childElementCount === 0;
    });
  };
  queue.addEventListener("change", show);
}
