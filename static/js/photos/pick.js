// Two photos of a row at most are ticked for the comparison: a third tick lets go of the first.

/** When each was ticked. @type {Map<Element, number>} */
const order = new Map();
let count = 0;

document.addEventListener("change", (event) => {
  const box = /** @type {HTMLInputElement} */ (event.target);
  if (!box.matches?.("[data-pick]")) return;
  const row = box.closest("[data-row]");
  order.set(box, ++count);
  /** @type {NodeListOf<HTMLInputElement>} */
  const boxes = row.querySelectorAll("[data-pick]:checked");
  const ticked = [...boxes].sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0));
  while (ticked.length > 2) ticked.shift().checked = false;
  /** @type {HTMLButtonElement} */
  const button = row.querySelector("[data-compare]");
  button.disabled = ticked.length === 1;
  button.classList.toggle("btn-primary", ticked.length === 2);
});
