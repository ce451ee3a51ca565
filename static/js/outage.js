// On the page of an outage: ask every few seconds whether it is over, then send the held form again, or show the page.

const EVERY = 5000; // ms
const ANSWER_WITHIN = 4000; // ms

/** @type {HTMLElement | null} */
const page = document.querySelector("[data-outage]");
/** @type {HTMLElement | null} */
const line = document.querySelector("[data-outage-state]");
if (page && line) watch(page, line);

/** @param {HTMLElement} page @param {HTMLElement} line */
function watch(page, line) {
  /** @type {HTMLFormElement | null} */
  const form = page.querySelector("[data-held]");
  line.textContent = form
    ? "It is sent again by itself when the server answers. Leave this page open."
    : "This page tries again by itself.";
  const timer = setInterval(async () => {
    if (!(await isOver(page.dataset.health, page.dataset.outage))) return;
    clearInterval(timer);
    line.textContent = form ? "The server answers. Your form is being sent." : "The server answers.";
    if (form) form.requestSubmit();
    else location.reload();
  }, EVERY);
}

/**
 * Whether the part of the machine that failed works again, says the server.
 * @param {string} address
 * @param {string} part
 */
async function isOver(address, part) {
  try {
    const answer = await fetch(address, { signal: AbortSignal.timeout(ANSWER_WITHIN), cache: "no-store" });
    return (await answer.json())[part]?.ok === true;
  } catch {
    return false; // not even that is answered
  }
}
