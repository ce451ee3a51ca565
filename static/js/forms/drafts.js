// Stores what is typed on the server: a second after the last key, two seconds after the first that was not stored.

import { fingerprint, read } from "./contents.js";
import { NoAnswer, pause } from "./server.js";

const AFTER_LAST_KEY = 1000;
const AT_THE_LATEST = 2000;
// A browser lets go of at most 64 kB in one message while a page is closing.
const MOST_WHILE_LEAVING = 60_000;

export class DraftKeeper {
  /** @type {ReturnType<typeof setTimeout>} */
  #timer;
  #firstKey = 0;
  #sequence = 0;
  /** @type {Promise<void> | null} */
  #underWay = null;
  #again = false;
  /** The fingerprint of what the server has. */
  #stored = "";
  #paused = false;
  #touched = false;
  #replaces = "";

  /**
   * @param {HTMLFormElement} form
   * @param {import("./server.js").Server} server
   * @param {import("./state-line.js").StateLine} state
   */
  constructor(form, server, state) {
    this.form = form;
    this.server = server;
    this.state = state;
    this.opening = newOpening();
    this.#stored = fingerprint(read(form));
    // Other modules may fill fields while the page loads; that is not typing.
    const begin = () => {
      if (!this.#touched) this.#stored = fingerprint(read(form));
    };
    form.addEventListener("focusin", begin, { once: true });
    form.addEventListener("pointerdown", begin, { once: true, capture: true });
  }

  /** Whether something typed is not on the server yet. */
  get isBehind() {
    return this.#touched && fingerprint(read(this.form)) !== this.#stored;
  }

  changed() {
    this.#touched = true;
    this.state.update({ dirty: this.isBehind, outcome: null });
    this.#schedule();
  }

  #schedule() {
    if (this.#paused || !this.server.ticket || !this.isBehind) return;
    const now = Date.now();
    this.#firstKey ||= now;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => this.flush(),
      Math.min(AFTER_LAST_KEY, Math.max(0, this.#firstKey + AT_THE_LATEST - now)),
    );
  }

  /** Send what is not stored yet. `leaving`: the page is going away, one try must do. @returns {Promise<void>} */
  flush({ leaving = false } = {}) {
    clearTimeout(this.#timer);
    if (this.#paused || !this.server.ticket || !this.isBehind) return Promise.resolve();
    if (leaving) return this.#send({ keepalive: true }).catch(() => {});
    if (this.#underWay) {
      this.#again = true;
      return this.#underWay;
    }
    this.#underWay = this.#sendUntilStored().finally(() => {
      this.#underWay = null;
      if (this.#again) {
        this.#again = false;
        this.#schedule();
      }
    });
    return this.#underWay;
  }

  /** A draft was put into the form: from now on this opening's draft stands for it. @param {string} opening */
  async takeOver(opening) {
    this.#replaces = opening;
    this.#touched = true;
    this.#stored = "";
    await this.flush();
  }

  /** While the form itself is sent no draft is, so that none outlives the record. Waits for one that is on its way. */
  async pause() {
    this.#paused = true;
    clearTimeout(this.#timer);
    if (!this.state.facts.offlineSince) await this.#underWay?.catch(() => {});
  }

  /** The form is saved. The server forgets the draft with it; where it does not, this does. */
  forget() {
    const { draft, draftUrl } = this.form.dataset;
    if (!this.#sequence || !draftUrl) return;
    const url = `${draftUrl}?form=${encodeURIComponent(`${draft}#${this.opening}`)}`;
    this.server.ask(url, { method: "DELETE", keepalive: true, seconds: 10 }).catch(() => {});
  }

  resume() {
    this.#paused = false;
    this.#schedule();
  }

  async #sendUntilStored() {
    for (let tries = 0; !this.#paused; tries += 1) {
      try {
        return await this.#send();
      } catch (fault) {
        if (!(fault instanceof NoAnswer)) throw fault;
        this.state.update({ offlineSince: this.state.facts.offlineSince || Date.now(), outage: fault.sentence });
        await pause(tries);
      }
    }
  }

  async #send({ keepalive = false } = {}) {
    const values = read(this.form);
    /** @type {HTMLInputElement | null} */
    const field = this.form.querySelector("[name=version]");
    const version = Number.parseInt(field?.value, 10);
    this.#sequence += 1;
    const body = JSON.stringify({
      ticket: this.server.ticket,
      opening: this.opening,
      values,
      base_version: Number.isNaN(version) ? null : version,
      sequence: this.#sequence,
      replaces: this.#replaces || null,
    });
    const answer = await this.server.ask(this.server.keepUrl, {
      method: "POST",
      body,
      type: "application/json",
      keepalive: keepalive && body.length < MOST_WHILE_LEAVING,
      seconds: 10,
    });
    if (answer.ok) this.#isStored(values, await answer.json());
    else this.#isRefused(answer.status);
  }

  /** @param {import("./contents.js").Values} values @param {{saved_label: string, signed_in: boolean}} data */
  #isStored(values, data) {
    this.#stored = fingerprint(values);
    this.#replaces = "";
    this.#firstKey = 0;
    const behind = this.isBehind;
    if (behind) this.#again = true;
    const facts = { draftSavedAt: data.saved_label, dirty: behind, offlineSince: 0, signedOut: !data.signed_in };
    this.state.update(this.state.facts.sending ? { draftSavedAt: facts.draftSavedAt } : { ...facts, problem: "" });
  }

  /** @param {number} status */
  #isRefused(status) {
    /** @type {Record<number, string>} */
    const reasons = {
      401: "sign in again in another window, or press Save; what you typed is still here",
      413: "this is too long for one; press Save; what you typed is still here",
      429: "too many drafts are kept already; press Save; what you typed is still here",
    };
    this.state.update({ offlineSince: 0, problem: reasons[status] ?? "press Save; what you typed is still here" });
  }
}

/** The name of this opening of the page. */
function newOpening() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
