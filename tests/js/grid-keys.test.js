import assert from "node:assert/strict";
import test from "node:test";

import { isLitter } from "../../static/js/photos/folders.js";
import { isCaretAt, next, viewOfKey } from "../../static/js/photos/grid-keys.js";

test("arrow keys go from cell to cell and end where the grid ends", () => {
  assert.deepEqual(next({ row: 1, cell: "view" }, "ArrowDown", 3), { row: 2, cell: "view" });
  assert.deepEqual(next({ row: 1, cell: "view" }, "ArrowLeft", 3), { row: 1, cell: "patient" });
  assert.deepEqual(next({ row: 0, cell: "view" }, "ArrowRight", 3), { row: 0, cell: "when" });
  for (const [place, key] of [
    [{ row: 0, cell: "view" }, "ArrowUp"],
    [{ row: 2, cell: "view" }, "ArrowDown"],
    [{ row: 0, cell: "when" }, "ArrowRight"],
    [{ row: 0, cell: "keep" }, "ArrowLeft"],
    [{ row: 0, cell: "view" }, "a"],
  ]) {
    assert.equal(next(place, key, 3), null);
  }
});

test("in a text an arrow key moves the caret first", () => {
  const text = { type: "text", value: "HC-7", selectionStart: 2, selectionEnd: 2 };
  assert.equal(isCaretAt(text, "ArrowRight"), false);
  assert.equal(isCaretAt(text, "ArrowDown"), true);
  assert.equal(isCaretAt({ ...text, selectionStart: 4, selectionEnd: 4 }, "ArrowRight"), true);
  assert.equal(isCaretAt({ ...text, selectionStart: 4, selectionEnd: 4 }, "ArrowLeft"), false);
  assert.equal(isCaretAt({ ...text, selectionStart: 0, selectionEnd: 4 }, "ArrowLeft"), true);
  assert.equal(isCaretAt({ type: "checkbox", value: "on" }, "ArrowLeft"), true);
});

test("a letter chooses its view in either case", () => {
  const views = new Map([["V", "vertex"]]);
  assert.equal(viewOfKey("v", views), "vertex");
  assert.equal(viewOfKey("V", views), "vertex");
  assert.equal(viewOfKey("z", views), "");
});

test("what systems leave in folders is no photo", () => {
  assert.deepEqual([".DS_Store", "Thumbs.db", "desktop.ini", "._IMG_1.jpg", "IMG_1.jpg"].map(isLitter), [
    true,
    true,
    true,
    true,
    false,
  ]);
});
