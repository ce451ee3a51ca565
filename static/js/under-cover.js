// Whatever a page sends while it is covered waits here until the same person has uncovered it.

/** The status of an answer that says so. */
export const COVERED = 423;

/** @type {{show: () => Promise<void>, isUp: () => boolean} | null} */
let cover = null;

/** The page has a cover. `show` lays it over the page and resolves once it is lifted. @param {typeof cover} made */
export function useCover(made) {
  cover = made;
}

/** Whether an answer was refused because the page is covered, and is worth sending again afterwards. @param {number} status */
export function isCoveredAnswer(status) {
  return status === COVERED && cover !== null;
}

/** Cover the page, as the server says it is, and wait until it is lifted. */
export async function afterUncovering() {
  await cover?.show();
}

/** Wait where the page is covered; resolves at once where it is not. */
export async function whileCovered() {
  if (cover?.isUp()) await cover.show();
}
