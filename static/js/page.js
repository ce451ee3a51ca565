// On every page: focus what needs attention, lead from the summary to what is wrong, close menus, say why pictures are
// missing, and let "/" reach the patient search.
import "./engine-differences.js";
import "./find.js";
import { followsSave } from "./forms/after-save.js";
import { openAround } from "./forms/contents.js";
import { watchTouches } from "./idle.js";
import { useKeypads } from "./keypad.js";
import "./masthead.js";
import { tellMissingPictures } from "./missing-pictures.js";
import "./printed.js";

/** What is wrong, what was said about the act before, or after a save the heading. @returns {HTMLElement | null} */
function attention() {
  const isAfterSave = followsSave();
  const said = document.querySelector(".errors[data-focus]") ?? document.querySelector("[data-focus]");
  return said || !isAfterSave ? /** @type {HTMLElement} */ (said) : document.querySelector("main h1");
}

// An address that leads to one entry scrolls past what is said at the top of the page: it is said at the entry.
const entry = window.location.hash.startsWith("#r-") ? document.getElementById(window.location.hash.slice(1)) : null;
const said = document.querySelector("main > .messages");
if (entry && said) {
  entry.before(said);
  said.scrollIntoView();
}

const begin = attention();
if (begin && !begin.hasAttribute("tabindex")) begin.tabIndex = -1;
// Where the address leads to one part of the page, the browser goes there first, and takes the focus along; the focus
// that follows must not scroll away from it.
if (!location.hash) begin?.focus();
else addEventListener("load", () => setTimeout(() => begin?.focus({ preventScroll: true })));

// A line of the summary leads to its field, also where that is folded away.
document.addEventListener("click", (event) => {
  const link = /** @type {Element} */ (event.target).closest?.(".errors a[href^='#']");
  const field = link && document.getElementById(/** @type {HTMLAnchorElement} */ (link).hash.slice(1));
  if (!field) return;
  event.preventDefault();
  openAround(field);
  field.focus({ preventScroll: true });
  field.scrollIntoView({ block: "center" });
});

watchTouches();
tellMissingPictures();
useKeypads(document);
