// Record a consent: which of the clinic's forms is signed, and its words on the screen above the signature.
// Without this script the server shows what was chosen when "Show the words" is pressed.

/** @type {HTMLFormElement | null} */
const form = document.querySelector("form.consent-form");
if (form?.querySelector("[data-which-text]")) attend(form);

/** @param {HTMLFormElement} form */
function attend(form) {
  const shown = /** @type {HTMLInputElement} */ (form.elements.namedItem("text_shown"));
  const strokes = /** @type {HTMLInputElement} */ (form.elements.namedItem("strokes"));

  /** @param {string} name */
  const chosen = (name) => {
    /** @type {HTMLInputElement | null} */
    const input = form.querySelector(`[name="${name}"]:checked`);
    return input?.value ?? "";
  };

  const show = () => {
    offerForms(form, chosen("kind"));
    const digest = showWords(form, chosen("text"));
    showUses(form, chosen("text"));
    if (shown.value === digest) return;
    // Nobody signs one text for another. A signature is of the words that stood above it.
    if (strokes.value) strokes.dispatchEvent(new Event("signature:void"));
    shown.value = digest;
  };

  form.addEventListener("change", (event) => {
    const { name } = /** @type {HTMLInputElement} */ (event.target);
    if (name === "kind") chooseForm(form, chosen("kind"));
    if (name === "kind" || name === "text") show();
  });
  form.addEventListener("record-form:filled", show);
  form.addEventListener("record-form:refreshed", show);
  show();
}

/** The choices that a kind has. @param {HTMLFormElement} form @param {string} kind */
function offerForms(form, kind) {
  /** @type {NodeListOf<HTMLElement>} */
  const options = form.querySelectorAll("[data-text-kind]");
  for (const option of options) option.hidden = !kind || ![kind, ""].includes(option.dataset.textKind);
  /** @type {HTMLElement} */
  const hint = form.querySelector("[data-no-kind]");
  hint.hidden = Boolean(kind);
  for (const folded of /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll("[data-which-text] details"))) {
    folded.hidden = !folded.querySelector("[data-text-kind]:not([hidden])");
  }
}

/**
 * The form that the patient would sign for this kind; where there is none, another one on paper.
 * @param {HTMLFormElement} form
 * @param {string} kind
 */
function chooseForm(form, kind) {
  const choices = [.../** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll("[data-text-kind]"))];
  const ours = choices.filter((option) => option.dataset.textKind === kind && "current" in option.dataset);
  const wanted = ours.length
    ? ours.find((option) => "preferred" in option.dataset)
    : choices.find((option) => option.dataset.textKind === "");
  /** @type {NodeListOf<HTMLInputElement>} */
  const inputs = form.querySelectorAll('[name="text"]');
  for (const input of inputs) input.checked = Boolean(wanted?.contains(input));
  // What is asked after the choice follows it.
  (wanted?.querySelector("input") ?? inputs[0]).dispatchEvent(new Event("change", { bubbles: true }));
}

/** Returns the digest of the words on the screen, "" for none. @param {HTMLFormElement} form @param {string} text */
function showWords(form, text) {
  let digest = "";
  /** @type {NodeListOf<HTMLElement>} */
  const all = form.querySelectorAll("[data-text]");
  for (const words of all) {
    words.hidden = words.dataset.text !== text;
    if (!words.hidden) digest = words.dataset.digest;
  }
  return digest;
}

/** Each use in the words of the form; what the form does not ask about is not asked. @param {HTMLFormElement} form @param {string} text */
function showUses(form, text) {
  const isByForm = Boolean(form.querySelector(`[data-text="${CSS.escape(text)}"]`));
  /** @type {NodeListOf<HTMLElement>} */
  const uses = form.querySelectorAll("[data-use]");
  for (const use of uses) {
    /** @type {HTMLElement} */
    const general = use.querySelector("[data-use-in-general]");
    general.hidden = isByForm;
    let isAsked = !isByForm;
    /** @type {NodeListOf<HTMLElement>} */
    const ofForms = use.querySelectorAll("[data-use-of]");
    for (const words of ofForms) {
      words.hidden = words.dataset.useOf !== text;
      isAsked ||= !words.hidden;
    }
    use.hidden = !isAsked;
  }
}
