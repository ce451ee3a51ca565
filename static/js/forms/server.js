// One form's line to the server: who opened it, a CSRF token that may change under way, and no answer told apart from
// "no".

import { afterUncovering, isCoveredAnswer } from "../under-cover.js";

/**
 * One question to the server. A body that is a function is made anew for each try.
 * @typedef {object} Question
 * @property {string} [method]
 * @property {BodyInit | (() => BodyInit)} [body]
 * @property {string} [type] of the body
 * @property {boolean} [keepalive]
 * @property {number} [seconds] until it counts as not answered
 * @property {Record<string, string>} [headers]
 */

/**
 * Nobody answered: the network is away, the server is down or too slow; or it said in `sentence` that its machine fails.
 * The same may be sent again.
 */
export class NoAnswer extends Error {
  /** @param {string} message @param {string} [sentence] */
  constructor(message, sentence = "") {
    super(message);
    this.sentence = sentence;
  }
}

const SECONDS = 1000;
const NOT_THERE = new Set([502, 503, 504, 507]);

export class Server {
  /** @param {HTMLFormElement} form */
  constructor(form) {
    /** @type {HTMLInputElement | null} */
    const facts = form.querySelector("[data-as]");
    this.openedAs = facts?.value ?? "";
    const [person, clinic = ""] = this.openedAs.split(/[.:]/);
    this.person = person;
    this.clinic = clinic;
    this.name = facts?.dataset.name ?? "";
    this.email = facts?.dataset.email ?? "";
    this.signInUrl = facts?.dataset.signIn ?? "";
    this.passkeyUrl = facts?.dataset.passkeys ?? "";
    this.keepUrl = facts?.dataset.keep ?? "";
    this.ticket = facts?.dataset.ticket ?? "";
    /** @type {HTMLInputElement | null} */
    this.tokenField = form.querySelector("[name=csrfmiddlewaretoken]");
  }

  get token() {
    return this.tokenField?.value ?? "";
  }

  set token(value) {
    if (this.tokenField) this.tokenField.value = value;
  }

  /**
   * The server's answer, whatever it says; raises NoAnswer when there is none. Waits while the page is covered.
   * @param {string} url
   * @param {Question} question
   * @returns {Promise<Response>}
   */
  async ask(url, { method = "GET", body, type, keepalive = false, seconds = 30, headers = {} } = {}) {
    const send = () =>
      this.#fetch(
        url,
        {
          method,
          keepalive,
          body: typeof body === "function" ? body() : body,
          headers: {
            "X-Requested-With": "fetch",
            "X-CSRFToken": this.token,
            "X-Opened-As": this.openedAs,
            ...(type ? { "Content-Type": type } : {}),
            ...headers,
          },
        },
        seconds,
      );
    const answer = await send();
    if (isCoveredAnswer(answer.status)) {
      await afterUncovering();
      return this.ask(url, { method, body, type, keepalive, seconds, headers });
    }
    if (!(await saysTokenIsOld(answer))) return answer;
    await this.freshToken();
    return send();
  }

  /** Signing in elsewhere changes the CSRF token of this page too. @returns {Promise<{csrf: string}>} */
  async freshToken() {
    const answer = await this.#fetch(this.signInUrl, { headers: { "X-Requested-With": "fetch" } }, 15);
    const data = await answer.json();
    this.token = data.csrf;
    return data;
  }

  /** @param {string} url @param {RequestInit} options @param {number} seconds */
  async #fetch(url, options, seconds) {
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), seconds * SECONDS);
    try {
      const answer = await fetch(url, { credentials: "same-origin", signal: patience.signal, ...options });
      if (NOT_THERE.has(answer.status)) throw new NoAnswer(String(answer.status), await outageIn(answer));
      return answer;
    } catch (fault) {
      throw fault instanceof NoAnswer ? fault : new NoAnswer(/** @type {Error} */ (fault).message);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** @param {Response} answer */
export function isJson(answer) {
  return (answer.headers.get("Content-Type") ?? "").startsWith("application/json");
}

/** What the server says of its outage; "" where a proxy answers for it. @param {Response} answer */
async function outageIn(answer) {
  if (!isJson(answer)) return "";
  return (await answer.json().catch(() => ({}))).sentence ?? "";
}

/** @param {Response} answer */
async function saysTokenIsOld(answer) {
  if (answer.status !== 403 || !isJson(answer)) return false;
  return (await answer.clone().json()).error === "token";
}

/** A database that died is replaced within 20 seconds; who waits for it shall not wait half as long again. */
const LONGEST_PAUSE = 5 * SECONDS;

/**
 * Wait before the nth further try: 1, 2, 4, then 5 seconds; shorter when the network comes back.
 * @param {number} tries
 * @param {{signal?: AbortSignal}} options
 * @returns {Promise<void>}
 */
export function pause(tries, { signal } = {}) {
  return new Promise((resolve) => {
    /** @type {() => void} */
    const done = () => {
      clearTimeout(timer);
      removeEventListener("online", done);
      resolve();
    };
    const timer = setTimeout(done, Math.min(2 ** tries * SECONDS, LONGEST_PAUSE));
    addEventListener("online", done);
    signal?.addEventListener("abort", done, { once: true });
  });
}
