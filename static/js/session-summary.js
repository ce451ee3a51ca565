// What a session's page says about itself follows what is typed: over the form its number, day and month, and in a
// folded part what stands in its fields. The server reads the date, as it will when the session is saved.
const form = document.querySelector("[data-lot-url]");
const field = (name) => form.elements.namedItem(name);
const chosen = (name) => (field(name)?.value ? field(name).selectedOptions[0].textContent.trim() : "");

// ── The heading ──────────────────────────────────────────────────────────────────────────────

const when = field("when");
let asked = null;

function say(heading) {
  for (const [name, words] of Object.entries(heading)) {
    for (const part of document.querySelectorAll(`[data-heading="${name}"]`)) part.textContent = words;
  }
}

async function follow() {
  asked?.abort();
  asked = new AbortController();
  const told = new URLSearchParams({ course: field("course").value, when: when.value, phase: field("phase").value });
  say({ day: when.value.trim() || "No day yet", month: "" });
  try {
    const answer = await fetch(`${form.dataset.headingUrl}?${told}`, {
      headers: { Accept: "application/json", "X-Requested-With": "fetch" },
      signal: asked.signal,
    });
    if (answer.ok) say(await answer.json());
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
  const parts = [
    chosen("route"),
    chosen("needle_gauge"),
    length && `${length.replace(/\.0$/, "")} mm`,
    anaesthesia && `anaesthesia: ${anaesthesia}`,
  ];
  return parts.filter(Boolean).join("; ") || "Route, needle and anaesthesia: not recorded";
}

function rest() {
  return `${when.value.trim() || "No day yet"}, given by ${chosen("operator") || "somebody not recorded"}`;
}

function summarise() {
  for (const [name, words] of Object.entries({ settings, rest })) {
    const line = form.querySelector(`[data-in-words="${name}"]`);
    if (line) line.textContent = words();
  }
}

form.addEventListener("change", summarise);
form.addEventListener("input", summarise);
