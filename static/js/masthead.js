// The masthead: its menus, and the key "/" that leads to the patient search. A key alone may be pressed by accident, or
// by dictation, so that each device can switch it off and remembers that (WCAG 2.2, 2.1.4).

const STORED = "anagen-search-key";
const OFF = "off";

// ── Menus ────────────────────────────────────────────────────────────────────────────────────

/** @type {NodeListOf<HTMLDetailsElement>} */
const menus = document.querySelectorAll("details.menu");
for (const menu of menus) {
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  // A menu that is left must not lie over what is reached next.
  menu.addEventListener("focusout", (event) => {
    const next = /** @type {Node | null} */ (event.relatedTarget);
    if (next && !menu.contains(next)) menu.open = false;
  });
}
document.addEventListener("click", (event) => {
  for (const menu of menus) if (!menu.contains(/** @type {Node} */ (event.target))) menu.open = false;
});

// ── The key of the search ────────────────────────────────────────────────────────────────────

/** @type {HTMLInputElement | null} */
const find = document.querySelector("[data-find]");
/** @type {NodeListOf<HTMLElement>} */
const switches = document.querySelectorAll("[data-search-key]");
/** Where the person was before the key was pressed. @type {HTMLElement | null} */
let opener = null;

function isOn() {
  return localStorage.getItem(STORED) !== OFF;
}

function showSwitches() {
  for (const each of switches) {
    each.hidden = false;
    each.querySelector("b").textContent = isOn() ? "on" : "off";
  }
  const hint = find?.form.querySelector("kbd");
  if (hint) hint.hidden = !isOn();
}

for (const each of switches) {
  each.addEventListener("click", () => {
    if (isOn()) localStorage.setItem(STORED, OFF);
    else localStorage.removeItem(STORED);
    showSwitches();
  });
}
showSwitches();

document.addEventListener("keydown", (event) => {
  const target = /** @type {Partial<HTMLElement>} */ (event.target); // the document itself has no closest
  const typing = target.closest?.("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (!find || !isOn() || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  opener = /** @type {HTMLElement | null} */ (document.activeElement);
  find.focus();
  find.select();
});
// After the search's own Escape, which closes what was found and empties the box.
find?.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || find.value || !opener) return;
  opener.focus();
  opener = null;
});
