// Shows what is asked only after a certain answer, and hides it after another. What was typed stays in the hidden field:
// it is there again when the answer changes back, and the server reads only what was asked.

/** @param {HTMLFormElement} form */
export function followConditions(form) {
  /** @type {NodeListOf<HTMLElement>} */
  const parts = form.querySelectorAll("[data-asked-when]");
  if (!parts.length) return;
  const show = () => {
    const values = new FormData(form);
    for (const part of parts) part.hidden = !isAsked(part, values);
  };
  form.addEventListener("change", show);
  form.addEventListener("record-form:filled", show);
  // A browser that comes back to the page puts in what was chosen before.
  addEventListener("pageshow", show);
  show();
}

/** @param {HTMLElement} part @param {FormData} values */
function isAsked(part, values) {
  const answers = part.dataset.answers.split(" ").filter(Boolean);
  const given = values.getAll(part.dataset.askedWhen).map(String);
  return given.some((value) => (answers.length ? answers.includes(value) : value.trim() !== ""));
}
