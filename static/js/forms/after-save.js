// After a save the next page begins with what came of it: the focus goes to its message, or to its heading.

const STORED = "anagen-saved";

/** The page that is opened next follows a save. */
export function rememberSaved() {
  sessionStorage.setItem(STORED, "yes");
}

/** Whether this page follows a save; asked once. */
export function followsSave() {
  const follows = sessionStorage.getItem(STORED) !== null;
  sessionStorage.removeItem(STORED);
  return follows;
}
