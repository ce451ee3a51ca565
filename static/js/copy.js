// A button that copies the text beside it, where the browser lets a page do that: over https, or on the machine itself.
/** @type {HTMLButtonElement | null} */
const button = document.querySelector("[data-copy]");
/** @type {HTMLInputElement | null} */
const text = document.querySelector("[data-copied]");
const said = document.querySelector("[data-copy-said]");

text?.addEventListener("focus", () => text.select());
if (button && text && navigator.clipboard) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text.value);
      button.textContent = "Copied";
      said.textContent = "Copied";
    } catch {
      text.focus();
      said.textContent = "Not copied: press Ctrl and C";
    }
  });
}
