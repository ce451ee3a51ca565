// Parts of a photograph, as left, top, width and height in per cent of it.

/** @typedef {[number, number, number, number]} Part */

/**
 * The part between two corners, whichever was set first.
 * @param {[number, number]} one
 * @param {[number, number]} other
 * @returns {Part}
 */
export function between([x, y], [u, v]) {
  return [Math.min(x, u), Math.min(y, v), Math.abs(x - u), Math.abs(y - v)];
}

/**
 * A part as it is typed: four numbers with whatever between them; null when it is no part.
 * @param {string} text
 * @returns {Part | null}
 */
export function numbers(text) {
  const values = text.replace(/[,;%]/g, " ").trim().split(/\s+/).map(Number);
  const isPart = values.length === 4 && values.every(Number.isFinite) && values[2] > 0 && values[3] > 0;
  return isPart ? /** @type {Part} */ (values) : null;
}
