// The grid of old photos: the arrow keys go from cell to cell, a letter chooses a view, patients appear as you type.
// Without this script every cell is an ordinary field, and Give and Keep are buttons of the form.

import { PatientChoice } from "./patient-choice.js";
import { isCaretAt, next, viewOfKey } from "./grid-keys.js";

const DITTO = new Set(['"', "″", "”", "“", "〃"]);

/** @param {HTMLFormElement} batch */
function start(batch) {
  /** @type {HTMLElement[]} */
  const rows = Array.from(batch.querySelectorAll("[data-row]"));
  const choice = new PatientChoice(batch.dataset.findUrl, batch);
  const beside = new Beside(batch.querySelector("[data-beside]"));
  const large = new Large(document.querySelector("[data-large-dialog]"));
  const views = keysOf(rows[0]);

  batch.addEventListener("focusin", (event) => {
    const row = rowOf(event.target);
    if (row) beside.show(row);
    const input = /** @type {HTMLInputElement} */ (event.target);
    if (input.matches("[data-patient]")) choice.attach(input);
  });
  batch.addEventListener("change", (event) => {
    const field = /** @type {HTMLElement} */ (event.target);
    const row = rowOf(field);
    if (row && field.dataset.cell && field.dataset.cell !== "keep") settle(field);
    if (row && field.dataset.cell === "view") showCloseUp(row);
    showCounts();
  });
  batch.addEventListener("record-form:filled", () => {
    for (const row of rows) showCloseUp(row);
    showCounts();
  });
  batch.addEventListener("keydown", key);
  batch.addEventListener("click", (event) => {
    const picture = /** @type {HTMLElement} */ (event.target).closest?.("[data-large]");
    if (!picture || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    large.show(/** @type {HTMLElement} */ (picture));
  });
  /** @type {HTMLButtonElement} */
  const complete = batch.querySelector("[data-tick-complete]");
  /** @type {HTMLButtonElement} */
  const none = batch.querySelector("[data-tick-none]");
  complete.hidden = none.hidden = false;
  complete.addEventListener("click", () => tickAll((row) => isComplete(row)));
  none.addEventListener("click", () => tickAll(() => false));
  batch.querySelector("[data-apply]").addEventListener("click", (event) => {
    event.preventDefault();
    apply();
  });
  for (const row of rows) showCloseUp(row);
  showCounts();

  /** @param {KeyboardEvent} event */
  function key(event) {
    const cell = /** @type {HTMLInputElement} */ (event.target);
    const name = cell.dataset.cell;
    const row = rowOf(cell);
    if (!name || !row || event.ctrlKey || event.metaKey || event.altKey) return;
    if (choice.isOpenFor(cell) && ["ArrowUp", "ArrowDown", "Enter", "Escape"].includes(event.key)) return;
    if (DITTO.has(event.key) && name !== "keep" && name !== "picture") {
      event.preventDefault();
      return sameAsAbove(row, cell, name);
    }
    if (event.key === "Enter" && name !== "picture") {
      event.preventDefault();
      tick(row, true);
      return move(row, name, "ArrowDown");
    }
    if (event.key === " " && name === "picture") {
      event.preventDefault();
      return large.show(cell);
    }
    if (name === "view" && event.key.length === 1) {
      const view = viewOfKey(event.key, views);
      event.preventDefault();
      if (!view) return;
      cell.value = view;
      cell.dispatchEvent(new Event("change", { bubbles: true }));
      return move(row, name, "ArrowDown");
    }
    if (!isCaretAt(cell, event.key)) return;
    if (move(row, name, event.key)) event.preventDefault();
  }

  /** Returns whether there was a cell that way. @param {HTMLElement} row @param {string} name @param {string} way */
  function move(row, name, way) {
    const to = next({ row: rows.indexOf(row), cell: name }, way, rows.length);
    if (!to) return false;
    /** @type {HTMLInputElement} */
    const cell = rows[to.row].querySelector(`[data-cell="${to.cell}"]`);
    cell.focus();
    if (cell.type === "text") cell.select();
    cell.scrollIntoView({ block: "nearest" });
    return true;
  }

  /** @param {HTMLElement} row @param {HTMLInputElement} cell @param {string} name */
  function sameAsAbove(row, cell, name) {
    const above = rows[rows.indexOf(row) - 1];
    if (!above) return;
    cell.value = field(above, name).value;
    cell.dispatchEvent(new Event("input", { bubbles: true }));
    cell.dispatchEvent(new Event("change", { bubbles: true }));
    move(row, name, "ArrowDown");
  }

  /** What was written above the grid, to every row that is ticked. */
  function apply() {
    const ticked = rows.filter((row) => field(row, "keep").checked);
    for (const name of ["patient", "view", "when"]) {
      /** @type {HTMLInputElement} */
      const given = batch.querySelector(`[name="all-${name}"]`);
      if (!given.value) continue;
      for (const row of ticked) {
        const cell = field(row, name);
        cell.value = given.value;
        settle(cell);
        if (name === "view") showCloseUp(row);
      }
      if (ticked.length) given.value = "";
    }
    batch.dispatchEvent(new Event("change", { bubbles: true }));
    said(ticked.length ? `Given to ${photos(ticked.length)}.` : "Tick the photos first.");
  }

  /** @param {(row: HTMLElement) => boolean} isRight */
  function tickAll(isRight) {
    for (const row of rows) field(row, "keep").checked = isRight(row);
    batch.dispatchEvent(new Event("change", { bubbles: true }));
    showCounts();
  }

  /** @param {HTMLElement} row @param {boolean} isRight */
  function tick(row, isRight) {
    field(row, "keep").checked = isRight;
    field(row, "keep").dispatchEvent(new Event("change", { bubbles: true }));
  }

  function showCounts() {
    const ticked = rows.filter((row) => field(row, "keep").checked).length;
    complete.textContent = `Tick all that are complete (${rows.filter(isComplete).length})`;
    said(`${ticked} of ${rows.length} ticked`);
    batch.querySelector("[data-save]").textContent = ticked ? `Keep ${photos(ticked)}` : "Keep";
  }

  /** @param {string} words */
  function said(words) {
    batch.querySelector("[data-ticked]").textContent = words;
  }
}

/** A guess that a person wrote over is one no more. @param {HTMLElement} cell */
function settle(cell) {
  if (!cell.classList.contains("is-guess")) return;
  cell.classList.remove("is-guess");
  document.getElementById(cell.getAttribute("aria-describedby") ?? "")?.remove();
  cell.removeAttribute("aria-describedby");
}

/** @param {HTMLElement} row */
function isComplete(row) {
  return ["patient", "view", "when"].every((name) => field(row, name).value.trim());
}

/** The close-up's own questions stand open where the view needs them. @param {HTMLElement} row */
function showCloseUp(row) {
  const select = /** @type {HTMLSelectElement} */ (/** @type {unknown} */ (field(row, "view")));
  const needs = select.selectedOptions[0]?.dataset.needs ?? "";
  /** @type {HTMLDetailsElement} */
  const part = row.querySelector("[data-close-up]");
  part.hidden = !needs;
  if (needs) part.open = true;
}

/** The letter of each view. @param {HTMLElement} row @returns {Map<string, string>} */
function keysOf(row) {
  /** @type {NodeListOf<HTMLOptionElement>} */
  const options = row.querySelectorAll("[data-key]");
  return new Map([...options].map((option) => [option.dataset.key, option.value]));
}

/** @param {HTMLElement} row @param {string} name @returns {HTMLInputElement} */
function field(row, name) {
  return row.querySelector(`[data-cell="${name}"]`);
}

/** @param {EventTarget} target @returns {HTMLElement | null} */
function rowOf(target) {
  return /** @type {HTMLElement} */ (target).closest?.("[data-row]") ?? null;
}

/** @param {number} number */
function photos(number) {
  return `${number} photo${number === 1 ? "" : "s"}`;
}

/** The picture of the row that is worked on, beside the grid. */
class Beside {
  /** @param {HTMLElement} part */
  constructor(part) {
    this.part = part;
    /** @type {HTMLImageElement} */
    this.picture = part.querySelector("[data-beside-picture]");
  }

  /** @param {HTMLElement} row */
  show(row) {
    const thumb = row.querySelector("img");
    const large = /** @type {HTMLElement} */ (row.querySelector("[data-large]")).dataset.large;
    this.part.hidden = false;
    const isShown = this.part.offsetParent !== null; // too narrow a window has no room for it
    if (!isShown || this.picture.dataset.of === large) return;
    this.picture.dataset.of = large;
    this.picture.src = thumb.src;
    this.picture.alt = thumb.alt;
    this.part.querySelector("[data-beside-name]").textContent = row.querySelector(".batch-name").firstChild.textContent;
  }
}

class Large {
  /** @param {HTMLDialogElement} dialog */
  constructor(dialog) {
    this.dialog = dialog;
  }

  /** @param {HTMLElement} picture */
  show(picture) {
    const image = /** @type {HTMLImageElement} */ (this.dialog.querySelector("[data-large-picture]"));
    image.src = picture.dataset.large;
    image.alt = picture.querySelector("img").alt.replace(/^Show /, "");
    this.dialog.showModal();
    this.dialog.addEventListener("close", () => picture.focus(), { once: true });
  }
}

/** @type {HTMLFormElement | null} */
const form = document.querySelector("[data-batch-grid]");
if (form) start(form);
