import assert from "node:assert/strict";
import test from "node:test";

import { viewInName } from "../../static/js/photos/view-words.js";

const RULES = [
  ["left oblique", "oblique_left"],
  ["left", "temporal_left"],
  ["crown", "vertex"],
  ["vertex", "vertex"],
];

test("a whole word of a name is a view, and two that differ are none", () => {
  for (const [name, view] of [
    ["HC-0007_Crown.JPG", "vertex"],
    ["crown vertex 2.jpg", "vertex"],
    ["left-oblique.jpg", "oblique_left"],
    ["left crown.jpg", ""],
    ["leftover.jpg", ""],
    ["IMG_4711.jpg", ""],
    ["", ""],
  ]) {
    assert.equal(viewInName(name, RULES), view, name);
  }
});
