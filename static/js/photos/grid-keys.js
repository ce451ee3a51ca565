// Which cell a key leads to. No page here.

export const CELLS = ["keep", "picture", "patient", "view", "when"];

/** @typedef {{row: number, cell: string}} Place */

/**
 * The cell that an arrow key leads to; null where the grid ends.
 * @param {Place} from
 * @param {string} key
 * @param {number} rows how many there are
 * @returns {Place | null}
 */
export function next({ row, cell }, key, rows) {
  const column = CELLS.indexOf(cell);
  /** @type {Record<string, [number, number]>} */
  const ways = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  if (!ways[key]) return null;
  const to = { row: row + ways[key][0], cell: CELLS[column + ways[key][1]] };
  return to.row >= 0 && to.row < rows && to.cell ? to : null;
}

/**
 * Whether an arrow key may leave a cell: in a text only at its end, or where all of it is marked.
 * @param {{type?: string, value?: string, selectionStart?: number | null, selectionEnd?: number | null}} cell
 * @param {string} key
 */
export function isCaretAt(cell, key) {
  if (cell.type !== "text" || key === "ArrowUp" || key === "ArrowDown") return true;
  const { value, selectionStart, selectionEnd } = cell;
  const isAllMarked = selectionStart === 0 && selectionEnd === value.length;
  if (isAllMarked) return true;
  return selectionStart === selectionEnd && selectionStart === (key === "ArrowLeft" ? 0 : value.length);
}

/**
 * The view of a letter, "" for a letter of none.
 * @param {string} key
 * @param {Map<string, string>} views by their letters
 */
export function viewOfKey(key, views) {
  return views.get(key.toUpperCase()) ?? "";
}
