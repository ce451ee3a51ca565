// What all photos sent from a page share: the day for all, the light and the hair. It begins empty.

import { canFingerprint } from "./ids.js";

/** @param {HTMLFormElement} form */
export function attendForm(form) {
  form.addEventListener("submit", (event) => event.preventDefault());
  /** @type {HTMLElement} */
  const notice = form.querySelector("[data-no-fingerprint]");
  notice.hidden = canFingerprint();
  /** @type {NodeListOf<HTMLElement>} */
  const lively = form.querySelectorAll("[data-lively]");
  for (const part of lively) part.hidden = false;
  /** @type {HTMLButtonElement | null} */
  const like = form.querySelector("[data-like-last]");
  like?.addEventListener("click", () => {
    for (const [name, value] of Object.entries(JSON.parse(like.dataset.likeLast))) {
      /** @type {HTMLSelectElement} */
      const field = form.querySelector(`[name=${name}]`);
      field.value = String(value);
    }
    showCard(form);
  });
  form.addEventListener("change", () => showCard(form));
  showCard(form); // a browser that goes back fills in what was chosen
}

/** The folded part in one line, as it is now. @param {HTMLFormElement} form */
function showCard(form) {
  /** @type {HTMLSelectElement[]} */
  const chosen = Array.from(form.querySelectorAll(".send-card select"));
  const words = chosen
    .filter((select) => select.value && select.value !== "unknown")
    .map((select) =>
      select.name === "product_used" && select.value === "none" ? "nothing in the hair" : label(select),
    )
    .map((text, place) => (place ? text.toLowerCase() : text));
  form.querySelector("[data-card-words]").textContent = words.join(", ") || "not recorded";
}

/** @param {HTMLSelectElement} select */
function label(select) {
  const text = select.selectedOptions[0]?.textContent.trim() ?? "";
  return select.name === "is_dyed" ? (select.value === "true" ? "dyed" : "not dyed") : text;
}
