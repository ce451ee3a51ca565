// Brings what the server objects to into the page that is open. Fields, what is typed in them, chosen files and what
// other modules built around them stay the same elements; only objections come, change and go.

/** @typedef {HTMLInputElement | HTMLTextAreaElement} Field */
/** @typedef {HTMLInputElement} Control */

const OBJECTION = ".errors, .invalid-feedback, .field-error, .field-warning, .likely-doubles";
const MARKS = ["is-invalid", "has-danger"];
const NOTICED = ["aria-invalid", "aria-describedby", "aria-errormessage"];

/** Returns whether the answer is about this form at all. @param {HTMLFormElement} form @param {string} html */
export function showAnswer(form, html) {
  const answer = new DOMParser().parseFromString(html, "text/html");
  /** @type {NodeListOf<HTMLFormElement>} */
  const forms = answer.querySelectorAll("form[data-record-form]");
  // Where a session was saved in another window, the answer's draft is that of the session after it, at the same address.
  const page = form.dataset.draft?.split("?")[0];
  const theirs =
    [...forms].find((one) => one.dataset.draft === form.dataset.draft) ??
    [...forms].find((one) => one.dataset.draft?.split("?")[0] === page);
  if (!theirs) return false;
  const typed = typedReasons(form);
  if (answer.title) document.title = answer.title;
  showSummary(form, theirs);
  for (const old of form.querySelectorAll(OBJECTION)) old.remove();
  for (const name of MARKS) for (const marked of [...form.querySelectorAll(`.${name}`)]) marked.classList.remove(name);
  for (const control of form.elements) for (const name of NOTICED) control.removeAttribute(name);
  bringParts(form, theirs);
  bringObjections(form, theirs);
  bringMarks(form, theirs);
  bringIdentity(form, theirs);
  giveReasonsBack(form, typed);
  form.dispatchEvent(new CustomEvent("record-form:refreshed", { bubbles: true }));
  return true;
}

/**
 * Parts that say what they show (data-answered) are the server's where that is another thing by now: the words of a form
 * that was published meanwhile. What was chosen in them was sent, and comes back with them.
 * @param {HTMLFormElement} form
 * @param {HTMLFormElement} theirs
 */
function bringParts(form, theirs) {
  /** @type {NodeListOf<HTMLElement>} */
  const parts = theirs.querySelectorAll("[data-answered][id]");
  for (const part of parts) {
    /** @type {HTMLElement | null} */
    const ours = form.querySelector(`#${CSS.escape(part.id)}`);
    if (ours && ours.dataset.answered !== part.dataset.answered) ours.replaceWith(document.importNode(part, true));
  }
}

/** How many objections stand in the page now, for the state line. @param {HTMLFormElement} form */
export function countObjections(form) {
  return summaryOf(form)?.querySelectorAll("li").length ?? 0;
}

/** @param {HTMLFormElement} form */
export function focusSummary(form) {
  const summary = summaryOf(form);
  summary?.focus({ preventScroll: true });
  summary?.scrollIntoView({ block: "start" });
}

/** @param {HTMLFormElement} form @returns {HTMLElement | null} */
function summaryOf(form) {
  return document.querySelector("#summary") ?? form.querySelector(".errors");
}

/** @param {HTMLFormElement} form @param {HTMLFormElement} theirs */
function showSummary(form, theirs) {
  document.querySelector("#summary")?.remove();
  const summary = theirs.ownerDocument.querySelector("#summary");
  if (summary && !theirs.contains(summary)) form.before(document.importNode(summary, true));
}

/**
 * A reason for passing a warning is typed into the objection itself, which is replaced.
 * @param {HTMLFormElement} form
 * @returns {NodeListOf<Field>}
 */
function reasonFields(form) {
  return form.querySelectorAll(".field-warning :is(input, textarea)");
}

/** @param {HTMLFormElement} form */
function typedReasons(form) {
  return new Map([...reasonFields(form)].map((control) => [control.name, control.value]));
}

