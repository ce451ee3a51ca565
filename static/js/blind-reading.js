// Blind reading by keyboard: 1 to 7 choose one of the seven answers, 8 "Cannot judge"; Enter saves.

const form = /** @type {HTMLFormElement | null} */ (document.querySelector("form[data-reading]"));
/** @type {NodeListOf<HTMLImageElement>} */
const halves = document.querySelectorAll(".read-frame img");
/** @type {HTMLElement | null} */
const missing = document.querySelector("[data-picture-missing]");

// An answer is final, and a pair that nobody has seen has none: until both halves are there, only "Cannot judge" is
// sent. Before record-form.js, which sends the form.
form?.addEventListener(
  "submit",
  (event) => {
    if (areSeen() || form.querySelector(".read-cannot input:checked")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    tell();
    missing?.scrollIntoView({ block: "nearest" });
  },
  { capture: true },
);
for (const half of halves) {
  half.addEventListener("load", tell);
  half.addEventListener("error", tell);
}
missing?.querySelector("button")?.addEventListener("click", loadAgain);
addEventListener("online", () => {
  if ([...halves].some(isBroken)) loadAgain();
});
// One that failed before this script ran has told nobody.
if ([...halves].some(isBroken)) tell();

function areSeen() {
  return [...halves].every((half) => half.complete && half.naturalWidth > 0);
}

/** @param {HTMLImageElement} half */
function isBroken(half) {
  return half.complete && half.naturalWidth === 0;
}

function tell() {
  if (missing) missing.hidden = areSeen();
}

function loadAgain() {
  for (const half of halves) half.src = half.getAttribute("src") ?? "";
}

// Before scan.js, which takes Enter to the next control: the ring would stand on an answer that was not given.
document.addEventListener("keydown", byKey, { capture: true });

/** @param {KeyboardEvent} event */
function byKey(event) {
  if (!form || event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event.target)) return;
  // A cover or a question lies over the page: what is typed there, such as a PIN, is no answer.
  if (document.querySelector("dialog[open]")) return;
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
}

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
