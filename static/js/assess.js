// The assessment form: last time's stage comes out once a stage is chosen, "all others: none" fills the rows, and the
// folded parts say what is in them.
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

  // The line of a folded part says how much is in it, so that nobody has to open it to know. A measurement is one from
  // its figure on: what is measured, where and how are filled in from last time.
  /** @type {(name: string) => string[]} */
  const counted = (name) => {
    const [, row, column] = /^(m\d*)-(.+)$/.exec(name) ?? [];
    if (!row) return [name];
    return ["value", "low", "high"].includes(column) ? [row] : [];
  };
  const folds = [...form.querySelectorAll("details[data-fold]")];
  const count = () => {
    const answered = new Set(
      [...new FormData(form)].filter(([, value]) => typeof value === "string" && value.trim()).map(([name]) => name),
    );
    for (const fold of folds) {
      /** @type {NodeListOf<HTMLInputElement>} */
      const controls = fold.querySelectorAll("input, select, textarea");
      const names = new Set([...controls].map((control) => control.name));
      const recorded = new Set([...names].filter((name) => answered.has(name)).flatMap(counted)).size;
      fold.querySelector("[data-recorded]").textContent = `${recorded || "none"} recorded`;
    }
  };
  count();
  form.addEventListener("change", count);
  for (const name of ["record-form:filled", "record-form:refreshed"]) form.addEventListener(name, count);

  // Paper shows every part.
  /** @type {HTMLDetailsElement[]} */
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...form.querySelectorAll("details")].filter((part) => !part.open);
    for (const part of opened) part.open = true;
  });
  addEventListener("afterprint", () => {
    for (const part of opened) part.open = false;
    opened = [];
  });
}
