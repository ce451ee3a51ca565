import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { describe } from "../../static/js/forms/state-line.js";
import { Clock } from "./browser.js";

const NOTHING = {
  dirty: false,
  draftSavedAt: "",
  sending: false,
  offlineSince: 0,
  outcome: null,
  problem: "",
  signedOut: false,
  saved: "",
  goOn: "",
  keepsDrafts: true,
};
const line = (facts) => describe({ ...NOTHING, ...facts });
const browser = { onLine: true };
let clock;

beforeEach(() => {
  clock = new Clock();
  browser.onLine = true;
  Object.defineProperty(globalThis, "navigator", { value: browser, configurable: true });
});

afterEach(() => clock.stop());

test("nothing typed: nothing said", () => {
  assert.deepEqual(line({}), { kind: "", text: "", more: "", say: undefined });
});

test("typed, then a draft, then saved", () => {
  assert.equal(line({ dirty: true }).text, "Not saved yet");
  assert.deepEqual(
    [line({ draftSavedAt: "14:05" }).kind, line({ draftSavedAt: "14:05" }).text],
    ["done", "Draft saved 14:05"],
  );
  assert.equal(line({ sending: true }).text, "Saving …");
  assert.deepEqual(line({ saved: "14:06" }), {
    kind: "done",
    text: "Saved 14:06",
    more: "",
    say: "Saved 14:06",
    link: "",
  });
  assert.match(line({ saved: "14:06", goOn: "/next/" }).more, /photos are still on their way/);
});

test("saved stands above everything that was true before it", () => {
  assert.equal(line({ saved: "14:06", offlineSince: 1, sending: true, dirty: true }).text, "Saved 14:06");
});

test("away from the server the seconds are counted, then minutes", () => {
  assert.equal(line({ offlineSince: clock.now - 7000 }).text, "Not saved yet, no answer for 7 s");
  assert.equal(line({ offlineSince: clock.now - 185_000 }).text, "Not saved yet, no answer for 3 min");
  browser.onLine = false;
  assert.equal(line({ offlineSince: clock.now - 7000 }).text, "Not saved yet, offline 7 s");
});

test("what the server says of its own fault stands beside what becomes of the text", () => {
  const full = line({ offlineSince: clock.now - 7000, outage: "The disk is full.", draftSavedAt: "14:05" });
  assert.deepEqual([full.kind, full.text], ["wait", "Not saved for 7 s"]);
  assert.equal(full.more, "The disk is full. Everything is still here; tried again by itself.");
  assert.equal(full.say, "Not saved: The disk is full. Everything is still here; tried again by itself.");
});

test("a draft is claimed only where one is", () => {
  assert.equal(line({ dirty: true }).more, "no draft is kept yet");
  assert.equal(line({ dirty: true, keepsDrafts: false }).more, "");
  assert.equal(line({ dirty: true, draftSavedAt: "14:05" }).more, "the draft of 14:05 is kept");
});

test("a failure is told apart from what waits to be put right", () => {
  const failed = line({ outcome: { kind: "fail", text: "your role may not save this" } });
  assert.deepEqual([failed.kind, failed.text, failed.more], ["fail", "Not saved", "your role may not save this"]);
  const objected = line({ outcome: { kind: "wait", text: "2 things to put right" } });
  assert.deepEqual([objected.kind, objected.text], ["wait", "Not saved yet"]);
});

test("signed out, a draft is still stored, and Save will ask for the password", () => {
  assert.match(line({ draftSavedAt: "14:05", signedOut: true }).more, /Save asks for your password/);
  assert.match(line({ dirty: true, signedOut: true }).more, /Save asks for your password/);
});

test("a draft that cannot be stored is said, not hidden", () => {
  assert.deepEqual(
    [line({ problem: "press Save" }).kind, line({ problem: "press Save" }).text],
    ["fail", "No draft kept"],
  );
});

test("what happens to a save is read aloud in the words that are shown", () => {
  const shown = ({ text, more }) => (more ? `${text}: ${more}` : text);
  for (const facts of [
    { saved: "14:06" },
    { saved: "14:06", goOn: "/next/" },
    { sending: true },
    { outcome: { kind: "fail", text: "your role may not save this" } },
    { outcome: { kind: "wait", text: "2 things to put right" } },
    { problem: "press Save" },
  ]) {
    assert.equal(line(facts).say, shown(line(facts)));
  }
  const away = line({ offlineSince: clock.now - 7000 });
  assert.equal(away.say, shown(away).replace(" for 7 s", ""), "without the seconds, which would interrupt each second");
});
