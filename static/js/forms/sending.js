// Sends a form until the server has answered, and takes the answer in. The record's id is in the form, so that sending
// the same twice saves it once.

import { countObjections, focusSummary, showAnswer } from "./answer.js";
import { rememberSaved } from "./after-save.js";
import { whileCovered } from "../under-cover.js";
import { NoAnswer, isJson, pause } from "./server.js";
import { CONTINUED, SOMEBODY_ELSE, askToSignIn, openAnew } from "./sign-in.js";

const SECONDS_FOR_TEXT = 30;
const SECONDS_FOR_FILES = 180;

export class Sender {
  #isSending = false;
  /** @type {AbortController | null} */
  #waiting = null;
  isSaved = false;
  isLeft = false;

  get isSending() {
    return this.#isSending;
  }

  /**
   * @param {HTMLFormElement} form
   * @param {import("./server.js").Server} server
   * @param {import("./state-line.js").StateLine} state
   * @param {import("./drafts.js").DraftKeeper} keeper
   */
  constructor(form, server, state, keeper) {
    this.form = form;
    this.server = server;
    this.state = state;
    this.keeper = keeper;
  }

  /**
   * Save the form. Pressed again while it waits for the network, it tries at once.
   * @param {HTMLElement | null} submitter
   */
  async save(submitter) {
    if (this.isSaved) return;
    if (this.#isSending) {
      this.#waiting?.abort();
      return;
    }
    this.#isSending = true;
    this.state.update({ sending: true, outcome: null });
    this.#lock(true);
    try {
      await this.keeper.pause();
      await this.#untilAnswered(submitter);
    } finally {
      this.#isSending = false;
      if (!this.isSaved) {
        this.#lock(false);
        this.state.update({ sending: false });
        this.keeper.resume();
      }
    }
  }

  /** @param {HTMLElement | null} submitter */
  async #untilAnswered(submitter) {
    for (let tries = 0; ; tries += 1) {
      /** @type {Response} */
      let answer;
      try {
        this.#lock(true);
        answer = await this.#send(submitter);
      } catch (fault) {
        if (!(fault instanceof NoAnswer)) throw fault;
        this.state.update({ offlineSince: this.state.facts.offlineSince || Date.now(), outage: fault.sentence });
        this.#lock(false);
        this.#waiting = new AbortController();
        await pause(tries, { signal: this.#waiting.signal });
        continue;
      }
      this.state.update({ offlineSince: 0, outage: "" });
      if (!(await this.#take(answer))) return;
    }
  }

  /** @param {HTMLElement | null} submitter @returns {Promise<Response>} */
  #send(submitter) {
    const { form } = this;
    const isMultipart = form.enctype === "multipart/form-data";
    const body = () => {
      const button = /** @type {HTMLButtonElement | null} */ (submitter);
      const data = new FormData(form, button?.form === form ? button : null);
      data.set("_opening", this.keeper.opening);
      if (isMultipart) return data;
      const texts = [...data].filter(([, value]) => typeof value === "string");
      return new URLSearchParams(/** @type {[string, string][]} */ (texts));
    };
    const seconds = isMultipart ? SECONDS_FOR_FILES : SECONDS_FOR_TEXT;
    return this.server.ask(form.getAttribute("action") || location.href, { method: "POST", body, seconds });
  }

  /** Returns whether to send once more. @param {Response} answer */
  async #take(answer) {
    if (!isJson(answer)) {
      await this.#takePage(answer);
      return false;
    }
    const data = await answer.json();
    if (data.go) {
      await this.#saved(data.go);
      return false;
    }
    if (data.error === "signed_out") return this.#signIn({});
    if (data.error === "pin_only") return this.#signIn({ isAfterPin: true });
    if (data.error === "other_person") return this.#signIn({ other: data.name });
    if (data.error === "other_clinic") {
      this.#problem(
        `this form belongs to another clinic than ${data.clinic}, where you work now; choose its clinic in a second window, then press Save`,
      );
    } else this.#problem(data.error ?? sentenceFor(answer.status));
    return false;
  }

  /** @param {Response} answer */
  async #takePage(answer) {
    const html = await answer.text();
    if (answer.redirected && answer.ok) {
      await this.#saved(answer.url);
    } else if (showAnswer(this.form, html)) {
      const count = countObjections(this.form);
      const text = count ? `${count} ${count === 1 ? "thing" : "things"} to put right` : "read the message above";
      this.state.update({ outcome: { kind: "wait", text } });
      focusSummary(this.form);
    } else {
      this.#problem(sentenceFor(answer.status));
    }
  }

  /**
   * @param {{other?: string, isAfterPin?: boolean}} facts who is signed in instead, if anybody
   * @returns {Promise<boolean>} whether to send once more
   */
  async #signIn(facts) {
    this.state.update({ sending: false, signedOut: !facts.isAfterPin });
    const result = await askToSignIn(this.server, facts);
    if (result === CONTINUED) {
      this.state.update({ sending: true, signedOut: false });
      return true;
    }
    if (result === SOMEBODY_ELSE) await openAnew();
    return false;
  }

  /** @param {string} address */
  async #saved(address) {
    this.isSaved = true;
    this.keeper.forget();
    /** @type {Promise<unknown>[]} */
    const wait = [];
    /** @type {Saved} */
    const detail = { go: address, waitUntil: (promise) => wait.push(promise) };
    this.form.dispatchEvent(new CustomEvent("record-form:saved", { bubbles: true, detail }));
    // What is typed from here on would go nowhere.
    for (const part of /** @type {HTMLElement[]} */ ([...this.form.children])) {
      if (!part.matches(".savebar")) part.inert = true;
    }
    this.state.update({ saved: clock(), sending: false, goOn: wait.length ? address : "" });
    await Promise.allSettled(wait);
    await whileCovered();
    rememberSaved();
    // Not one step in the history: Back leads to the page before the form, not to a form that was saved.
    location.replace(address);
  }

  /** Somebody else has signed in: keep what is there for the first person, and stand in nobody's way. */
  async leave() {
    this.keeper.resume();
    await this.keeper.flush();
    this.isLeft = true;
  }

  /** @param {string} sentence */
  #problem(sentence) {
    this.state.update({ outcome: { kind: "fail", text: sentence } });
  }

  /** While the form is on its way, Save says that it is not to be pressed. @param {boolean} isLocked */
  #lock(isLocked) {
    for (const button of this.form.querySelectorAll("[data-save]")) {
      if (isLocked) button.setAttribute("aria-disabled", "true");
      else button.removeAttribute("aria-disabled");
    }
  }
}

/** @param {number} status */
function sentenceFor(status) {
  if (status === 413) return "this is too much for the server at once; everything you typed is still here";
  if (status === 403)
    return "your role may not save this; everything is still here, ask the person who looks after Anagen";
  if (status === 404) return "the record is no longer here, but everything you typed is";
  if (status === 429) return "too many tries; wait a minute, then press Save again";
  return "the server could not save it; everything is still here, press Save again";
}

function clock() {
  return new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
}
