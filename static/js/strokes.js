// The strokes of a signature, as points in thousandths of the field's width.

/** @typedef {[number, number]} Spot */
/** @typedef {Spot[]} Stroke */

export const UNITS = 1000;
const NEAR = 4; // points closer than this add nothing to the line
const MOST_POINTS = 8000;

/**
 * Add a point to the stroke that is being drawn, unless it is too near to the last one or the signature is full.
 * @param {Stroke[]} strokes all, the current one among them
 * @param {Stroke} current
 * @param {Spot} spot
 */
export function addPoint(strokes, current, [x, y]) {
  const [lastX, lastY] = current.at(-1) ?? [-UNITS, -UNITS];
  const count = strokes.reduce((sum, stroke) => sum + stroke.length, 0);
  if (Math.hypot(x - lastX, y - lastY) >= NEAR && count < MOST_POINTS) current.push([x, y]);
}

/**
 * The strokes that a form's field holds; none when it is empty or no such text.
 * @param {string} text
 * @returns {Stroke[]}
 */
export function readStrokes(text) {
  try {
    const strokes = JSON.parse(text || "[]");
    return Array.isArray(strokes) ? strokes.filter((stroke) => Array.isArray(stroke) && stroke.length) : [];
  } catch {
    return [];
  }
}
