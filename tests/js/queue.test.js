import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { MAX_BYTES, Queue } from "../../static/js/photos/queue.js";
import { answering, Clock, FakeForm, FakeRequest, openPage, settled } from "./browser.js";

const FILED = { status: "kept", url: "/photo/", gates: [] };
let clock;
let form;
let queue;

beforeEach(() => {
  openPage();
  FakeRequest.install();
  clock = new Clock();
  form = new FakeForm([{ name: "card", type: "hidden", value: "grey" }], {
    dataset: { raw: JSON.stringify({ files: { nef: "Nikon raw file" }, sentence: "This is a raw file." }) },
    fields: {
      "[data-as]": { value: "7.3", dataset: { signIn: "/who/" } },
      "[name=csrfmiddlewaretoken]": { value: "old" },
    },
  });
  queue = new Queue(form);
});

afterEach(() => clock.stop());

/** A file that begins as JPEG files do. */
const jpeg = (name, text = "picture") =>
  new File([Uint8Array.of(0xff, 0xd8, 0xff), text], name, { type: "image/jpeg" });

async function chosen(view = "vertex", name = `${view}.jpg`) {
  return queue.add(jpeg(name), { view });
}

/** The file is hashed on another thread, which the false clock does not wait for: up to ten real seconds. */
async function requests(count) {
  const until = process.hrtime()[0] + 10;
  while (FakeRequest.sent.length < count && process.hrtime()[0] < until) await settled();
  assert.equal(FakeRequest.sent.length, count);
  return FakeRequest.sent;
}

async function underWay(view) {
  const upload = await chosen(view);
  queue.send(upload);
  const sent = await requests(FakeRequest.sent.length + 1);
  return [upload, sent.at(-1)];
}

test("a photo is chosen, sent with its facts, and there once the server says so", async () => {
  const [upload, request] = await underWay();
  assert.equal(upload.state, "sending");
  assert.equal(request.url, "/upload/");
  assert.equal(request.headers["X-CSRFToken"], "old");
  assert.equal(request.headers["X-Opened-As"], "7.3");
  assert.equal(request.body.get("id"), upload.id);
  assert.equal(request.body.get("view"), "vertex");
  assert.equal(request.body.get("card"), "grey");
  assert.match(request.body.get("sha256"), /^[0-9a-f]{64}$/);
  assert.equal([...request.body.keys()].at(-1), "_sentinel", "the last field tells that the body is whole");
  request.progress(50, 100);
  assert.equal(upload.progress, 0.5);
  await request.answer(201, FILED);
  assert.equal(upload.state, "kept");
  assert.ok(upload.isOver);
});

test("a photo without a view waits for one", async () => {
  const upload = await chosen("");
  queue.send(upload);
  await settled();
  assert.equal(upload.state, "chosen");
  assert.equal(FakeRequest.sent.length, 0);
});

test("two at a time are on their way, the next when one is over", async () => {
  for (const view of ["frontal", "vertex", "left"]) await chosen(view);
  queue.sendAll();
  const [first] = await requests(2);
  assert.deepEqual([queue.count("sending"), queue.count("waiting")], [2, 1]);
  await first.answer(200, FILED);
  await requests(3);
  assert.deepEqual([queue.count("kept"), queue.count("sending"), queue.count("waiting")], [1, 2, 0]);
});

test("no answer: tried again by itself after 1, 2, 4 s, under the same id", async () => {
  const [upload, request] = await underWay();
  await request.fail();
  assert.equal(upload.state, "away");
  await clock.pass(999);
  assert.equal(FakeRequest.sent.length, 1);
  await clock.pass(1);
  const [, second] = await requests(2);
  assert.equal(second.body.get("id"), upload.id);
  await second.answer(503, {});
  assert.equal(upload.state, "away");
  await clock.pass(1999);
  assert.equal(FakeRequest.sent.length, 2);
  await clock.pass(1);
  const [, , third] = await requests(3);
  await third.answer(200, FILED);
  assert.equal(upload.state, "kept");
});

test("the pause never grows beyond a minute", async () => {
  const [upload, request] = await underWay();
  upload.tries = 40;
  await request.fail();
  await clock.pass(60_000);
  await requests(2);
});

