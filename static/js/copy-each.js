// Buttons that copy the text of their own section, where the browser lets a page do that.

/**
 * @param {HTMLElement} part
 */
function offer(part) {
  /** @type {HTMLButtonElement | null} */
  const button = part.querySelector("[data-copy]");
  /** @type {HTMLElement | null} */
  const text = part.querySelector("[data-copied]");
  const said = part.querySelector("[data-copy-said]");
  if (!button || !text || !said || !navigator.clipboard) {
    return;
  }
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text.textContent ?? "");
      said.textContent = "Copied";
      button.textContent = "Copied";
    } catch {
      getSelection()?.selectAllChildren(text);
      said.textContent = "Not copied. It is marked: press Ctrl and C";
    }
  });
}

for (const part of document.querySelectorAll(".message")) {
  offer(/** @type {HTMLElement} */ (part));
}
