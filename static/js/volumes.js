// Volumes in mL, counted in hundredths as whole numbers: no binary fractions in a dose.

/**
 * What is typed as hundredths of a mL, 0 for nothing; null for what is not a plain figure.
 * @param {string} text
 * @returns {number | null}
 */
export function hundredths(text) {
  const parts = /^(\d{0,6})(?:\.(\d{0,2}))?$/.exec(text.trim());
  if (!parts || (text.trim() !== "" && !/\d/.test(text))) return null;
  return Number(parts[1] || 0) * 100 + Number((parts[2] || "").padEnd(2, "0"));
}

/** Hundredths as a figure with one decimal, two where the second is not 0. @param {number} count */
export function shown(count) {
  const text = (count / 100).toFixed(2);
  return text.endsWith("0") ? text.slice(0, -1) : text;
}

/** The total as a figure, "?" as soon as one of them is not known. @param {(number | null)[]} counts */
export function totalShown(counts) {
  return counts.includes(null) ? "?" : shown(counts.reduce((sum, count) => sum + count, 0));
}
