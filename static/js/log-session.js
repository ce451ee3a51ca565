// Log session: marks of what was filled in, reactions, and finding a lot by its number or a scan.
// The page saves the same facts without this script.
/** @type {HTMLFormElement} */
const form = document.querySelector("[data-lot-url]");

// When it was given is folded away, since it is today nearly always: one press opens it, ready to be typed.
document.querySelector("[data-another-day]")?.addEventListener("click", (event) => {
  /** @type {HTMLInputElement} */
  const when = form.querySelector("[name=when]");
  event.preventDefault();
  when.closest("details").open = true;
  when.focus();
  when.select();
  when.scrollIntoView({ block: "center" });
});

/** What was filled in stays marked until it is changed, or confirmed by a press on the mark. @param {Element} part */
function confirmed(part) {
  part.querySelector("[data-mark]")?.remove();
  part.classList.remove("is-filled-in");
  const summary = part.closest("details.carry")?.querySelector("summary [data-mark]");
  if (summary && !part.closest("details.carry").querySelector("[data-carries] [data-mark]")) summary.remove();
}

/** The name of a field, without what is marked beside it. @param {HTMLElement} label */
function nameOf(label) {
  const copy = /** @type {HTMLElement} */ (label.cloneNode(true));
  for (const mark of copy.querySelectorAll("[data-mark]")) mark.remove();
  return copy.textContent.replace(/\s+/g, " ").trim();
}

for (const part of form.querySelectorAll("[data-carries]")) {
  const mark = part.querySelector("[data-mark]");
  if (!mark) continue;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "carried carried-press";
  button.dataset.mark = "";
  button.textContent = mark.textContent;
  button.title = "Press to confirm";
  const label = part.querySelector("label");
  if (label) button.setAttribute("aria-label", `${button.textContent}: ${nameOf(label)}, press to confirm`);
  mark.replaceWith(button);
  button.addEventListener("click", () => {
    confirmed(part);
    /** @type {HTMLElement | null} */
    const field = part.querySelector("input, select");
    field?.focus();
  });
  part.addEventListener("input", () => confirmed(part));
  part.addEventListener("change", () => confirmed(part));
}

// "Asked, none" and a reaction exclude each other.
/** @type {NodeListOf<HTMLInputElement>} */
const reactions = form.querySelectorAll('[name="reaction"]');
for (const box of reactions) {
  box.addEventListener("change", () => {
    if (!box.checked) return;
    for (const other of reactions) {
      if (other !== box && (box.value === "none" || other.value === "none")) other.checked = false;
    }
  });
}

// A scanner types the code and presses Enter. Enter in a field must never save half a session.
/** @type {HTMLInputElement} */
const number = form.querySelector('[name="lot_number"]');
const lotState = form.querySelector("[data-lot-told]");
const list = form.querySelector("[data-lots]");

/** @type {HTMLInputElement} */
const how = form.querySelector('[name="lot_how"]');

/** @typedef {{id: string, number: string, product: string, expires: string, left: string, doubt: string, how: string}} Lot */

/**
 * The choice of a lot on the page, put there if it is not.
 * @param {Lot} lot
 * @returns {HTMLInputElement}
 */
function offer(lot) {
  /** @type {HTMLInputElement} */
  let radio = list.querySelector(`input[value="${CSS.escape(lot.id)}"]`);
  if (!radio) {
    const label = document.createElement("label");
    label.className = "opt lot";
    radio = Object.assign(document.createElement("input"), { type: "radio", name: "lot", value: lot.id });
    const mark = Object.assign(document.createElement("span"), { className: "opt-mark" });
    const why = Object.assign(document.createElement("span"), { className: "lot-why", textContent: lot.product });
    if (lot.doubt) {
      const doubt = document.createElement("span");
      doubt.className = "verdict verdict-warn";
      doubt.textContent = lot.doubt;
      why.prepend(doubt, " ");
    }
    const facts = [lot.expires, lot.left].map((text) =>
      Object.assign(document.createElement("span"), { textContent: text }),
    );
    label.append(radio, mark, Object.assign(document.createElement("b"), { textContent: lot.number }), ...facts, why);
    list.prepend(label);
  }
  radio.closest("details")?.setAttribute("open", "");
  return radio;
}

/** @param {Lot} lot */
function choose(lot) {
  const radio = offer(lot);
  radio.checked = true;
  how.value = `${lot.how}:${lot.id}`;
  radio.dispatchEvent(new Event("change", { bubbles: true }));
}

