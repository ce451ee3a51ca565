import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { hundredths, shown, totalShown } from "../../static/js/volumes.js";

test("a plain figure is counted in hundredths", () => {
  const typed = {
    "": 0,
    " ": 0,
    0: 0,
    3: 300,
    0.1: 10,
    ".5": 50,
    "2.": 200,
    " 1.25 ": 125,
    0.07: 7,
    999999.99: 99999999,
  };
  for (const [text, count] of Object.entries(typed)) assert.equal(hundredths(text), count, `“${text}”`);
});

const spellings = JSON.parse(readFileSync(new URL("../records/number_spellings.json", import.meta.url), "utf8"));

test("a number is read as the server reads it, or not at all", () => {
  for (const [text, value] of Object.entries(spellings.accepted)) {
    const isKept = (value.split(".")[1] ?? "").length < 3;
    assert.equal(hundredths(text), isKept ? Math.round(Number(value) * 100) : null, `“${text}”`);
  }
  for (const text of spellings.refused) assert.equal(hundredths(text), null, `“${text}”`);
});

test("what is no plain figure is not guessed", () => {
  for (const text of ["-1", "1.234", "1000000"]) assert.equal(hundredths(text), null, `“${text}”`);
});

test("ten times a tenth is one, not nearly one", () => {
  const counts = Array.from({ length: 10 }, () => hundredths("0.1"));
  assert.equal(totalShown(counts), "1");
  assert.equal(totalShown(["0.1", "0.2"].map(hundredths)), "0.3");
});

test("a figure is shown without idle zeros", () => {
  assert.deepEqual([0, 5, 10, 125, 300, 1050].map(shown), ["0", "0.05", "0.1", "1.25", "3", "10.5"]);
});

test("a total with an unknown part is unknown, whatever comes after it", () => {
  assert.equal(totalShown([100, null, 200]), "?");
  assert.equal(totalShown([null]), "?");
  assert.equal(totalShown([]), "0");
});
