// The photo's id is made here, before it is sent, so that sending it twice keeps it once.

/** A UUID version 7: it sorts by time, like those the server makes. Works without a secure context, too. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  let time = Date.now();
  for (let place = 5; place >= 0; place -= 1) {
    bytes[place] = time % 256;
    time = Math.floor(time / 256);
  }
  bytes[6] = 0x70 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}

/**
 * Whether the browser can compute the fingerprint of a file. Browsers leave it out on a page that came over plain http.
 */
export const canFingerprint = () => Boolean(globalThis.crypto?.subtle);

/**
 * SHA-256 in hex of a file's bytes; "" where the browser has no crypto.subtle (a page that is not https).
 * @param {Blob} file
 */
export async function sha256(file) {
  if (!canFingerprint()) return "";
  const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
