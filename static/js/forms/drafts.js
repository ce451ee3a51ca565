// Keeps what is typed on the server: a second after the last key, two seconds after the first that was not kept.

import { fingerprint, read } from "./contents.js";
import { NoAnswer, pause } from "./server.js";

const AFTER_LAST_KEY = 1000;
const AT_THE_LATEST = 2000;
// A browser lets go of at most 64 kB in one message while a page is closing.
const MOST_WHILE_LEAVING = 60_000;

export class DraftKeeper {
  #timer = 0;
  #firstKey = 0;
  #sequence = 0;
  #underWay = null;
  #again = false;
  #kept;
  #paused = false;
  #touched = false;
  #replaces = "";

  constructor(form, server, state) {
    Object.assign(this, { form, server, state });
    this.opening = word();
    this.#kept = fingerprint(read(form));
    // Other modules may fill fields while the page loads; that is not typing.
    const begin = () => this.#touched || (this.#kept = fingerprint(read(form)));
    form.addEventListener("focusin", begin, { once: true });
    form.addEventListener("pointerdown", begin, { once: true, capture: true });
  }

  /** Whether something typed is not on the server yet. */
  get isBehind() {
    return this.#touched && fingerprint(read(this.form)) !== this.#kept;
  }

  changed() {
    this.#touched = true;
    this.state.tell({ dirty: this.isBehind, outcome: null });
    this.#schedule();
  }

  #schedule() {
    if (this.#paused || !this.server.ticket || !this.isBehind) return;
    const now = Date.now();
    this.#firstKey ||= now;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), Math.min(AFTER_LAST_KEY, Math.max(0, this.#firstKey + AT_THE_LATEST - now)));
  }

  /** Send what is not kept yet. `leaving`: the page is going away, one try must do. */
  flush({ leaving = false } = {}) {
    clearTimeout(this.#timer);
    if (this.#paused || !this.server.ticket || !this.isBehind) return Promise.resolve();
    if (leaving) return this.#send({ keepalive: true }).catch(() => {});
    if (this.#underWay) {
      this.#again = true;
      return this.#underWay;
    }
    this.#underWay = this.#sendUntilKept().finally(() => {
      this.#underWay = null;
      if (this.#again) {
        this.#again = false;
        this.#schedule();
      }
    });
    return this.#underWay;
  }

  /** A draft was put into the form: from now on this opening's draft stands for it. */
  async takeOver(opening) {
    this.#replaces = opening;
    this.#touched = true;
    this.#kept = "";
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

  async #sendUntilKept() {
    for (let tries = 0; !this.#paused; tries += 1) {
      try {
        return await this.#send();
      } catch (fault) {
        if (!(fault instanceof NoAnswer)) throw fault;
        if (!this.state.facts.offlineSince) this.state.tell({ offlineSince: Date.now() });
        await pause(tries);
      }
    }
  }

  async #send({ keepalive = false } = {}) {
    const values = read(this.form);
    const version = Number.parseInt(this.form.querySelector("[name=version]")?.value, 10);
    const body = JSON.stringify({
      ticket: this.server.ticket,
      opening: this.opening,
      values,
      base_version: Number.isNaN(version) ? null : version,
      sequence: (this.#sequence += 1),
      replaces: this.#replaces || null,
    });
    const answer = await this.server.ask(this.server.keepUrl, {
      method: "POST",
      body,
      type: "application/json",
      keepalive: keepalive && body.length < MOST_WHILE_LEAVING,
      seconds: 10,
    });
    if (answer.ok) this.#isKept(values, await answer.json());
    else this.#isRefused(answer.status);
  }

  #isKept(values, told) {
    this.#kept = fingerprint(values);
    this.#replaces = "";
    this.#firstKey = 0;
    const behind = this.isBehind;
    if (behind) this.#again = true;
    const facts = { keptAt: told.saved_label, dirty: behind, offlineSince: 0, signedOut: !told.signed_in };
    this.state.tell(this.state.facts.sending ? { keptAt: facts.keptAt } : { ...facts, problem: "" });
  }

  #isRefused(status) {
    const why = {
      401: "sign in again in another window, or press Save; what you typed is still here",
      413: "this is too long for one; press Save; what you typed is still here",
    }[status];
    this.state.tell({ offlineSince: 0, problem: why ?? "press Save; what you typed is still here" });
  }
}

function word() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
