// A button that copies the text beside it, where the browser lets a page do that: over https, or on the machine itself.
/** @type {HTMLButtonElement | null} */
const button = document.querySelector("[data-copy]");
/** @type {HTMLElement | null} */
const text = document.querySelector("[data-copied]");
const said = document.querySelector("[data-copy-said]");

if (button && text && navigator.clipboard) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text.textContent);
      button.textContent = "Copied";
      said.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(text);
      said.textContent = "Not copied. It is marked: press Ctrl and C, or touch it and choose Copy.";
      said.classList.remove("vh"); // nobody would see that nothing was copied
    }
  });
}
