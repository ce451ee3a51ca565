// The head of every printed sheet says when it was printed: the page may have been open for hours by then.
/** @type {HTMLTimeElement | null} */
const printed = document.querySelector("[data-printed]");
if (printed) {
  const opened = Date.now();
  const atServer = new Date(printed.dateTime).getTime(); // its clock is right where the tablet's is not
  window.addEventListener("beforeprint", () => {
    const now = new Date(atServer + Date.now() - opened);
    printed.dateTime = now.toISOString();
    printed.textContent = spelled(now, printed.dataset.zone || undefined);
  });
}

/**
 * A moment as every page spells it: "29 Nov 2026, 10:15".
 * @param {Date} moment
 * @param {string | undefined} timeZone the clinic's, by its IANA name
 */
export function spelled(moment, timeZone) {
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
  const parts = new Intl.DateTimeFormat("en-US", wanted).formatToParts(moment);
  /** @param {Intl.DateTimeFormatPartTypes} type */
  const part = (type) => parts.find((one) => one.type === type)?.value;
  return `${part("day")} ${part("month")} ${part("year")}, ${part("hour")}:${part("minute")}`;
}
