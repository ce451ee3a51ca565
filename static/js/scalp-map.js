// The map and the total follow the number fields; a tap on a region goes to its field.
// Without this script the numbers are typed, saved and added up all the same.
import { hundredths, shown, totalShown } from "./volumes.js";

/** @type {NodeListOf<HTMLInputElement>} */
const inputs = document.querySelectorAll("[data-ml]");
const fields = [...inputs];
/** @type {HTMLOutputElement | null} */
const total = document.querySelector("[data-total]");
const map = document.querySelector("[data-scalp]");

function refresh() {
  const counts = fields.map((field) => hundredths(field.value));
  for (const [place, field] of fields.entries()) {
    const count = counts[place];
    const region = map?.querySelector(`[data-region="${field.dataset.ml}"]`);
    const isTreated = count !== null && count > 0;
    region?.classList.toggle("on", isTreated);
    const figure = region?.querySelector(".region-ml");
    if (figure) figure.textContent = isTreated ? shown(count) : "";
    field.closest("li")?.classList.toggle("on", isTreated);
  }
  if (total) total.value = totalShown(counts);
}

for (const field of fields) {
  field.addEventListener("input", refresh);
  field.addEventListener("change", refresh);
}

map?.addEventListener("click", (event) => {
  const target = /** @type {Element} */ (event.target);
  /** @type {HTMLElement | null} */
  const region = target.closest("[data-region]");
  const field = region && fields.find((each) => each.dataset.ml === region.dataset.region);
  if (!field) return;
  const folded = field.closest("details");
  if (folded) folded.open = true;
  field.focus();
  field.select();
});

if (fields.length) {
  map?.classList.add("is-tappable");
  refresh();
}
