// A scanner types what it reads and then presses Enter. That must not send a form that is only begun.
/** @type {NodeListOf<HTMLInputElement>} */
const fields = document.querySelectorAll("[data-scan]");
for (const field of fields) {
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    const elements = /** @type {HTMLInputElement[]} */ ([...field.form.elements]);
    const controls = elements.filter((control) => control.type !== "hidden" && control.tabIndex >= 0);
    controls[controls.indexOf(field) + 1]?.focus();
  });
}
