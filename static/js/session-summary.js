// What a session's page says about itself follows what is typed: over the form its number, day and month, and in a
// folded part what stands in its fields. The server reads the date, as it will when the session is saved.
/** @type {HTMLFormElement} */
const form = document.querySelector("[data-lot-url]");
/** @type {(name: string) => HTMLInputElement} */
const field = (name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
/** The label of what is chosen in a list, "" for nothing. @type {(name: string) => string} */
const chosen = (name) => {
  const list = /** @type {HTMLSelectElement | null} */ (form.elements.namedItem(name));
  return list?.value ? list.selectedOptions[0].textContent.trim() : "";
};

// ── The heading ──────────────────────────────────────────────────────────────────────────────

const when = field("when");
/** @type {AbortController | null} */
let request = null;

/** @param {Record<string, string>} heading */
function showHeading(heading) {
  for (const [name, text] of Object.entries(heading)) {
    for (const part of document.querySelectorAll(`[data-heading="${name}"]`)) part.textContent = text;
  }
}

async function follow() {
  request?.abort();
  request = new AbortController();
  const query = new URLSearchParams({ when: when.value, phase: field("phase").value });
  // A walk-in has no course yet, but the protocol that it is logged within.
  for (const name of ["course", "walk_in"]) query.set(name, field(name)?.value ?? "");
  showHeading({ day: when.value.trim() || "No day yet", month: "" });
  try {
    const answer = await fetch(`${form.dataset.headingUrl}?${query}`, {
      headers: { Accept: "application/json", "X-Requested-With": "fetch" },
      signal: request.signal,
    });
    if (answer.ok) showHeading(await answer.json());
  } catch {
    // The network is away: the day stands there as it was typed, and is read when the session is saved.
  }
}

if (form.dataset.headingUrl) {
  for (const name of ["when", "phase"]) field(name).addEventListener("change", follow);
  // A browser that comes back to the page may have put in what was typed before.
  if (when.value !== when.defaultValue) follow();
}

// ── Folded parts ─────────────────────────────────────────────────────────────────────────────

function settings() {
  const length = field("needle_length_mm").value.trim();
  const anaesthesia = chosen("anaesthesia").toLowerCase();
  // No line breaks between a figure and its unit.
  const parts = [
    chosen("route"),
    chosen("needle_gauge").replace(" ", "\u00a0"),
    length && `${length.replace(/\.0$/, "")}\u00a0mm`,
    anaesthesia && `anaesthesia: ${anaesthesia}`,
  ];
  return parts.filter(Boolean).join("; ") || "Route, needle and anaesthesia: not recorded";
}

function rest() {
  /** @type {HTMLInputElement} */
  const named = form.querySelector('[name="operator_name"]');
  const by = named?.value.trim() || chosen("operator") || "somebody not recorded";
  return `${when.value.trim() || "No day yet"}, given by ${by}`;
}

function summarise() {
  for (const [name, summary] of Object.entries({ settings, rest })) {
    const line = form.querySelector(`[data-in-words="${name}"]`);
    if (line) line.textContent = summary();
  }
}

form.addEventListener("change", summarise);
form.addEventListener("input", summarise);
