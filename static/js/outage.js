// On the page of an outage: ask every few seconds whether it is over, then send the held form again, or show the page.

const EVERY = 5000; // ms
const AT_MOST = 320_000; // ms
const ANSWER_WITHIN = 4000; // ms
const ANSWERED_WITHIN = 120_000; // ms from sending until the page of the refusal is there
const LAST_TRY = "outage-last-try";
const NO_OUTAGE = "originals_wrong"; // single photos are: their folder works

/** @type {HTMLElement | null} */
const page = document.querySelector("[data-outage]");
/** @type {HTMLElement | null} */
const line = document.querySelector("[data-outage-state]");
if (page && line) watch(page, line);

/** @param {HTMLElement} page @param {HTMLElement} line */
function watch(page, line) {
  /** @type {HTMLFormElement | null} */
  const form = page.querySelector("[data-held]");
  const refused = refusals();
  const wait = Math.min(EVERY * 2 ** refused, AT_MOST);
  const again = refused
    ? `It was refused again. The next try is in ${wait / 1000} seconds.`
    : "It is sent again by itself when the server answers.";
  line.textContent = form ? `${again} Leave this page open.` : "This page tries again by itself.";
  setTimeout(ask, wait);

  async function ask() {
    if (!(await isOver(page.dataset.health, page.dataset.outage))) {
      setTimeout(ask, EVERY);
      return;
    }
    line.textContent = form ? "The server answers. Your form is being sent." : "The server answers.";
    remember(refused + 1);
    if (form) form.requestSubmit();
    else location.reload();
  }
}

/**
 * How often in a row this address was tried by itself and refused: /health/ cannot see every fault, such as a full
 * disk of one table alone, and a form that is sent every five seconds helps no server.
 */
function refusals() {
  try {
    const last = JSON.parse(sessionStorage.getItem(LAST_TRY) ?? "{}");
    return last.address === location.href && Date.now() - last.at < ANSWERED_WITHIN ? last.count : 0;
  } catch {
    return 0; // a browser that stores nothing
  }
}

/** @param {number} count */
function remember(count) {
  try {
    sessionStorage.setItem(LAST_TRY, JSON.stringify({ address: location.href, at: Date.now(), count }));
  } catch {
    // A browser that stores nothing tries every few seconds.
  }
}

/**
 * Whether the parts of the machine that failed work again, says the server.
 * @param {string | undefined} address
 * @param {string | undefined} parts their names, by spaces
 */
async function isOver(address = "", parts = "") {
  try {
    const answer = await fetch(address, { signal: AbortSignal.timeout(ANSWER_WITHIN), cache: "no-store" });
    const facts = await answer.json();
    return parts.split(" ").every((part) => facts[part]?.ok === true || facts[part]?.fault === NO_OUTAGE);
  } catch {
    return false; // not even that is answered
  }
}
