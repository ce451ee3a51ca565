// On every page: focus what needs attention, and let "/" reach the patient search.
import "./find.js";

const attention = document.querySelector("[data-focus]");
if (attention) attention.focus();

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const find = document.querySelector("[data-find]");
  if (find) {
    event.preventDefault();
    find.focus();
    find.select();
  }
});

// A menu closes when the person looks elsewhere.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
