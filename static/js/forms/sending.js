// Sends a form until the server has answered, and takes the answer in. The record's id is in the form, so that sending
// the same twice saves it once.

import { countObjections, focusSummary, showAnswer } from "./answer.js";
import { NoAnswer, isJson, pause } from "./server.js";
import { CONTINUED, SOMEBODY_ELSE, askToSignIn, openAnew } from "./sign-in.js";

const SECONDS_FOR_TEXT = 30;
const SECONDS_FOR_FILES = 180;

export class Sender {
  #isSending = false;
  #waiting = null;
  isSaved = false;
  isLeft = false;

  get isSending() {
    return this.#isSending;
  }

  constructor(form, server, state, keeper) {
    Object.assign(this, { form, server, state, keeper });
  }

  /** Save the form. Pressed again while it waits for the network, it tries at once. */
  async save(submitter) {
    if (this.isSaved) return;
    if (this.#isSending) {
      this.#waiting?.abort();
      return;
    }
    this.#isSending = true;
    this.state.tell({ sending: true, outcome: null });
    this.#hold(true);
    try {
      await this.keeper.pause();
      await this.#untilAnswered(submitter);
    } finally {
      this.#isSending = false;
      if (!this.isSaved) {
        this.#hold(false);
        this.state.tell({ sending: false });
        this.keeper.resume();
      }
    }
  }

  async #untilAnswered(submitter) {
    for (let tries = 0; ; tries += 1) {
      let answer;
      try {
        this.#hold(true);
        answer = await this.#send(submitter);
      } catch (fault) {
        if (!(fault instanceof NoAnswer)) throw fault;
        if (!this.state.facts.offlineSince) this.state.tell({ offlineSince: Date.now() });
        this.#hold(false);
        this.#waiting = new AbortController();
        await pause(tries, { signal: this.#waiting.signal });
        continue;
      }
      this.state.tell({ offlineSince: 0 });
      if (!(await this.#take(answer))) return;
    }
  }

  #send(submitter) {
    const { form } = this;
    const isMultipart = form.enctype === "multipart/form-data";
    const body = () => {
      const data = new FormData(form, submitter?.form === form ? submitter : null);
      data.set("_opening", this.keeper.opening);
      if (isMultipart) return data;
      return new URLSearchParams([...data].filter(([, value]) => typeof value === "string"));
    };
    const seconds = isMultipart ? SECONDS_FOR_FILES : SECONDS_FOR_TEXT;
    return this.server.ask(form.getAttribute("action") || location.href, { method: "POST", body, seconds });
  }

  /** Returns whether to send once more. */
  async #take(answer) {
    if (!isJson(answer)) {
      await this.#takePage(answer);
      return false;
    }
    const told = await answer.json();
    if (told.go) {
      await this.#saved(told.go);
      return false;
    }
    if (told.error === "signed_out") return this.#signIn({});
    if (told.error === "other_person") return this.#signIn({ other: told.name });
    if (told.error === "other_clinic") this.#problem(`this form belongs to another clinic than ${told.clinic}, where you work now; choose it again, then press Save`);
    else this.#problem(told.error ?? sentenceFor(answer.status));
    return false;
  }

  async #takePage(answer) {
    const html = await answer.text();
    if (answer.redirected && answer.ok) {
      await this.#saved(answer.url);
    } else if (showAnswer(this.form, html)) {
      const count = countObjections(this.form);
      const words = count ? `${count} ${count === 1 ? "thing" : "things"} to put right` : "read what stands above";
      this.state.tell({ outcome: { kind: "wait", words } });
      focusSummary(this.form);
    } else {
      this.#problem(sentenceFor(answer.status));
    }
  }

  async #signIn(facts) {
    this.state.tell({ sending: false, signedOut: true });
    const result = await askToSignIn(this.server, facts);
    if (result === CONTINUED) {
      this.state.tell({ sending: true, signedOut: false });
      return true;
    }
    if (result === SOMEBODY_ELSE) await openAnew();
    return false;
  }

  async #saved(address) {
    this.isSaved = true;
    this.keeper.forget();
    const wait = [];
    const detail = { go: address, waitUntil: (promise) => wait.push(promise) };
    this.form.dispatchEvent(new CustomEvent("record-form:saved", { bubbles: true, detail }));
    // What is typed from here on would go nowhere.
    for (const part of this.form.children) if (!part.matches(".savebar")) part.inert = true;
    this.state.tell({ saved: clock(), sending: false, goOn: wait.length ? address : "" });
    await Promise.allSettled(wait);
    // Not one step in the history: Back leads to the page before the form, not to a form that was saved.
    location.replace(address);
  }

  /** Somebody else has signed in: keep what is there for the first person, and stand in nobody's way. */
  async leave() {
    this.keeper.resume();
    await this.keeper.flush();
    this.isLeft = true;
  }

  #problem(sentence) {
    this.state.tell({ outcome: { kind: "fail", words: sentence } });
  }

  #hold(isHeld) {
    for (const button of this.form.querySelectorAll("[data-save]")) {
      if (isHeld) button.setAttribute("aria-disabled", "true");
      else button.removeAttribute("aria-disabled");
    }
  }
}

function sentenceFor(status) {
  if (status === 413) return "this is more than the server takes at once; everything is still here";
  if (status === 403) return "your role may not save this; everything is still here, ask a manager of the clinic";
  if (status === 404) return "the record is no longer here; everything you typed is";
  if (status === 429) return "too many tries; wait a minute, then press Save again";
  return "the server could not save it; everything is still here, press Save again";
}

function clock() {
  return new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
}
