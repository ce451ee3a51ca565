// On every page: focus what needs attention, and let "/" reach the patient search.
import "./find.js";

/** @type {HTMLElement | null} */
const attention = document.querySelector("[data-focus]");
if (attention) attention.focus();

document.addEventListener("keydown", (event) => {
  const target = /** @type {Partial<Element>} */ (event.target); // the document itself has no closest
  const typing = target.closest?.("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  /** @type {HTMLInputElement | null} */
  const find = document.querySelector("[data-find]");
  if (find) {
    event.preventDefault();
    find.focus();
    find.select();
  }
});

// A menu closes when the person looks elsewhere.
document.addEventListener("click", (event) => {
  /** @type {NodeListOf<HTMLDetailsElement>} */
  const menus = document.querySelectorAll("details.menu[open]");
  for (const menu of menus) {
    if (!menu.contains(/** @type {Node} */ (event.target))) menu.open = false;
  }
});
