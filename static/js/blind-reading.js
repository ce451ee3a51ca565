// Blind reading by keyboard: 1 to 7 choose one of the seven answers, 8 "Cannot judge"; Enter saves.

const form = /** @type {HTMLFormElement | null} */ (document.querySelector("form[data-reading]"));

document.addEventListener("keydown", (event) => {
  if (!form || event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event.target)) return;
  if (event.key === "Enter" && form.querySelector("input[name=answer]:checked")) {
    event.preventDefault();
    form.requestSubmit();
    return;
  }
  const answers = form.querySelectorAll("input[name=answer]");
  const answer = /** @type {HTMLInputElement | undefined} */ (answers[Number(event.key) - 1]);
  if (!/^[1-8]$/.test(event.key) || !answer) return;
  event.preventDefault();
  answer.focus();
  answer.click();
});

// What "Cannot judge" asks next may stand below the screen of a phone, or under the bar.
form?.addEventListener("change", (event) => {
  if (event.target instanceof HTMLInputElement && event.target.closest(".read-cannot")) {
    requestAnimationFrame(() => form.querySelector(".read-why")?.scrollIntoView({ block: "nearest" }));
  }
});

/** Where a key is text, or a button's or a link's own. @param {EventTarget | null} target */
function isTyping(target) {
  return target instanceof HTMLElement && target.matches("textarea, select, button, a, input:not([type=radio])");
}
