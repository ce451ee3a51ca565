import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { NoAnswer } from "../../static/js/forms/server.js";
import { transfer } from "../../static/js/photos/transfer.js";
import { Clock, FakeRequest, openPage, settled } from "./browser.js";

let clock;
let progress;
let result;

beforeEach(() => {
  openPage();
  FakeRequest.install();
  clock = new Clock();
  progress = [];
});

afterEach(() => clock.stop());

function send(options = {}) {
  const server = { token: "t", openedAs: "7.3" };
  result = undefined;
  transfer("/upload/", "body", { server, onProgress: (share) => progress.push(share), ...options }).then(
    (answer) => {
      result = answer;
    },
    (fault) => {
      result = fault;
    },
  );
  return FakeRequest.sent.at(-1);
}

test("the answer comes with its status and what it says", async () => {
  const request = send();
  request.progress(1, 4);
  request.upload.dispatchEvent(new Event("load"));
  await request.answer(201, { status: "kept" });
  assert.deepEqual(progress, [0.25, 1]);
  assert.deepEqual(result, { status: 201, data: { status: "kept" } });
});

test("an answer that is no JSON says nothing", async () => {
  await send().answer(500, "<h1>Server error</h1>");
  assert.deepEqual(result, { status: 500, data: {} });
  await send().answer(200, "null");
  assert.deepEqual(result, { status: 200, data: {} });
});

test("a proxy without its server is no answer", async () => {
  for (const status of [502, 504, 0]) {
    await send().answer(status, "");
    assert.ok(result instanceof NoAnswer, String(status));
  }
});

test("a minute without a byte is given up; every byte begins it anew", async () => {
  const request = send();
  await clock.pass(59_000);
  request.progress(1, 2);
  await clock.pass(59_000);
  assert.equal(result, undefined);
  await clock.pass(1_000);
  assert.ok(result instanceof NoAnswer);
});

test("once all has left the server has longer to look at it", async () => {
  const request = send();
  request.upload.dispatchEvent(new Event("load"));
  await clock.pass(149_000);
  assert.equal(result, undefined);
  await clock.pass(1_000);
  assert.ok(result instanceof NoAnswer);
});

test("stopped by the person is no answer either", async () => {
  const stop = new AbortController();
  const request = send({ signal: stop.signal });
  stop.abort();
  await settled();
  assert.ok(request.isAborted);
  assert.ok(result instanceof NoAnswer);
});
