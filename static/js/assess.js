// The assessment form: last time's stage comes out once a stage is chosen, and "all others: none" fills the rows.
/** @type {HTMLFormElement | null} */
const form = document.querySelector("[data-assess]");
if (form) {
  /** @type {HTMLDetailsElement | null} */
  const lastTime = form.querySelector("[data-last-time]");
  const chosen = () => form.querySelector('input[name="grade"]:checked');

  // Seen first, last time's stage would draw the eye to itself: it waits for this time's.
  const show = () => {
    if (!lastTime) return;
    lastTime.hidden = !chosen();
    lastTime.open = Boolean(chosen());
  };
  show();
  form.addEventListener("change", (event) => {
    const control = /** @type {HTMLInputElement} */ (event.target);
    if (control.name === "grade") show();
    if (control.name === "scalp_rest_none") fill(control.checked);
  });

  /** @returns {Element[]} */
  const rows = () => [...form.querySelectorAll("[data-findings] .finding")];
  /** @type {(row: Element, value: string) => HTMLInputElement} */
  const option = (row, value) => row.querySelector(`input[value="${value}"]`);
  // Only the rows this tick has filled go back to "not examined" when it is taken away.
  /** @type {Element[]} */
  let filled = [];
  /** @type {(on: boolean) => void} */
  const fill = (on) => {
    if (on) {
      filled = rows().filter((row) => option(row, "").checked);
      for (const row of filled) option(row, "0").checked = true;
    } else {
      for (const row of filled) if (option(row, "0").checked) option(row, "").checked = true;
      filled = [];
    }
  };
}
