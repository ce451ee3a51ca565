import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { countDifferences, fill, fingerprint, hasFiles, read } from "../../static/js/forms/contents.js";
import { FakeForm, openPage } from "./browser.js";

beforeEach(() => openPage());

const text = (name, value = "") => ({ name, type: "text", value });
const box = (name, value, checked = false) => ({ name, type: "checkbox", value, checked });

test("what a person could have typed is read, not what the page needs", () => {
  const form = new FakeForm([
    text("note", "fine"),
    text("csrfmiddlewaretoken", "secret"),
    text("version", "4"),
    text("_opening", "x"),
    box("reaction", "pain", true),
    box("reaction", "itch"),
    box("reaction", "oedema", true),
  ]);
  assert.deepEqual(read(form), { note: ["fine"], reaction: ["pain", "oedema"] });
});

test("the same contents have one fingerprint, in whatever order and under whatever id", () => {
  assert.equal(fingerprint({ a: ["1"], b: ["2"], id: ["x"] }), fingerprint({ b: ["2"], a: ["1"], id: ["y"] }));
  assert.notEqual(fingerprint({ a: ["1", "2"] }), fingerprint({ a: ["2", "1"] }));
  assert.notEqual(fingerprint({ a: [""] }), fingerprint({}));
});

test("differing fields are counted, missing ones among them", () => {
  assert.equal(countDifferences({ a: ["1"], b: ["2"], id: ["x"] }, { a: ["1"], c: ["3"], id: ["y"] }), 2);
  assert.equal(countDifferences({ a: [] }, {}), 0);
});

test("contents are put into the form, and whoever listens is told", () => {
  const form = new FakeForm([
    text("note"),
    text("same", "as before"),
    box("reaction", "pain"),
    box("reaction", "itch", true),
    {
      name: "more",
      type: "select-multiple",
      options: [
        { value: "1", selected: false },
        { value: "2", selected: true },
      ],
    },
    text("csrfmiddlewaretoken", "secret"),
  ]);
  const values = {
    note: ["typed"],
    same: ["as before"],
    reaction: ["pain"],
    more: ["1"],
    csrfmiddlewaretoken: ["forged"],
  };
  fill(form, values);
  assert.deepEqual(read(form), { note: ["typed"], same: ["as before"], reaction: ["pain"], more: ["1"] });
  assert.equal(form.elements[5].value, "secret");
  assert.deepEqual(form.elements[0].events, ["input", "change"]);
  assert.deepEqual(form.elements[1].events, [], "what stays as it was is not announced");
});

test("two fields of one name take their texts in turn", () => {
  const form = new FakeForm([text("area"), text("area")]);
  fill(form, { area: ["first", "second"] });
  assert.deepEqual(read(form), { area: ["first", "second"] });
});

test("a form takes over the id of its draft, so that photos sent with it belong to what is saved", () => {
  const form = new FakeForm([text("id", "new"), text("note")]);
  fill(form, { id: ["of the draft"], note: ["typed"] });
  assert.deepEqual(read(form), { id: ["of the draft"], note: ["typed"] });
});

test("what finds no field is given back, so that it can be shown", () => {
  const form = new FakeForm([text("note"), box("reaction", "pain")]);
  const left = fill(form, { note: ["typed"], reaction: ["pain", "gone"], removed: ["text", " "], id: ["x"] });
  assert.deepEqual(left, [
    ["reaction", "gone"],
    ["removed", "text"],
  ]);
});

test("a form with a chosen file is one that a reload would empty", () => {
  assert.equal(hasFiles(new FakeForm([{ type: "file", files: [1] }])), true);
  assert.equal(hasFiles(new FakeForm([{ type: "file", files: [] }, text("note", "x")])), false);
});
