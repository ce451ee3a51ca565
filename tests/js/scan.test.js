import assert from "node:assert/strict";
import { test } from "node:test";

// A scanner ends what it typed with Enter, which in a form would send it.
test("Enter of a scanner goes to the next control and never sends the form", async () => {
  const focused = [];
  const control = (name, type = "text", tabIndex = 0) => ({ name, type, tabIndex, focus: () => focused.push(name) });
  const field = Object.assign(new EventTarget(), control("code"));
  field.form = {
    elements: [
      control("first"),
      field,
      control("secret", "hidden"),
      control("skipped", "text", -1),
      control("expires"),
    ],
  };
  globalThis.document = { querySelectorAll: (selector) => (selector === "[data-scan]" ? [field] : []) };
  await import("../../static/js/scan.js");

  const press = (key) => {
    const event = Object.assign(new Event("keydown", { cancelable: true }), { key });
    field.dispatchEvent(event);
    return event.defaultPrevented;
  };
  assert.equal(press("0"), false);
  assert.deepEqual(focused, []);
  assert.equal(press("Enter"), true);
  assert.deepEqual(focused, ["expires"]);
});
