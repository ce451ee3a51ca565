// The files of what was dropped, folders within folders too, each with the folders that it lay in.

/** @typedef {{file: File, folder: string}} Found */

/**
 * Hidden files (".DS_Store") and those that a system leaves in folders are no photos, and are passed over.
 * @param {DataTransfer} dropped
 * @returns {Promise<Found[]>}
 */
export async function filesOf(dropped) {
  // Read at once: after the event the list is empty.
  const entries = [...dropped.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...dropped.files].map((file) => ({ file, folder: "" }));
  const found = await Promise.all(entries.map((entry) => within(entry, "")));
  return found.flat();
}

/**
 * @param {FileSystemEntry} entry
 * @param {string} folder
 * @returns {Promise<Found[]>}
 */
async function within(entry, folder) {
  if (isLitter(entry.name)) return [];
  if (entry.isFile) {
    const file = await /** @type {Promise<File>} */ (
      new Promise((resolve) => /** @type {FileSystemFileEntry} */ (entry).file(resolve, () => resolve(null)))
    );
    return file ? [{ file, folder }] : [];
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  const path = folder ? `${folder}/${entry.name}` : entry.name;
  /** @type {Found[]} */
  const found = [];
  // A browser gives a hundred at a time, and none at the end.
  for (let some = await read(reader); some.length; some = await read(reader)) {
    for (const each of some) found.push(...(await within(each, path)));
  }
  return found;
}

/** @param {FileSystemDirectoryReader} reader @returns {Promise<FileSystemEntry[]>} */
function read(reader) {
  return new Promise((resolve) => reader.readEntries(resolve, () => resolve([])));
}

/** @param {string} name */
export function isLitter(name) {
  return name.startsWith(".") || name === "Thumbs.db" || name === "desktop.ini";
}
