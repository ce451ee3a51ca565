import assert from "node:assert/strict";
import { test } from "node:test";

import { addPoint, readStrokes } from "../../static/js/strokes.js";

test("a point that adds nothing to the line is left out", () => {
  const stroke = [];
  const strokes = [stroke];
  for (const spot of [
    [10, 10],
    [11, 11],
    [12, 12],
    [13, 13],
    [14, 10],
  ])
    addPoint(strokes, stroke, spot);
  assert.deepEqual(stroke, [
    [10, 10],
    [13, 13],
  ]);
});

test("a signature has no more points than the record takes", () => {
  const full = Array.from({ length: 7999 }, (_, i) => [i % 1000, 0]);
  const stroke = [];
  const strokes = [full, stroke];
  addPoint(strokes, stroke, [0, 500]);
  addPoint(strokes, stroke, [0, 600]);
  assert.deepEqual(stroke, [[0, 500]]);
});

test("strokes are read back from the form, and nonsense is none", () => {
  assert.deepEqual(readStrokes("[[[1,2],[9,9]],[]]"), [
    [
      [1, 2],
      [9, 9],
    ],
  ]);
  for (const text of ["", "{}", "7", "null", "[1, 2]", "[[1,2]", '"x"']) assert.deepEqual(readStrokes(text), [], text);
});
