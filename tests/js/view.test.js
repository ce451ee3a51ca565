import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { viewKey } from "../../static/js/compare/gestures.js";
import { SharedView } from "../../static/js/compare/view.js";

const FRAME = { clientWidth: 800, clientHeight: 600 };
let view;

beforeEach(() => {
  globalThis.requestAnimationFrame = () => 0;
  view = new SharedView({ x: 0, y: 0, width: 1600, height: 1200 });
  view.measure(FRAME);
});

function near(point, other) {
  assert.ok(Math.hypot(point[0] - other[0], point[1] - other[1]) < 1e-6, `${point} is not ${other}`);
}

test("shown whole, the middle of the world is in the middle of the frame", () => {
  assert.equal(view.scale, 0.5);
  near(view.toScreen([800, 600]), [400, 300]);
  near(view.toScreen([0, 0]), [0, 0]);
});

test("screen and world are each other's inverse at any zoom", () => {
  view.zoomTo(3.7, [120, 90]);
  view.panBy(15, -40);
  near(view.toWorld(view.toScreen([640, 480])), [640, 480]);
});

test("what lies under the pointer stays there while zooming", () => {
  const before = view.toWorld([200, 150]);
  view.zoomTo(2, [200, 150]);
  near(view.toWorld([200, 150]), before);
  view.zoomBy(1.5, [200, 150]);
  near(view.toWorld([200, 150]), before);
});

test("the zoom ends at whole and at twelve times", () => {
  view.zoomTo(99);
  assert.equal(view.zoom, 12);
  view.zoomTo(0.1);
  assert.equal(view.zoom, 1);
});

test("the photograph never leaves its frame", () => {
  view.zoomTo(2);
  view.panBy(5000, 5000);
  near(view.toScreen([0, 0]), [0, 0]);
  view.panBy(-9000, -9000);
  near(view.toScreen([1600, 1200]), [800, 600]);
});

test("a photograph narrower than the frame stays centred in it", () => {
  view.measure({ clientWidth: 1600, clientHeight: 600 });
  view.panBy(300, 0);
  near(view.toScreen([800, 600]), [800, 300]);
});

test("a point set by keyboard is brought into the frame", () => {
  view.zoomTo(4);
  view.reveal([1590, 1190]);
  const [x, y] = view.toScreen([1590, 1190]);
  assert.ok(x <= 800 && y <= 600);
});

test("what was remembered is put back, and nonsense is not", () => {
  view.restore({ zoom: 3, centre: [500, 500] });
  assert.deepEqual([view.zoom, view.centre], [3, [500, 500]]);
  for (const wrong of [
    { zoom: 0.2, centre: [1, 1] },
    { zoom: 99, centre: [1, 1] },
    { zoom: 2 },
    { zoom: 2, centre: ["a", null] },
    {},
  ]) {
    view.restore(wrong);
    assert.deepEqual([view.zoom, view.centre], [3, [500, 500]], JSON.stringify(wrong));
  }
});

test("keys zoom, pan and go back to whole; other keys are left alone", () => {
  assert.ok(viewKey({ key: "+" }, view) && view.zoom === 1.25);
  assert.ok(viewKey({ key: "ArrowRight" }, view) && view.centre[0] > 800);
  assert.ok(viewKey({ key: "-" }, view) && view.zoom === 1);
  assert.ok(viewKey({ key: "0" }, view));
  assert.equal(viewKey({ key: "x" }, view), false);
});
