import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { DraftKeeper } from "../../static/js/forms/drafts.js";
import { Server } from "../../static/js/forms/server.js";
import { StateLine } from "../../static/js/forms/state-line.js";
import { answering, Clock, FakeForm, openPage } from "./browser.js";

const STORED = { json: { saved_label: "14:05", signed_in: true } };
let clock;
let form;
let note;
let state;
let keeper;

beforeEach(() => {
  openPage();
  clock = new Clock();
  note = { name: "note", type: "text", value: "" };
  form = new FakeForm([note, { name: "version", type: "hidden", value: "4" }], {
    dataset: { draft: "/form/", draftUrl: "/draft/" },
    fields: {
      "[data-as]": { value: "7.3", dataset: { ticket: "T", keep: "/keep/", signIn: "/who/" } },
      "[name=version]": { value: "4" },
    },
  });
  state = new StateLine(form);
  keeper = new DraftKeeper(form, new Server(form), state);
});

afterEach(() => {
  state.update({ offlineSince: 0 });
  clock.stop();
});

function type(text) {
  note.value = text;
  keeper.changed();
}

test("a second after the last key all that was typed goes, once", async () => {
  const asked = answering(STORED);
  type("s");
  await clock.pass(600);
  type("so");
  await clock.pass(999);
  assert.equal(asked.length, 0);
  await clock.pass(1);
  assert.equal(asked.length, 1);
  assert.deepEqual(asked[0].data.values, { note: ["so"] });
  assert.equal(asked[0].data.ticket, "T");
  assert.equal(asked[0].data.base_version, 4);
  assert.equal(asked[0].data.opening, keeper.opening);
  assert.equal(keeper.isBehind, false);
  assert.equal(state.facts.draftSavedAt, "14:05");
});

test("who types on and on has a draft two seconds after the first key", async () => {
  const asked = answering(STORED);
  for (let key = 0; key < 4; key += 1) {
    type("x".repeat(key + 1));
    await clock.pass(500);
  }
  assert.equal(asked.length, 1);
  assert.deepEqual(asked[0].data.values, { note: ["xxxx"] });
});

test("what is taken back to what the server has is not sent", async () => {
  const asked = answering(STORED);
  type("x");
  type("");
  await clock.pass(5000);
  assert.equal(asked.length, 0);
  assert.equal(state.facts.dirty, false);
});

test("what is typed while a draft is on its way follows it, numbered in turn", async () => {
  let answer;
  const first = new Promise((resolve) => {
    answer = resolve;
  });
  const asked = answering(first, STORED);
  type("one");
  await clock.pass(1000);
  type("one two");
  await clock.pass(1500);
  assert.equal(asked.length, 1, "one at a time");
  answer(STORED);
  await clock.pass(2000);
  assert.deepEqual(
    asked.map((one) => one.data.sequence),
    [1, 2],
  );
  assert.deepEqual(asked[1].data.values, { note: ["one two"] });
  assert.equal(keeper.isBehind, false);
});

test("without a network it is tried again, with what stands there then, and the line counts", async () => {
  const asked = answering(new TypeError("away"), new TypeError("away"), STORED);
  type("one");
  await clock.pass(1000);
  assert.ok(state.facts.offlineSince > 0);
  note.value = "one two";
  await clock.pass(3000);
  assert.equal(asked.length, 3);
  assert.deepEqual(asked[2].data.values, { note: ["one two"] });
  assert.equal(state.facts.offlineSince, 0);
});

test("signed out or too long: the line says what to do", async () => {
  answering({ status: 401 });
  type("x");
  await clock.pass(1000);
  assert.match(state.facts.problem, /sign in again/);
  answering({ status: 413 });
  type("xy");
  await clock.pass(2000);
  assert.match(state.facts.problem, /too long/);
});

test("a draft that is stored without a session says that the person is signed out", async () => {
  answering({ json: { saved_label: "14:05", signed_in: false } });
  type("x");
  await clock.pass(1000);
  assert.equal(state.facts.signedOut, true);
});

test("while the form is being saved no draft is sent; afterwards it is", async () => {
  const asked = answering(STORED);
  type("x");
  await keeper.pause();
  await clock.pass(5000);
  assert.equal(asked.length, 0);
  keeper.resume();
  await clock.pass(2000);
  assert.equal(asked.length, 1);
});

test("a page that is closing tries once, with a request that outlives it", async () => {
  const asked = answering(STORED);
  type("x");
  await keeper.flush({ leaving: true });
  assert.equal(asked[0].keepalive, true);
  type("x".repeat(70_000));
  await keeper.flush({ leaving: true });
  assert.equal(asked[1].keepalive, false, "more than a browser lets go of while closing");
});

test("a draft that was put into the form is replaced by this opening's", async () => {
  const asked = answering(STORED);
  note.value = "from the draft";
  await keeper.takeOver("earlier-opening");
  assert.equal(asked[0].data.replaces, "earlier-opening");
  type("and on");
  await clock.pass(1000);
  assert.equal(asked[1].data.replaces, null);
});

test("once the form is saved its draft is forgotten, if there was one", async () => {
  const asked = answering(STORED);
  keeper.forget();
  assert.equal(asked.length, 0);
  type("x");
  await clock.pass(1000);
  keeper.forget();
  await clock.pass(0);
  assert.equal(asked[1].method, "DELETE");
  assert.equal(asked[1].url, `/draft/?form=${encodeURIComponent(`/form/#${keeper.opening}`)}`);
});

test("fields that other modules fill while the page loads are not typing", async () => {
  const asked = answering(STORED);
  note.value = "filled in by the page";
  form.dispatchEvent(new Event("focusin"));
  keeper.changed();
  await clock.pass(3000);
  assert.equal(asked.length, 0);
});
