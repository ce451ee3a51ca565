// A scanner types what it reads and then presses Enter. In a form of the record that moves on to the next control and
// never sends a form that is only begun. Without this script Enter does nothing: the form's default button is off.

const NOT_TYPED_IN = new Set(["submit", "button", "image", "reset", "file"]);

/** Where the work goes on after this field. @param {HTMLInputElement} field */
function next(field) {
  const controls = /** @type {HTMLInputElement[]} */ ([...field.form.elements]).filter(
    (each) => each.type !== "hidden" && each.tabIndex >= 0 && !each.disabled && (each.checkVisibility?.() ?? true),
  );
  return controls[controls.indexOf(field) + 1];
}

/** GS1's sign between the parts of a label; as a key it is Ctrl and ], which types nothing. @param {KeyboardEvent} event */
function isSeparator(event) {
  return event.key === "\u001d" || (event.ctrlKey && (event.key === "]" || event.code === "BracketRight"));
}

document.addEventListener("keydown", (event) => {
  const field = /** @type {HTMLInputElement} */ (event.target);
  if (field.tagName !== "INPUT" || !field.form || event.defaultPrevented || event.isComposing) return;
  if ("scan" in field.dataset && isSeparator(event)) {
    event.preventDefault();
    field.setRangeText("\u241d", field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
    return;
  }
  if (event.key !== "Enter" || !("recordForm" in field.form.dataset) || NOT_TYPED_IN.has(field.type)) return;
  event.preventDefault();
  next(field)?.focus();
});
