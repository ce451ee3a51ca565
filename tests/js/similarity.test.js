import assert from "node:assert/strict";
import { test } from "node:test";

import {
  about,
  align,
  apply,
  compose,
  fit,
  IDENTITY,
  invert,
  isIdentity,
  labelOf,
  RESIDUAL_LIMIT,
  residual,
  scaleOf,
  turnOf,
} from "../../static/js/compare/similarity.js";

const LABELS = { whorl: "Whorl", left: "Left corner", right: "Right corner", mole: "Mole" };
const EARLIER = { whorl: [800, 700], left: [400, 300], right: [1200, 320], mole: [640, 1000] };

function near(point, other, within = 1e-6) {
  assert.ok(Math.hypot(point[0] - other[0], point[1] - other[1]) < within, `${point} is not ${other}`);
}

/** A pair whose later photograph lies as `t` would bring it back. */
function marked(t, names = Object.keys(EARLIER), moved = {}) {
  const back = invert(t);
  return Object.fromEntries(
    names.map((name) => {
      const [x, y] = apply(back, EARLIER[name]);
      const [dx, dy] = moved[name] ?? [0, 0];
      return [name, { earlier: EARLIER[name], later: [x + dx, y + dy] }];
    }),
  );
}

const TURNED = about([800, 800], { turn: 12, zoom: 1.1, dx: 30, dy: -14 });

test("there and back again is where one was", () => {
  for (const point of [
    [0, 0],
    [1600, 1200],
    [-50, 3],
  ])
    near(apply(invert(TURNED), apply(TURNED, point)), point);
  near(apply(compose(TURNED, invert(TURNED)), [123, 456]), [123, 456]);
});

test("a composition is the first, then the second", () => {
  const zoomed = about([100, 100], { zoom: 2 });
  near(apply(compose(TURNED, zoomed), [10, 20]), apply(zoomed, apply(TURNED, [10, 20])));
  assert.ok(Math.abs(turnOf(TURNED) - 12) < 1e-9);
  assert.ok(Math.abs(scaleOf(compose(TURNED, zoomed)) - 2.2) < 1e-9);
});

test("a turn and a zoom about a point leave that point where it is", () => {
  near(apply(about([300, 400], { turn: 33, zoom: 1.7 }), [300, 400]), [300, 400]);
  assert.ok(isIdentity(about([300, 400], {})));
});

test("the fit finds the similarity that was applied", () => {
  const pairs = Object.values(marked(TURNED));
  const fitted = fit(
    pairs.map((pair) => pair.later),
    pairs.map((pair) => pair.earlier),
  );
  for (const key of ["a", "b", "tx", "ty"]) assert.ok(Math.abs(fitted[key] - TURNED[key]) < 1e-6, key);
  assert.ok(
    residual(
      fitted,
      pairs.map((pair) => pair.later),
      pairs.map((pair) => pair.earlier),
    ) < 1e-6,
  );
});

test("two points leave no freedom to say how well they agree; one spot fits nothing", () => {
  const pairs = Object.values(marked(TURNED, ["left", "right"]));
  assert.equal(
    residual(
      TURNED,
      pairs.map((p) => p.later),
      pairs.map((p) => p.earlier),
    ),
    null,
  );
  assert.equal(
    fit(
      [
        [5, 5],
        [5, 5],
      ],
      [
        [1, 1],
        [9, 9],
      ],
    ),
    null,
  );
  assert.equal(fit([[5, 5]], [[1, 1]]), null);
});

test("without two points in both photographs nothing is aligned", () => {
  const none = align({ whorl: { earlier: [1, 2] }, left: { earlier: [3, 4], later: [3, 4] } }, IDENTITY, LABELS);
  assert.equal(none.state, "none");
  assert.equal(labelOf(none), "Not aligned");
});

test("moved by hand alone is aligned by eye, and its error is not known", () => {
  const byEye = align({}, about([0, 0], { dx: 5 }), LABELS);
  assert.equal(byEye.state, "unchecked");
  assert.equal(labelOf(byEye), "Aligned by eye; error not known");
});

test("points that agree are aligned, and say by how much", () => {
  const good = align(marked(TURNED, undefined, { mole: [8, 0] }), IDENTITY, LABELS);
  assert.equal(good.state, "aligned");
  assert.deepEqual(good.problems, []);
  assert.ok(good.residual > 1 && good.residual < RESIDUAL_LIMIT);
  assert.equal(labelOf(good), `Aligned on 4 points; ${good.residual.toFixed(0)} px off`);
  assert.ok(good.off.mole > good.off.left);
});

test("two points are aligned with an error that is not known", () => {
  const two = align(marked(TURNED, ["left", "right"]), IDENTITY, LABELS);
  assert.equal(two.state, "unchecked");
  assert.equal(labelOf(two), "Aligned on 2 points; error not known");
});

test("a correction by hand is told", () => {
  const nudged = align(marked(TURNED), about([800, 800], { dx: 4 }), LABELS);
  assert.ok(nudged.byHand);
  assert.match(labelOf(nudged), /^Aligned on 4 points, then by hand; \d+ px off$/);
});

test("exchanged points are named", () => {
  const points = marked(TURNED);
  [points.left.later, points.right.later] = [points.right.later, points.left.later];
  const mixed = align(points, IDENTITY, LABELS);
  assert.equal(mixed.state, "doubtful");
  assert.match(mixed.problems[0], /^Left corner and Right corner seem to be exchanged/);
});

test("of many points two exchanged ones are found without trying every order", () => {
  const names = ["a", "b", "c", "d", "e", "f", "g"];
  const points = Object.fromEntries(
    names.map((name, i) => {
      const at = [300 + 150 * i, 400 + 97 * ((i * i) % 5)];
      return [name, { earlier: at, later: apply(invert(TURNED), at) }];
    }),
  );
  [points.b.later, points.f.later] = [points.f.later, points.b.later];
  assert.match(align(points, IDENTITY, {}).problems[0], /^b and f seem to be exchanged/);
});

test("a point far off makes the alignment doubtful", () => {
  const off = align(marked(TURNED, undefined, { mole: [160, 90] }), IDENTITY, LABELS);
  assert.equal(off.state, "doubtful");
  assert.match(off.problems.at(-1), /^The points do not fit: they differ by \d+ px; the limit is 25 px/);
  assert.match(labelOf(off), /^Alignment doubtful: \d+ px off on 4 points$/);
});

test("a turn that no head makes, and points too near, are said", () => {
  const sideways = align(marked(about([800, 800], { turn: 90 }), ["left", "right"]), IDENTITY, LABELS);
  assert.match(sideways.problems[0], /^The points ask for a turn of 90° and a zoom of 1.00/);
  const close = { a: { earlier: [10, 10], later: [10, 10] }, b: { earlier: [40, 10], later: [40, 10] } };
  assert.match(align(close, IDENTITY, {}).problems[0], /^Two points lie less than 80 px apart/);
});
