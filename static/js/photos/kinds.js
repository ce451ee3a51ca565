// What a chosen file is, by its first bytes and by the ending of its name, so that what cannot be taken in is named
// before it is sent. The server looks again at all of it.

const HEAD = 40; // bytes

/** @type {(bytes: Uint8Array, from: number, to: number) => string} */
const text = (bytes, from, to) => String.fromCharCode(...bytes.subarray(from, to));

const HEIC = new Set(["heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1"]);
const RAW_HEADS = ["FUJIFILMCCD-RAW", "IIRO", "IIRS", "MMOR", "IIU\0", "FOVb", "\0MRM"];

/**
 * The server's sentences about raw files, by the ending of their names, and about one that has another ending.
 * @typedef {{files: Record<string, string>, sentence: string}} RawFiles
 */

/**
 * Why a file need not be sent at all; "" where it may be.
 * @param {File} file
 * @param {RawFiles} raw
 * @returns {Promise<string>}
 */
export async function whyNot(file, raw) {
  const ending = file.name.includes(".") ? file.name.split(".").pop().toLowerCase() : "";
  const head = new Uint8Array(await file.slice(0, HEAD).arrayBuffer());
  if (isPhoto(head)) return "";
  const isTiff = ["II*\0", "MM\0*", "II+\0", "MM\0+"].includes(text(head, 0, 4));
  if (Object.hasOwn(raw.files, ending) || isRaw(head)) {
    return raw.files[ending] ?? raw.sentence;
  }
  return isTiff ? "" : strange(ending, head);
}

/** @param {Uint8Array} head */
function isPhoto(head) {
  if (head[0] === 0xff && head[1] === 0xd8 && head[2] === 0xff) return true;
  if (text(head, 0, 8) === "\x89PNG\r\n\x1a\n") return true;
  if (text(head, 0, 4) === "RIFF" && text(head, 8, 12) === "WEBP") return true;
  return text(head, 4, 8) === "ftyp" && HEIC.has(text(head, 8, 12));
}

/** @param {Uint8Array} head */
function isRaw(head) {
  if (text(head, 4, 8) === "ftyp" && text(head, 8, 11) === "crx") return true;
  if (text(head, 0, 2) === "II" && text(head, 8, 10) === "CR") return true; // CR2
  return RAW_HEADS.some((start) => text(head, 0, start.length) === start);
}

/** @param {string} ending @param {Uint8Array} head */
function strange(ending, head) {
  if (text(head, 0, 4) === "GIF8") {
    return "Moving pictures and GIF files are not accepted; send a still photo as JPEG.";
  }
  const named = /^[a-z0-9]{1,5}$/.test(ending) ? `This ${ending.toUpperCase()} file` : "This file";
  return `${named} is not a JPEG, PNG, WebP, HEIC or TIFF photo; export it as JPEG and send that.`;
}
