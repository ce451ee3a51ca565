// The head of every printed sheet says when it was printed: the page may have been open for hours by then.
/** @type {HTMLTimeElement | null} */
const printed = document.querySelector("[data-printed]");
if (printed) {
  const opened = Date.now();
  // The server's clock is right where the tablet's is not.
  const atServer = moment(printed.dateTime, Number(printed.dataset.offset)).getTime();
  window.addEventListener("beforeprint", () => {
    const now = new Date(atServer + Date.now() - opened);
    printed.dateTime = now.toISOString();
    printed.textContent = spelled(now, printed.dataset.zone || undefined);
    note(printed);
  });
  addEventListener("online", () => note(printed, unnoted));
}

/** How many prints the server does not know of yet. */
let unnoted = 0;

/**
 * Tell the server that the page is printed. Nothing can keep a browser from it, and paper is what a clinic works on
 * while the network is away: what could not be told is told when the network is back, or with the next print.
 * @param {HTMLTimeElement} head
 * @param {number} [times]
 */
async function note(head, times = unnoted + 1) {
  const { noteUrl, ticket } = head.dataset;
  if (!noteUrl || !ticket) return;
  unnoted = 0;
  /** @type {HTMLInputElement | null} */
  const token = document.querySelector("[name=csrfmiddlewaretoken]");
  const headers = { "X-CSRFToken": token?.value ?? "", "X-Requested-With": "fetch" };
  const body = new URLSearchParams({ ticket });
  for (let time = 0; time < times; time++) {
    const asked = fetch(noteUrl, { method: "POST", keepalive: true, headers, body });
    const isHeard = await asked.then(
      (answer) => answer.ok || answer.status === 422, // not where it is covered, or somebody has to sign in first
      () => false,
    );
    if (!isHeard) unnoted += 1;
  }
}

/**
 * The moment of a local time.
 * @param {string} local year to minute, "2026-11-29T10:15"
 * @param {number} offset seconds by which the local time is ahead of UTC
 */
export function moment(local, offset) {
  return new Date(Date.parse(`${local}Z`) - 1000 * offset);
}

/**
 * A moment as every page spells it: "29 Nov 2026, 10:15".
 * @param {Date} at
 * @param {string | undefined} timeZone the clinic's, by its IANA name
 */
export function spelled(at, timeZone) {
  /** @type {Intl.DateTimeFormatOptions} */
  const wanted = {
    timeZone,
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  };
  const parts = new Intl.DateTimeFormat("en-US", wanted).formatToParts(at);
  /** @param {Intl.DateTimeFormatPartTypes} type */
  const part = (type) => parts.find((one) => one.type === type)?.value;
  return `${part("day")} ${part("month")} ${part("year")}, ${part("hour")}:${part("minute")}`;
}
