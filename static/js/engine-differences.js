// What one browser does by itself and another must be helped to do.

/** A text area grows with its text where style sheets cannot say so. */
function growTextAreas() {
  if (CSS.supports("field-sizing", "content")) return;
  /** @param {HTMLTextAreaElement} area */
  const grow = (area) => {
    area.style.height = "";
    const edges = area.offsetHeight - area.clientHeight;
    if (area.scrollHeight > area.clientHeight) area.style.height = `${area.scrollHeight + edges}px`;
  };
  for (const area of document.querySelectorAll("textarea")) grow(area);
  document.addEventListener("input", (event) => {
    if (event.target instanceof HTMLTextAreaElement) grow(event.target);
  });
}

/**
 * An empty date has [data-empty], for browsers that show today's in it. One that is half typed has a value for nobody but
 * the person who types it, so it counts as empty only while no digit was typed, or after it was cleared.
 */
function markEmptyDates() {
  const dates = "input[type=date], input[type=month], input[type=time], input[type=datetime-local]";
  /** @param {Event} event */
  const dateOf = (event) => (event.target instanceof Element ? event.target.closest(dates) : null);
  const look = () => {
    /** @type {NodeListOf<HTMLInputElement>} */
    const all = document.querySelectorAll(dates);
    for (const date of all) date.toggleAttribute("data-empty", !date.value && date.dataset.typed === undefined);
  };
  look();
  for (const name of ["pageshow", "record-form:filled", "record-form:refreshed"]) addEventListener(name, look);
  document.addEventListener("reset", () => setTimeout(look));
  for (const name of ["input", "change"]) document.addEventListener(name, (event) => dateOf(event) && look());
  document.addEventListener("keydown", (event) => {
    const date = /** @type {HTMLInputElement | null} */ (dateOf(event));
    if (!date) return;
    if (/^\d$/.test(event.key)) date.dataset.typed = "";
    else if (event.key === "Backspace" || event.key === "Delete") delete date.dataset.typed;
    look();
  });
}

growTextAreas();
markEmptyDates();
