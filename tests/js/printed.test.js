import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.document = /** @type {any} */ ({ querySelector: () => null });
const { moment, spelled } = await import("../../static/js/printed.js");

test("the moment of printing is spelled as pages spell it, in the clinic's zone", () => {
  assert.equal(spelled(new Date("2026-11-29T02:15:00Z"), "Asia/Singapore"), "29 Nov 2026, 10:15");
  assert.equal(spelled(new Date("2026-09-30T16:05:00Z"), "Asia/Singapore"), "1 Oct 2026, 00:05");
  assert.equal(spelled(new Date("2026-09-30T12:05:00Z"), "Europe/London"), "30 Sep 2026, 13:05");
});

test("a local time and how far it is ahead make a moment", () => {
  assert.equal(moment("2026-11-29T10:15", 8 * 3600).toISOString(), "2026-11-29T02:15:00.000Z");
  assert.equal(moment("2026-11-29T00:15", -12600).toISOString(), "2026-11-29T03:45:00.000Z");
});
