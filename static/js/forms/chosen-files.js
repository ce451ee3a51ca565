// Files that were chosen and not saved go with their page, and an iPad lets a page go without a question. Only their
// names are remembered, for this tab, so that the person is told on return which ones to choose again.

/** @param {HTMLFormElement} form @returns {string[]} the names of the files that its controls hold */
function namesIn(form) {
  const elements = /** @type {HTMLInputElement[]} */ ([...form.elements]);
  const controls = elements.filter((control) => control.type === "file");
  return controls.flatMap((control) => [...control.files].map((file) => file.name.slice(0, 120)));
}

/** @param {HTMLFormElement} form @param {() => boolean} isSaved */
export function rememberChosenFiles(form, isSaved) {
  const key = `unsaved-files ${location.pathname}`;
  try {
    const names = JSON.parse(sessionStorage.getItem(key) ?? "[]");
    if (Array.isArray(names) && names.length) form.before(notice(names.map(String)));
    sessionStorage.removeItem(key);
  } catch {
    // A browser that keeps nothing only forgets the names.
  }
  addEventListener("pagehide", () => {
    const names = isSaved() ? [] : namesIn(form);
    try {
      if (names.length) sessionStorage.setItem(key, JSON.stringify(names));
    } catch {
      // The same.
    }
  });
}

/** @param {string[]} names */
function notice(names) {
  const made = document.createElement("div");
  made.className = "notice notice-warn offer";
  made.setAttribute("role", "status");
  const text = document.createElement("p");
  const bold = document.createElement("b");
  bold.textContent =
    names.length === 1
      ? "1 file was chosen here and not saved."
      : `${names.length} files were chosen here and not saved.`;
  text.append(bold, ` Choose again: ${names.join(", ")}`);
  made.append(text);
  return made;
}
