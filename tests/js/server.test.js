import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { NoAnswer, pause, Server } from "../../static/js/forms/server.js";
import { answering, Clock, FakeForm, openPage } from "./browser.js";

const FACTS = { value: "7.3", dataset: { name: "Dr Bloom", signIn: "/who/", keep: "/keep/", ticket: "T" } };
let clock;
let server;
let token;

beforeEach(() => {
  openPage();
  clock = new Clock();
  token = { value: "old" };
  server = new Server(new FakeForm([], { fields: { "[data-as]": FACTS, "[name=csrfmiddlewaretoken]": token } }));
});

afterEach(() => clock.stop());

test("who opened the form, and for which clinic, is read from the page", () => {
  assert.deepEqual([server.person, server.clinic, server.name, server.ticket], ["7", "3", "Dr Bloom", "T"]);
  const nobody = new Server(new FakeForm());
  assert.deepEqual([nobody.person, nobody.clinic, nobody.ticket, nobody.token], ["", "", "", ""]);
});

test("every question says who asks and carries the token", async () => {
  const asked = answering({ json: { fine: true } });
  const answer = await server.ask("/x/", { method: "POST", body: "{}", type: "application/json" });
  assert.ok(answer.ok);
  assert.equal(asked[0].headers["X-CSRFToken"], "old");
  assert.equal(asked[0].headers["X-Opened-As"], "7.3");
  assert.equal(asked[0].headers["Content-Type"], "application/json");
});

test("an old token is renewed, and the same asked once more with a body made anew", async () => {
  const asked = answering(
    { status: 403, json: { error: "token" } },
    { json: { csrf: "new" } },
    { json: { saved: true } },
  );
  let made = 0;
  const body = () => {
    made += 1;
    return JSON.stringify({ made });
  };
  const answer = await server.ask("/x/", { method: "POST", body });
  assert.deepEqual(await answer.json(), { saved: true });
  assert.deepEqual(
    asked.map((one) => one.url),
    ["/x/", "/who/", "/x/"],
  );
  assert.equal(asked[2].headers["X-CSRFToken"], "new");
  assert.equal(asked[2].data.made, 2);
  assert.equal(token.value, "new");
});

test("another refusal is an answer and is not asked again", async () => {
  const asked = answering({ status: 403, json: { error: "not yours" } });
  const answer = await server.ask("/x/");
  assert.equal(answer.status, 403);
  assert.equal(asked.length, 1);
});

test("no network and a proxy without its server are no answer", async () => {
  for (const answer of [new TypeError("network"), { status: 502 }, { status: 503 }, { status: 504 }, { status: 507 }]) {
    answering(answer);
    await assert.rejects(server.ask("/x/"), NoAnswer);
  }
});

test("a machine that fails is no answer either, and its sentence is kept", async () => {
  for (const status of [503, 507]) {
    answering({ status, json: { error: "outage", code: "disk_full", sentence: "The disk is full." } });
    await assert.rejects(
      server.ask("/x/"),
      (fault) => fault instanceof NoAnswer && fault.sentence === "The disk is full.",
    );
  }
});

test("a server that is too slow is no answer", async () => {
  globalThis.fetch = (_url, { signal }) =>
    new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))));
  const asking = assert.rejects(server.ask("/x/", { seconds: 10 }), NoAnswer);
  await clock.pass(10_000);
  await asking;
});

async function lasts(tries) {
  const begun = clock.now;
  const waiting = pause(tries).then(() => clock.now - begun);
  await clock.pass(20_000);
  return waiting;
}

test("the pause doubles up to five seconds", async () => {
  const seconds = [];
  for (const tries of [0, 1, 2, 3, 4, 9]) seconds.push((await lasts(tries)) / 1000);
  assert.deepEqual(seconds, [1, 2, 4, 5, 5, 5]);
});

test("the pause ends when the network is back, or when somebody presses again", async () => {
  let ended = 0;
  const end = () => {
    ended += 1;
  };
  pause(9).then(end);
  const press = new AbortController();
  pause(9, { signal: press.signal }).then(end);
  press.abort();
  await clock.pass(0);
  assert.equal(ended, 1);
  dispatchEvent(new Event("online"));
  await clock.pass(0);
  assert.equal(ended, 2);
});
