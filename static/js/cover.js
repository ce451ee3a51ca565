// The cover over a page that nobody has touched, or that somebody covered: nothing of the page is seen, read aloud or
// printed, while all of it stays as it is. Only the server's word lifts it: after a PIN, or after a full sign-in.

import { NoAnswer, Server, isJson, pause } from "./forms/server.js";
import { CONTINUED, SOMEBODY_ELSE, askToSignIn, openAnew } from "./forms/sign-in.js";
import { useKeypads } from "./keypad.js";
import { useCover } from "./under-cover.js";

const STORED = "anagen-covered";
const LOOK_PERSON = "anagen-person";
const HELD = "anagen-held"; // a mark of the window whose page is held before a patient; "" for none
const DRAFTS_WITHIN = 5000; // ms; then they are sent under the cover

export class Cover {
  /** @type {Promise<void> | null} */
  #lifted = null;
  /** @type {() => void} */
  #lift;
  #isLeaving = false;
  #title = "";

  /** @param {HTMLFormElement} form @param {() => void} whenLifted */
  constructor(form, whenLifted) {
    this.form = form;
    this.whenLifted = whenLifted;
    /** Where the person goes after a page that is held before a patient; "" for every other page. */
    this.back = form.dataset.holds ?? "";
    this.mark = this.back && `${Date.now()} ${Math.random()}`;
    this.server = new Server(form);
    this.dialog = Object.assign(document.createElement("dialog"), { className: "cover" });
    this.dialog.setAttribute("aria-label", "Covered");
    this.dialog.setAttribute("closedby", "none");
    // Escape lifts nothing, and no key reaches the page below.
    this.dialog.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Escape") event.preventDefault();
    });
    this.dialog.addEventListener("cancel", (event) => event.preventDefault());
    this.dialog.addEventListener("close", () => this.isUp() && this.dialog.showModal());
    document.body.append(this.dialog);
    useCover({ show: () => this.show(), isUp: () => this.isUp() });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.show("asked");
    });
    localStorage.setItem(STORED, ""); // the server has shown this page
    localStorage.setItem(LOOK_PERSON, this.server.person);
    localStorage.setItem(HELD, this.mark); // the server shows no other page while one is held
    addEventListener("storage", (event) => {
      if (event.key === STORED) this.#other(event.newValue);
      if (event.key === HELD) this.#held(event.newValue);
    });
    addEventListener("pageshow", (event) => event.persisted && this.#cameBack());
  }

  isUp() {
    return this.#lifted !== null;
  }

  /**
   * Lay it over the page; resolves once it is lifted.
   * @param {"asked" | "untouched" | ""} because "" where another window or the server covered
   * @returns {Promise<void>}
   */
  show(because = "") {
    if (this.#lifted) return this.#lifted;
    this.#lay();
    if (because) localStorage.setItem(STORED, "1");
    this.#tell(because);
    return this.#lifted;
  }

  #lay() {
    this.#lifted = new Promise((resolve) => {
      this.#lift = resolve;
    });
    this.#say("");
    document.documentElement.classList.add("covered");
    this.#title = document.title;
    document.title = "Covered";
    this.dialog.showModal();
  }

  /** A page is held before a patient in another window: the server is told of this cover once somebody would lift it. */
  #showHeld() {
    if (this.isUp()) return;
    this.#lay();
    const body = this.#say("Another window is shown to a patient.");
    const button = Object.assign(document.createElement("button"), { className: "btn btn-primary", type: "button" });
    button.textContent = "Uncover";
    button.addEventListener("click", () => {
      localStorage.setItem(STORED, "1");
      this.#tell("asked");
    });
    body.append(button);
    button.focus();
  }

  /** Once what is typed is kept, tell the server, which answers with who can uncover. @param {string} because */
  async #tell(because) {
    await Promise.race([keepTyping(), after(DRAFTS_WITHIN)]);
    for (let tries = 0; this.isUp(); tries += 1) {
      try {
        const body = new URLSearchParams({ because });
        const answer = await this.server.ask(this.form.action, { method: "POST", body });
        if (this.isUp()) await this.#showPeople(answer);
        return;
      } catch (fault) {
        if (!(fault instanceof NoAnswer)) throw fault;
        this.#say("The server does not answer. The page can be uncovered when it does; it is tried again by itself.");
        await pause(tries);
      }
    }
  }

  /** @param {Response} answer */
  async #showPeople(answer) {
    if (answer.status === 409) return this.#leave();
    const html = isJson(answer) ? "" : await answer.text();
    const body = new DOMParser().parseFromString(html, "text/html").querySelector("[data-cover-body]");
    if (!body) return this.#askFully(); // signed out meanwhile
    const shown = /** @type {HTMLElement} */ (document.importNode(body, true));
    this.dialog.replaceChildren(shown);
    useKeypads(shown);
    /** @type {HTMLFormElement | null} */
    const people = shown.querySelector("[data-uncover]");
    people?.addEventListener("submit", (event) => this.#uncover(event, people));
    people?.addEventListener("change", () => this.#warnOfFiles(people));
    shown.querySelector("[data-sign-in-fully]").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#signIn();
    });
    const isChosen = shown.querySelector("[name=person]:checked") !== null;
    /** @type {HTMLElement} */
    const first = shown.querySelector(isChosen ? "#cover-pin" : "[name=person], button");
    first.focus();
  }

  /** Under the brand, one sentence and a way on. @param {string} sentence */
  #say(sentence) {
    const text = Object.assign(document.createElement("p"), { textContent: sentence });
    text.setAttribute("role", "status");
    const heading = Object.assign(document.createElement("h1"), { textContent: "This page is covered" });
    heading.tabIndex = -1;
    const body = Object.assign(document.createElement("div"), { className: "cover-body" });
    body.append(heading, text);
    this.dialog.replaceChildren(body);
    return body;
  }

  #askFully() {
    const body = this.#say("You have been signed out meanwhile. What was typed is kept.");
    const button = Object.assign(document.createElement("button"), { className: "btn btn-primary", type: "button" });
    button.textContent = "Sign in and go on";
    button.addEventListener("click", () => this.#signIn());
    body.append(button);
    button.focus();
  }

  /** @param {SubmitEvent} event @param {HTMLFormElement} form */
  async #uncover(event, form) {
    event.preventDefault();
    const data = new FormData(form);
    const fields = ["person", "pin"].map((name) => [name, String(data.get(name) ?? "")]);
    /** @type {HTMLInputElement} */
    const pin = form.querySelector("[name=pin]");
    pin.value = "";
    try {
      const answer = await this.server.ask(form.action, { method: "POST", body: new URLSearchParams(fields) });
      if (answer.status === 401) return this.#askFully();
      const told = isJson(answer) ? await answer.json() : {};
      if (answer.status === 409) return this.#leave();
      if (told.csrf) return this.#goOn(told);
      showFault(form, told.error ?? "The server could not check the PIN. Try once more.");
      if (told.is_removed) /** @type {HTMLElement} */ (this.dialog.querySelector("[data-else]")).focus();
    } catch (fault) {
      if (!(fault instanceof NoAnswer)) throw fault;
      showFault(form, "The server does not answer. Check the network, then try again.");
    }
  }

  /** @param {{person: number | string, csrf: string}} told */
  async #goOn({ person, csrf }) {
    if (String(person) !== this.server.person) return this.#leave();
    /** @type {NodeListOf<HTMLInputElement>} */
    const tokens = document.querySelectorAll("[name=csrfmiddlewaretoken]");
    for (const field of tokens) field.value = csrf;
    // Nothing is held any more by whoever uncovered: a page that was is asked for anew, and is held again.
    if (this.back) return this.#leave(location.pathname);
    this.#remove();
    localStorage.setItem(HELD, "");
    localStorage.setItem(STORED, "");
  }

  async #signIn() {
    const result = await askToSignIn(this.server, { isCovered: true });
    if (result === CONTINUED) this.#goOn({ person: this.server.person, csrf: this.server.token });
    if (result === SOMEBODY_ELSE) this.#leave();
  }

  /** The page is somebody else's now, or another one's turn: it stays covered until the other is there. */
  async #leave(address = this.form.dataset.today) {
    if (this.#isLeaving) return;
    this.#isLeaving = true;
    if (!this.isUp()) this.#lay();
    this.#say("One moment …");
    localStorage.setItem(STORED, "");
    await openAnew(address);
  }

  #remove() {
    const lift = this.#lift;
    this.#lifted = null;
    document.documentElement.classList.remove("covered");
    document.title = this.#title;
    this.dialog.close();
    this.dialog.replaceChildren();
    this.whenLifted();
    lift();
  }

  /** Another window was covered or uncovered. @param {string | null} value */
  async #other(value) {
    if (value) this.show();
    else if (this.isUp() && !this.#isHeldElsewhere()) await this.#askWhoIsThere();
  }

  /** @param {string | null} value */
  async #held(value) {
    if (this.#isHeldElsewhere()) this.#showHeld();
    else if (this.back) this.#leave(this.back);
    else if (!value && this.isUp()) await this.#askWhoIsThere();
  }

  #isHeldElsewhere() {
    const held = localStorage.getItem(HELD);
    return Boolean(held) && held !== this.mark;
  }

  async #askWhoIsThere() {
    const answer = await this.server.ask(this.form.action).catch(noAnswer);
    if (!answer || !this.isUp()) return;
    if (answer.status === 401) this.#askFully();
    else if (isJson(answer)) this.#goOn(await answer.json());
  }

  /** The browser shows a page as it was left; it may be another person's by now. */
  #cameBack() {
    if (localStorage.getItem(LOOK_PERSON) !== this.server.person) this.#leave();
    else if (localStorage.getItem(STORED)) this.show();
    else if (this.back) this.#leave(location.pathname);
    else if (this.#isHeldElsewhere()) this.#showHeld();
  }

  /**
   * Tell the server of a touch; returns whether it says that the page is covered.
   * @param {string} url
   */
  async isToldOfTouch(url) {
    try {
      const answer = await this.server.ask(url, { method: "POST" });
      if (answer.status === 409) this.#leave();
      return answer.ok && (await answer.json()).covered;
    } catch {
      return false; // told again with a later touch
    }
  }

  /** Files that were chosen go with the page when another person goes on. @param {HTMLFormElement} form */
  #warnOfFiles(form) {
    const isOther = new FormData(form).get("person") !== this.server.person;
    if (!isOther || !holdsFiles()) return showFault(form, "");
    showFault(
      form,
      `Photos or files of ${this.server.name} are not sent yet. If you go on, they must be chosen again.`,
    );
  }
}

/** Every form stores what is typed in it. */
async function keepTyping() {
  /** @type {Promise<unknown>[]} */
  const wait = [];
  const detail = { waitUntil: (/** @type {Promise<unknown>} */ promise) => wait.push(promise) };
  document.dispatchEvent(new CustomEvent("page-covered", { detail }));
  await Promise.allSettled(wait);
}

/** Whether something of the page would be lost with it, as each of its modules tells a browser that leaves it. */
function holdsFiles() {
  return !dispatchEvent(new Event("beforeunload", { cancelable: true }));
}

/** @param {HTMLFormElement} form @param {string} sentence */
function showFault(form, sentence) {
  /** @type {HTMLElement} */
  const fault = form.querySelector("#cover-fault");
  fault.textContent = sentence;
  fault.hidden = !sentence;
  /** @type {HTMLInputElement} */ (form.querySelector("[name=pin]")).focus();
}

/** @returns {null} */
function noAnswer() {
  return null;
}

/** @param {number} ms @returns {Promise<void>} */
function after(ms) {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
