import assert from "node:assert/strict";
import { test } from "node:test";

import { gains, readPatch, table } from "../../static/js/compare/light.js";

const patch = (...colours) => colours.flatMap((colour) => [...colour, 255]);

test("an even grey is read as three equal shares of linear light", () => {
  const { mean, problem } = readPatch(patch([128, 128, 128], [128, 128, 128]));
  assert.equal(problem, undefined);
  for (const value of mean) assert.ok(Math.abs(value - 0.2159) < 0.001);
});

test("a spot that cannot tell the light is refused in words", () => {
  assert.match(readPatch(patch([255, 250, 250])).problem, /overexposed/);
  assert.match(readPatch(patch([10, 10, 10])).problem, /too dark/);
  assert.match(readPatch(patch([200, 120, 100])).problem, /coloured/);
  assert.match(readPatch(patch([60, 60, 60], [190, 190, 190])).problem, /not even/);
});

test("every patch is brought to the darkest one, so nothing is pushed into white", () => {
  const patches = { earlier: [0.4, 0.5, 0.3], later: [0.2, 0.25, 0.21] };
  const all = gains(patches);
  for (const [side, mean] of Object.entries(patches)) {
    for (const [i, value] of mean.entries()) {
      assert.ok(all[side][i] <= 1);
      assert.ok(Math.abs(value * all[side][i] - 0.2) < 1e-9);
    }
  }
});

test("a table gives every value its own light", () => {
  const same = table(1);
  assert.equal(same.length, 256);
  for (const [value, share] of same.entries()) assert.ok(Math.abs(share * 255 - value) < 0.01);
  assert.ok(Math.abs(table(0.5)[255] - 0.7354) < 0.001); // half the light of white is #bbbbbb
  assert.ok(table(2).every((share) => share <= 1));
});
