// Volumes in mL, counted in hundredths as whole numbers: no binary fractions in a dose.
// Numbers are read as the server reads them (treatments/records/text/numbers.py): digits of any script, a full stop or a
// single comma as the decimal sign. What may be read in two ways, 1,000, is not guessed.

/** @type {Record<string, string>} */
const SIGNS = { "．": ".", "，": ",", "٫": ".", "＋": "+" };

/** A decimal digit of any script as the ASCII one: a script's digits follow each other from 0 to 9. */
function asciiDigit(/** @type {string} */ digit) {
  const usual = digit.normalize("NFKC");
  if (/\d/.test(usual)) return usual;
  let zero = digit.codePointAt(0);
  while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return String(digit.codePointAt(0) - zero);
}

/** @param {string} text */
function plain(text) {
  return text
    .replace(/\p{Cf}|[\u{fe00}-\u{fe0f}]/gu, "")
    .replace(/\P{ASCII}/gu, (letter) => (/\p{Nd}/u.test(letter) ? asciiDigit(letter) : (SIGNS[letter] ?? letter)))
    .trim();
}

/**
 * What is typed as hundredths of a mL, 0 for nothing; null for what is not a plain figure.
 * @param {string} text
 * @returns {number | null}
 */
export function hundredths(text) {
  const typed = plain(text);
  if (typed === "") return 0;
  const parts = /^\+?0*(\d{0,6})(?:[.,](\d{0,2})0*)?$/.exec(typed);
  if (!parts || !/\d/.test(typed) || /^\+?[1-9]\d{0,2},\d{3}$/.test(typed)) return null;
  return Number(parts[1] || 0) * 100 + Number((parts[2] || "").padEnd(2, "0"));
}

/** Hundredths as a figure, without idle zeros. @param {number} count */
export function shown(count) {
  return String(count / 100);
}

/** The total as a figure, "?" as soon as one of them is not known. @param {(number | null)[]} counts */
export function totalShown(counts) {
  return counts.includes(null) ? "?" : shown(counts.reduce((sum, count) => sum + count, 0));
}