/** @param {HTMLFormElement} form @param {Map<string, string>} typed */
function giveReasonsBack(form, typed) {
  for (const control of reasonFields(form)) {
    if (!control.value && typed.get(control.name)) control.value = typed.get(control.name);
  }
}

/** @param {HTMLFormElement} form @param {HTMLFormElement} theirs */
function bringObjections(form, theirs) {
  const outermost = [...theirs.querySelectorAll(OBJECTION)].filter((one) => !one.parentElement.closest(OBJECTION));
  for (const objection of outermost) {
    const copy = document.importNode(objection, true);
    const place = placeFor(form, objection);
    if (place) place(copy);
    else form.querySelector("[name=csrfmiddlewaretoken]").after(copy);
    for (let part = copy.closest("details"); part; part = part.parentElement?.closest("details")) part.open = true;
  }
}

/**
 * The place in our page where the objection stands in the server's: behind or before a neighbour, or within its parent.
 * @param {HTMLFormElement} form
 * @param {Element} objection
 * @returns {((copy: Element) => void) | null} puts an element there
 */
function placeFor(form, objection) {
  for (let near = objection.previousElementSibling; near; near = near.previousElementSibling) {
    const ours = same(form, near);
    if (ours) return (copy) => ours.after(copy);
  }
  for (let near = objection.nextElementSibling; near; near = near.nextElementSibling) {
    const ours = near.matches(OBJECTION) ? null : same(form, near);
    if (ours) return (copy) => ours.before(copy);
  }
  for (let around = objection.parentElement; around && !around.matches("form"); around = around.parentElement) {
    const ours = same(form, around);
    if (ours) return (copy) => ours.append(copy);
  }
  return null;
}

/**
 * The element of our page that is the same as one of the server's: by its id, or by the control in it.
 * @param {HTMLFormElement} form
 * @param {Element} element
 * @returns {Element | null}
 */
function same(form, element) {
  if (element.id) return form.querySelector(`#${CSS.escape(element.id)}`);
  /** @type {Control | null} */
  const control = element.matches("[name]") ? /** @type {Control} */ (element) : element.querySelector("[name]");
  if (!control?.name) return null;
  const ours = ourControl(form, control);
  // Climb as far from our control as the server's element stands from theirs.
  /** @type {Element | null} */
  let around = ours;
  /** @type {Element} */
  let part = control;
  for (; around && part !== element; part = part.parentElement) around = around.parentElement;
  return around && form.contains(around) && around.tagName === element.tagName ? around : null;
}

/** @param {HTMLFormElement} form @param {Control} control of the server's page */
function ourControl(form, control) {
  const elements = /** @type {Control[]} */ ([...form.elements]);
  return elements.find(
    (one) => one.name === control.name && (!["radio", "checkbox"].includes(one.type) || one.value === control.value),
  );
}

/** The fieldset of our page that is the same as one of the server's. @param {HTMLFormElement} form @param {Element} group */
function ourGroup(form, group) {
  return group.id ? form.querySelector(`fieldset#${CSS.escape(group.id)}`) : null;
}

/** @param {HTMLFormElement} form @param {HTMLFormElement} theirs */
function bringMarks(form, theirs) {
  for (const control of /** @type {Control[]} */ ([...theirs.elements])) {
    const ours = control.name ? ourControl(form, control) : ourGroup(form, control);
    if (!ours) continue;
    for (const name of MARKS) if (control.classList.contains(name)) ours.classList.add(name);
    for (const name of NOTICED) if (control.hasAttribute(name)) ours.setAttribute(name, control.getAttribute(name));
  }
}

/**
 * Of what the next Save is about: the version it was made against, or the id of a record to be.
 * @param {HTMLFormElement} form
 * @param {HTMLFormElement} theirs
 */
function bringIdentity(form, theirs) {
  for (const name of ["version", "id"]) {
    /** @type {HTMLInputElement | null} */
    const ours = form.querySelector(`[name=${name}]`);
    /** @type {HTMLInputElement | null} */
    const newer = theirs.querySelector(`[name=${name}]`);
    if (ours && newer) ours.value = newer.value;
  }
}
