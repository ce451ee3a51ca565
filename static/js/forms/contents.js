// What stands in a form: read as a browser would send it, without files and without the page's own fields.

/** The texts of each field by its name. @typedef {Record<string, string[]>} Values */
/** @typedef {HTMLInputElement & {options: HTMLOptionsCollection}} Control an input, a list or a text area */

const OURS = /^(csrfmiddlewaretoken|version|_.*)$/;
const NOT_TYPED = new Set(["file", "submit", "button", "reset", "image"]);

/** {name: [text]} of everything in the form that a person could have typed or chosen. @param {HTMLFormElement} form */
export function read(form) {
  /** @type {Values} */
  const values = {};
  for (const [name, value] of new FormData(form)) {
    if (typeof value !== "string" || OURS.test(name)) continue;
    values[name] ??= [];
    values[name].push(value);
  }
  return values;
}

/** The same contents give the same text, whatever the order of the fields. @param {Values} values */
export function fingerprint(values) {
  const names = Object.keys(values)
    .filter((name) => name !== "id")
    .sort();
  return JSON.stringify(names.map((name) => [name, values[name]]));
}

/** How many fields of `values` say something else than `other` does. @param {Values} values @param {Values} other */
export function countDifferences(values, other) {
  const names = new Set([...Object.keys(values), ...Object.keys(other)].filter((name) => name !== "id"));
  return [...names].filter((name) => JSON.stringify(values[name] ?? []) !== JSON.stringify(other[name] ?? [])).length;
}

/** @param {HTMLFormElement} form */
export function hasFiles(form) {
  const elements = /** @type {HTMLInputElement[]} */ ([...form.elements]);
  return elements.some((control) => control.type === "file" && control.files.length);
}

/**
 * Put contents into the form, telling whoever listens as if they had been typed.
 * Returns what found no field, as [[name, text]]: a question that the page does not ask now.
 * @param {HTMLFormElement} form
 * @param {Values} values
 * @returns {[string, string][]}
 */
export function fill(form, values) {
  const left = new Map(Object.entries(values).map(([name, texts]) => [name, [...texts]]));
  /** @type {Control[]} */
  const changed = [];
  for (const control of /** @type {Control[]} */ ([...form.elements])) {
    if (!control.name || OURS.test(control.name) || NOT_TYPED.has(control.type)) continue;
    const wanted = values[control.name];
    if (setControl(control, wanted, left.get(control.name))) changed.push(control);
  }
  for (const control of changed) {
    openAround(control);
    control.dispatchEvent(new Event("input", { bubbles: true }));
    control.dispatchEvent(new Event("change", { bubbles: true }));
  }
  return missing(form, values);
}

/**
 * What of `values` is nowhere in the form now: a field that is not asked, a choice that is not listed.
 * @param {HTMLFormElement} form
 * @param {Values} values
 * @returns {[string, string][]}
 */
function missing(form, values) {
  const now = read(form);
  return Object.entries(values).flatMap(([name, texts]) => {
    if (name === "id") return [];
    const left = [...(now[name] ?? [])];
    return texts
      .filter((text) => {
        const place = left.indexOf(text);
        if (place >= 0) left.splice(place, 1);
        return place < 0 && text.trim();
      })
      .map((text) => [name, text]);
  });
}

/**
 * Give a control what it should say; returns whether it said something else.
 * @param {Control} control
 * @param {string[] | undefined} wanted
 * @param {string[] | undefined} queue the texts of its name that no control has taken yet
 */
function setControl(control, wanted, queue) {
  if (control.type === "checkbox" || control.type === "radio") {
    const checked = Boolean(wanted?.includes(control.value));
    if (control.checked === checked) return false;
    control.checked = checked;
    return true;
  }
  if (control.type === "select-multiple") {
    const before = [...control.options].map((option) => option.selected).join();
    for (const option of control.options) option.selected = Boolean(wanted?.includes(option.value));
    return before !== [...control.options].map((option) => option.selected).join();
  }
  if (!queue?.length) return false;
  const text = queue.shift();
  if (control.value === text) return false;
  control.value = text;
  return true;
}

/** Open every folded part that an element stands in. @param {Element} control */
export function openAround(control) {
  for (let part = control.closest("details"); part; part = part.parentElement?.closest("details")) part.open = true;
}