test("back on the network, what is away is sent at once", async () => {
  const [, request] = await underWay();
  await request.fail();
  dispatchEvent(new Event("online"));
  await requests(2);
});

test("a refusal stays with its sentence until a person sends it again", async () => {
  const [upload, request] = await underWay();
  await request.answer(422, { sentence: "This is no photo." });
  assert.deepEqual([upload.state, upload.sentence], ["refused", "This is no photo."]);
  await clock.pass(600_000);
  assert.equal(FakeRequest.sent.length, 1);
  queue.send(upload);
  const [, again] = await requests(2);
  await again.answer(200, { ...FILED, status: "duplicate" });
  assert.equal(upload.state, "duplicate");
});

test("a refusal without a sentence gets one", async () => {
  for (const [status, words] of [
    [413, /larger than the server takes/],
    [403, /Your role here/],
    [404, /no longer here/],
    [400, /could not take this photo/],
  ]) {
    const [upload, request] = await underWay();
    await request.answer(status, "<html>");
    assert.equal(upload.state, "refused");
    assert.match(upload.sentence, words);
  }
});

test("bytes that were cut on the way are sent again twice, then refused", async () => {
  const [upload, first] = await underWay();
  await first.answer(422, { code: "altered_on_the_way", sentence: "cut" });
  const second = (await requests(2))[1];
  await second.answer(422, { code: "altered_on_the_way", sentence: "cut" });
  const third = (await requests(3))[2];
  assert.equal(upload.state, "sending");
  await third.answer(422, { code: "altered_on_the_way", sentence: "cut" });
  assert.deepEqual([upload.state, upload.sentence], ["refused", "cut"]);
});

test("an old token is made fresh once, and the photo goes again", async () => {
  const asked = answering({ json: { csrf: "fresh" } });
  const [upload, request] = await underWay();
  await request.answer(403, { error: "token" });
  const [, again] = await requests(2);
  assert.equal(asked[0].url, "/who/");
  assert.equal(again.headers["X-CSRFToken"], "fresh");
  await again.answer(200, FILED);
  assert.equal(upload.state, "kept");
});

test("photos of another clinic are not sent into this one", async () => {
  const [upload, request] = await underWay();
  await request.answer(409, { error: "other_clinic", clinic: "Lime Tree" });
  assert.equal(upload.state, "refused");
  assert.match(upload.sentence, /another clinic than Lime Tree/);
});

test("an empty file and one that is too large never leave", async () => {
  const empty = queue.add(new File([], "empty.jpg"), { view: "vertex" });
  const large = queue.add({ name: "large.jpg", size: MAX_BYTES + 1 }, { view: "left" });
  const gone = queue.add(
    { name: "gone.jpg", size: 5, arrayBuffer: () => Promise.reject(new Error("gone")) },
    { view: "right" },
  );
  queue.sendAll();
  for (let turn = 0; queue.count("refused") < 3 && turn < 50; turn += 1) await settled();
  assert.match(empty.sentence, /is empty/);
  assert.match(large.sentence, /larger than 40 MB/);
  assert.match(gone.sentence, /no longer be read/);
  assert.equal(FakeRequest.sent.length, 0);
});

test("taken out, a photo is stopped and does not come back", async () => {
  const [upload, request] = await underWay();
  queue.remove(upload);
  await clock.pass(100_000);
  assert.ok(request.isAborted);
  assert.deepEqual(queue.uploads, []);
  assert.equal(FakeRequest.sent.length, 1);
});

test("settled once nothing is on its way, also when something was refused", async () => {
  let isSettled = false;
  const [, request] = await underWay();
  queue.settled().then(() => {
    isSettled = true;
  });
  await settled();
  assert.equal(isSettled, false);
  await request.answer(422, { sentence: "no" });
  assert.equal(isSettled, true);
});

test("the page is held back while something is not sent, and no longer", async () => {
  const leave = () => {
    const event = new Event("beforeunload", { cancelable: true });
    dispatchEvent(event);
    return !event.defaultPrevented;
  };
  assert.equal(leave(), true);
  const [, request] = await underWay();
  assert.equal(leave(), false);
  await request.answer(200, FILED);
  assert.equal(leave(), true);
});
