// A scanner types what it reads and then presses Enter. That must not send a form that is only begun.
for (const field of document.querySelectorAll("[data-scan]")) {
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    const controls = [...field.form.elements].filter((control) => control.type !== "hidden" && control.tabIndex >= 0);
    controls[controls.indexOf(field) + 1]?.focus();
  });
}
