import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { newId, sha256 } from "../../static/js/photos/ids.js";
import { whyNot } from "../../static/js/photos/kinds.js";
import { sentence, shownWords, warnings } from "../../static/js/photos/outcome.js";
import { inOrderTaken, inTurn } from "../../static/js/photos/preview.js";
import { hasReason } from "../../static/js/photos/reason.js";
import { Unsent } from "../../static/js/photos/unsent.js";
import { between, numbers } from "../../static/js/photo-parts.js";
import { openPage } from "./browser.js";

beforeEach(() => openPage());

test("an id is a UUID of version 7 that sorts by time", () => {
  const ids = [newId(), newId()];
  for (const id of ids) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.notEqual(ids[0], ids[1]);
  const made = Number.parseInt(ids[0].replaceAll("-", "").slice(0, 12), 16);
  assert.ok(Math.abs(Date.now() - made) < 5000);
});

test("a file's bytes are hashed", async () => {
  const digest = await sha256(new Blob(["abc"]));
  assert.equal(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});

test("files go in the order they were taken, then by the number in their name", () => {
  const files = [
    { name: "IMG_10.jpg", lastModified: 5 },
    { name: "late.jpg", lastModified: 9 },
    { name: "IMG_9.jpg", lastModified: 5 },
  ];
  assert.deepEqual(
    inOrderTaken(files).map((file) => file.name),
    ["IMG_9.jpg", "IMG_10.jpg", "late.jpg"],
  );
  const wrapped = files.map((file) => ({ file }));
  assert.equal(inOrderTaken(wrapped, (one) => one.file)[0], wrapped[2]);
  assert.equal(files[0].name, "IMG_10.jpg", "what was given stays as it was");
});

test("views are given in turn, those already given left out, and from the start again", () => {
  const views = ["frontal", "vertex", "left"];
  assert.deepEqual(inTurn(2, views, ["vertex"]), ["frontal", "left"]);
  assert.deepEqual(inTurn(4, views, ["vertex"]), ["frontal", "left", "frontal", "vertex"]);
  assert.deepEqual(inTurn(0, views, []), []);
});

test("what came of a photo is said in a sentence", () => {
  const answer = { sentence: "Kept: Vertex, 3 May 2026, the camera’s date.", asks: "", gates: [] };
  const line = (facts) => sentence({ sentence: "", progress: 0, keepReason: "", answer, ...facts });
  assert.equal(line({ state: "chosen" }), "");
  assert.equal(line({ state: "waiting" }), "Waiting to be sent");
  assert.equal(line({ state: "sending", progress: 0.456 }), "Sending, 46 %");
  assert.equal(line({ state: "sending", progress: 1 }), "Sent; being checked");
  assert.equal(
    line({ state: "away", sentence: "The server is away." }),
    "The server is away; it is tried again by itself.",
  );
  assert.equal(line({ state: "refused", sentence: "No photo." }), "No photo.");
  assert.equal(line({ state: "duplicate" }), answer.sentence, "the server's own words");
  assert.equal(line({ state: "kept" }), answer.sentence);
  assert.match(line({ state: "kept", keepReason: "only one" }), /\. Kept, because: only one$/);
});

test("what is said of a photo is what is shown of it, its warnings too", () => {
  const gates = [
    { verdict: "warn", sentence: "This may be another patient’s picture." },
    { verdict: "ok", sentence: "Sharp." },
  ];
  const answer = { sentence: "Kept: Vertex.", asks: "", gates };
  const upload = { state: "kept", sentence: "", progress: 1, keepReason: "", answer };
  assert.equal(shownWords(upload), "Kept: Vertex. This may be another patient’s picture.");
  assert.equal(shownWords({ ...upload, keepReason: "asked" }), "Kept: Vertex. Kept, because: asked");
});

test("raw and strange files are named by their bytes and their endings before they are sent", async () => {
  const files = { nef: "This is a Nikon raw file; no.", orf: "This is an Olympus raw file; no." };
  const raw = { files, sentence: "This is a raw file; no." };
  const told = (name, bytes) => whyNot(new File([Uint8Array.from(bytes)], name), raw);
  const letters = (text) => [...text].map((letter) => letter.charCodeAt(0));
  const rest = Array(60).fill(0);
  const tiff = [...letters("II*\0"), ...rest];
  assert.equal(await told("DSC_1.NEF", tiff), "This is a Nikon raw file; no.");
  assert.equal(await told("x.orf", [...letters("IIRO"), ...rest]), "This is an Olympus raw file; no.");
  assert.equal(await told("unknown", [...letters("FUJIFILMCCD-RAW"), ...rest]), "This is a raw file; no.");
  assert.equal(await told("IMG.CR3", [0, 0, 0, 24, ...letters("ftypcrx "), ...rest]), "This is a raw file; no.");
  assert.equal(await told("IMG.jpg", [...letters("II*\0\x10\0\0\0CR"), ...rest]), "This is a raw file; no.");
  assert.equal(await told("scan.tif", tiff), "", "a scanner's");
  assert.equal(await told("IMG.nef", [0xff, 0xd8, 0xff, 0xe1, ...rest]), "", "a JPEG, whatever it is called");
  assert.equal(await told("IMG.heic", [0, 0, 0, 24, ...letters("ftypheic"), ...rest]), "");
  assert.match(await told("letter.pdf", [...letters("%PDF-1.7"), ...rest]), /^This PDF file is not a JPEG, PNG/);
  assert.match(await told("constructor", rest), /^This file is not/);
  assert.match(await told("a.gif", [...letters("GIF89a"), ...rest]), /^Moving pictures/);
});

test("only checks that warn are warnings", () => {
  const gates = [
    { verdict: "warn", sentence: "blurred" },
    { verdict: "ok", sentence: "" },
  ];
  assert.deepEqual(warnings({ answer: { gates } }), [gates[0]]);
  assert.deepEqual(warnings({ answer: {} }), []);
  assert.deepEqual(warnings({ answer: null }), []);
});

test("without consent on file a reason of three letters is asked for", () => {
  const calls = [];
  const reason = { value: " no ", setAttribute: (...facts) => calls.push(facts), focus: () => calls.push("focus") };
  assert.equal(hasReason({ querySelector: () => reason }), false);
  assert.deepEqual(calls, [["aria-invalid", "true"], "focus"]);
  reason.value = "signed on paper";
  assert.equal(hasReason({ querySelector: () => reason }), true);
  assert.equal(hasReason({ querySelector: () => null }), true);
});

test("only the names of photos that were not sent outlive a reload", () => {
  const queue = Object.assign(new EventTarget(), {
    uploads: [
      { name: "front.jpg", isOver: false },
      { name: "sent.jpg", isOver: true },
    ],
  });
  new Unsent(queue, null);
  queue.dispatchEvent(new Event("change"));
  assert.equal(sessionStorage.getItem("unsent-photos /page/"), '["front.jpg"]');
  queue.uploads[0].isOver = true;
  queue.dispatchEvent(new Event("change"));
  assert.equal(sessionStorage.getItem("unsent-photos /page/"), null);
});

test("a part between two corners is the same whichever came first", () => {
  assert.deepEqual(between([10, 80], [30, 20]), [10, 20, 20, 60]);
  assert.deepEqual(between([30, 20], [10, 80]), [10, 20, 20, 60]);
});

test("a part is four numbers of some size, whatever stands between them", () => {
  for (const text of ["10 20 30 40", "10, 20; 30 % 40", " 10\t20 30 40 "])
    assert.deepEqual(numbers(text), [10, 20, 30, 40]);
  for (const text of ["", "10 20 30", "10 20 30 40 50", "10 20 0 40", "10 20 30 -4", "a b c d"])
    assert.equal(numbers(text), null, text);
});
