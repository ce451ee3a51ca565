// Where the work goes on: after something is answered, sent or left out the focus goes to the next thing to do, and
// never to the top of the page.

const QUESTIONS = ".outcome form :is(input, select):not([disabled]), .outcome [data-question], .day-asked input";
const FREE_PLACES = ".slot:not(.full) [data-slot-file]:not([disabled])";
const OPEN_ROWS = ".queue-row[data-state=chosen] .queue-view > select";

/** @param {Element} element */
function isShown(element) {
  return element.getClientRects().length > 0;
}

/**
 * The next of some controls behind a place of the page, else the first of them.
 * @param {HTMLElement} section
 * @param {string} selector
 * @param {Node | null} from
 * @returns {HTMLElement | undefined}
 */
function next(section, selector, from) {
  /** @type {HTMLElement[]} */
  const all = Array.from(section.querySelectorAll(selector));
  const shown = all.filter(isShown);
  const isBehind = (/** @type {HTMLElement} */ each) =>
    Boolean(from?.isConnected && from.compareDocumentPosition(each) & Node.DOCUMENT_POSITION_FOLLOWING);
  return shown.find(isBehind) ?? shown[0];
}

/**
 * Focus the next question, else the next free place, else the photo that has no view yet, else what sends or chooses.
 * @param {HTMLElement} section
 * @param {Node | null} [from] where the work was
 */
export function goOn(section, from = null) {
  const stops = [QUESTIONS, FREE_PLACES, OPEN_ROWS, "[data-send]:not([disabled])", "[data-choose]"];
  for (const selector of stops) {
    const found = next(section, selector, from);
    if (found) return found.focus();
  }
  return undefined;
}

/** The next free place for a photo; false where there is none. @param {HTMLElement} section @param {Node} from */
export function goToFreePlace(section, from) {
  const found = next(section, FREE_PLACES, from);
  found?.focus();
  return Boolean(found);
}

/**
 * Change a part of the page; where that takes the focused control away, the focus goes on.
 * @param {HTMLElement} section
 * @param {HTMLElement} part
 * @param {() => void} change
 */
export function keepingFocus(section, part, change) {
  const had = part.contains(document.activeElement);
  change();
  const lost = !document.activeElement || document.activeElement === document.body;
  if (had && lost) goOn(section, part);
}
