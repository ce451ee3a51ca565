import assert from "node:assert/strict";
import { test } from "node:test";

const focused = [];
const control = (name, more = {}) => ({
  name,
  tagName: "INPUT",
  type: "text",
  tabIndex: 0,
  dataset: {},
  focus: () => focused.push(name),
  ...more,
});
const page = new EventTarget();
globalThis.document = page;
await import("../../static/js/scan.js");

/** A key pressed in a field, as it reaches the page. */
function press(field, key, more = {}) {
  const event = Object.assign(new Event("keydown", { cancelable: true }), { key, ...more });
  Object.defineProperty(event, "target", { value: field });
  page.dispatchEvent(event);
  return event.defaultPrevented;
}

const form = { dataset: { recordForm: "" } };
const field = control("code", { form, dataset: { scan: "" } });
form.elements = [
  control("first"),
  field,
  control("secret", { type: "hidden" }),
  control("skipped", { tabIndex: -1 }),
  control("off", { disabled: true }),
  control("folded away", { checkVisibility: () => false }),
  control("expires"),
];

// A scanner ends what it typed with Enter, which in a form would send it.
test("Enter of a scanner goes to the next control and never sends the form", () => {
  assert.equal(press(field, "0"), false);
  assert.deepEqual(focused, []);
  assert.equal(press(field, "Enter"), true);
  assert.deepEqual(focused, ["expires"]);
});

test("Enter on a button, in a search and while letters are composed stays what it is", () => {
  const search = control("q", { form: { dataset: {}, elements: [] } });
  assert.equal(press(control("save", { form, type: "submit" }), "Enter"), false);
  assert.equal(press(search, "Enter"), false);
  assert.equal(press(field, "Enter", { isComposing: true }), false);
  assert.equal(press({ tagName: "TEXTAREA", form, dataset: {} }, "Enter"), false);
});

test("the sign between two parts of a label is written down, as no key would type it", () => {
  const written = [];
  const told = control("lot", { form, dataset: { scan: "" }, selectionStart: 3, selectionEnd: 3 });
  told.setRangeText = (...where) => written.push(where);
  told.dispatchEvent = (event) => written.push(event.type);
  assert.equal(press(told, "]", { ctrlKey: true }), true);
  assert.equal(press(told, "]"), false);
  assert.equal(press(control("note", { form }), "]", { ctrlKey: true }), false);
  assert.deepEqual(written, [["\u241d", 3, 3, "end"], "input"]);
});