async function find() {
  const text = number.value.trim();
  if (!text) return;
  lotState.textContent = "Looking …";
  try {
    const query = new URLSearchParams({ text: number.value, when: String(new FormData(form).get("when") ?? "") });
    const answer = await fetch(`${form.dataset.lotUrl}?${query}`, {
      headers: { Accept: "application/json" },
    });
    const lot = await answer.json();
    if (lot.error) {
      lotState.textContent = lot.error;
      for (const each of lot.lots.reverse()) offer(each);
      return;
    }
    choose(lot);
    number.value = "";
    lotState.textContent = `Lot ${lot.number} is chosen: ${lot.product}, ${lot.expires}${lot.doubt ? `; ${lot.doubt}` : ""}.`;
  } catch {
    lotState.textContent = "The lot could not be looked up. It is looked up when you save; nothing typed is lost.";
  }
}

// What Save would ask of what is chosen is told at once, by the same rules: they are the server's.
const TOLD = [
  "lot",
  "product",
  "route",
  "depth_mm",
  "needle_length_mm",
  "mixed_hours",
  "skin_prep",
  "anaesthesia",
  "anaesthesia_detail",
];
/** Whether a field is of something given beside the first product: "also2-what". @param {string} name */
const isFurther = (name) => /^also\d+-/.test(name);

/** The list in which a warning about a field is told. @param {string} field */
function listOf(field) {
  if (isFurther(field)) return field.slice(0, field.indexOf("-"));
  return ["lot", "product"].includes(field) ? "lot product" : "settings";
}

/** @type {AbortController | null} */
let asking = null;

/** @param {{field: string, sentence: string}[]} warnings */
function tell(warnings) {
  for (const list of /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll("[data-told]"))) {
    const here = warnings.filter(({ field }) => listOf(field) === list.dataset.told);
    list.replaceChildren(
      ...here.map(({ sentence }) => Object.assign(document.createElement("li"), { textContent: sentence })),
    );
  }
}

async function check() {
  asking?.abort();
  asking = new AbortController();
  const values = new FormData(form);
  const query = new URLSearchParams();
  for (const name of ["course", "walk_in", "when", ...TOLD]) query.set(name, String(values.get(name) ?? ""));
  // The volumes of all, because what one visit gave is judged together.
  for (const [name, value] of values) {
    if (isFurther(name) || name.startsWith("volume-")) query.append(name, String(value));
  }
  try {
    const answer = await fetch(`${form.dataset.checkUrl}?${query}`, {
      headers: { Accept: "application/json", "X-Requested-With": "fetch" },
      signal: asking.signal,
    });
    if (!answer.ok) return;
    const { warnings, compared } = await answer.json();
    tell(warnings);
    const line = document.querySelector("[data-compared]");
    if (line) line.textContent = compared;
  } catch {
    // The network is away: Save asks the same.
  }
}

if (form.dataset.checkUrl) {
  form.addEventListener("change", (event) => {
    const { name } = /** @type {HTMLInputElement} */ (event.target);
    if (TOLD.includes(name) || isFurther(name)) check();
  });
}

form.querySelector('[name="find"]')?.addEventListener("click", (event) => {
  event.preventDefault();
  find();
});
form.addEventListener("keydown", (event) => {
  const field = /** @type {HTMLElement} */ (event.target);
  if (event.key !== "Enter" || field.tagName !== "INPUT") return;
  event.preventDefault();
  if (field === number) find();
});

// A folded part of what was given beside the first product says "+ One more" only while nothing is in it, and opens where
// a draft or the browser has put something there.
for (const part of /** @type {NodeListOf<HTMLDetailsElement>} */ (form.querySelectorAll("details[data-further]"))) {
  const title = part.querySelector("summary > span");
  const name = part.querySelector("legend").textContent;
  const whenEmpty = part.open ? name : title.textContent;
  const holdsSomething = () =>
    [.../** @type {NodeListOf<HTMLInputElement>} */ (part.querySelectorAll("input, select, textarea"))].some(
      (control) => (control.type === "checkbox" || control.type === "radio" ? control.checked : control.value.trim()),
    );
  const tell = () => {
    part.toggleAttribute("data-holds", holdsSomething());
    if (title.querySelector("[data-mark], .carried")) return;
    const text = holdsSomething() ? name : whenEmpty;
    if (title.textContent !== text) title.textContent = text;
  };
  part.addEventListener("input", tell);
  part.addEventListener("change", tell);
  addEventListener("pageshow", () => {
    if (holdsSomething()) part.open = true;
    tell();
  });
}
