// The session ended, or somebody else signed in: asks for the password over the page, which stays as it is, then for the
// second factor of whoever has one. A passkey may stand for both.

import { passkeyFault, passkeysWork, usePasskey } from "../passkeys.js";

const CONTINUED = "continued";
const LEFT = "left";
const SOMEBODY_ELSE = "somebody else";

/** @typedef {import("./server.js").Server} Server */
/** @typedef {{other?: string, isCovered?: boolean, isAfterPin?: boolean}} Why */

/**
 * Ask the person who opened the form to sign in again.
 * `other` names who is signed in instead, if anybody; `isCovered` and `isAfterPin` say why else it is asked. Resolves to
 * CONTINUED, LEFT, or SOMEBODY_ELSE.
 * @param {Server} server
 * @param {Why} why
 * @returns {Promise<string>}
 */
export function askToSignIn(server, why = {}) {
  // A form and its photos may find out at the same moment; the person is asked once.
  question ??= new Promise((/** @type {(result: string) => void} */ resolve) => {
    new Dialog(server, why, resolve).open();
  }).finally(() => {
    question = null;
  });
  return question;
}

/**
 * Open the page anew for the person who signed in now. Whoever has something of the first person's may finish with it:
 * "signed-in-as-somebody-else" on the document, detail.waitUntil(promise). From then on nothing may hold the page back.
 */
export async function openAnew(address = location.pathname) {
  /** @type {Promise<unknown>[]} */
  const wait = [];
  /** @type {SomebodyElse} */
  const detail = { waitUntil: (promise) => wait.push(promise) };
  document.dispatchEvent(new CustomEvent("signed-in-as-somebody-else", { detail }));
  await Promise.allSettled(wait);
  location.replace(address);
}

/** @type {Promise<string> | null} */
let question = null;

class Dialog {
  #isElse = false;
  #isSecondStep = false;

  /**
   * @param {Server} server
   * @param {Why} why
   * @param {(result: string) => void} resolve
   */
  constructor(server, why, resolve) {
    this.server = server;
    this.why = why;
    this.resolve = resolve;
    this.build();
  }

  build() {
    this.heading = element("h2", {
      id: "sign-in-again",
      textContent: headingFor(this.why),
    });
    this.text = element("p", {});
    this.who = element("p", { className: "sign-in-who" });
    this.fault = element("p", { className: "field-error", id: "sign-in-fault", hidden: true });
    this.fault.setAttribute("role", "alert");
    this.email = input("sign-in-email", {
      type: "email",
      autocomplete: "username",
      value: this.server.email,
      maxLength: 254,
    });
    this.password = input("sign-in-password", { type: "password", autocomplete: "current-password" });
    this.code = input("sign-in-code", { autocomplete: "one-time-code", inputMode: "numeric", maxLength: 40 });
    this.emailRow = row("E-mail", this.email);
    this.passwordRow = row("Password", this.password);
    this.codeRow = row("Code from your app, or a recovery code", this.code);
    this.codeRow.hidden = true;
    this.go = element("button", { className: "btn btn-primary", type: "submit", textContent: "Sign in and go on" });
    this.elseButton = element("button", { className: "btn btn-quiet", type: "button", textContent: "Someone else" });
    this.passkey = element("button", { className: "btn", type: "button", textContent: "Use a passkey" });
    this.passkey.hidden = !passkeysWork();
    this.later = element("button", { className: "btn", type: "button", textContent: "Not now" });
    this.form = element("form", { noValidate: true, method: "post" });
    const acts = element("div", { className: "acts" });
    acts.append(this.go, this.passkey, this.later, this.elseButton);
    this.password.before(this.fault); // what is wrong stands above the control, as in every form
    this.form.append(this.who, this.emailRow, this.passwordRow, this.codeRow, acts);
    this.dialog = element("dialog", { className: "dialog sign-in-again" });
    this.dialog.setAttribute("aria-labelledby", "sign-in-again");
    this.dialog.append(this.heading, this.text, this.form);
    this.form.addEventListener("submit", (event) => this.submit(event));
    this.passkey.addEventListener("click", () => this.takePasskey());
    this.later.addEventListener("click", () => this.dialog.close());
    this.elseButton.addEventListener("click", () => this.showSomebodyElse());
    this.dialog.addEventListener("close", () => this.end(LEFT));
    this.showSamePerson();
  }

  open() {
    this.before = /** @type {HTMLElement | null} */ (document.activeElement);
    document.body.append(this.dialog);
    this.dialog.showModal();
    this.password.focus();
  }

  showSamePerson() {
    this.text.textContent =
      "Nothing is lost: what you typed and the photos you chose are still on this page, and are saved once you are back.";
    this.who.replaceChildren(
      element("b", { textContent: this.server.name }),
      " ",
      element("span", { className: "quiet", textContent: this.server.email }),
    );
    this.emailRow.hidden = true;
    this.elseButton.hidden = false;
  }

  showSomebodyElse() {
    this.#isElse = true;
    this.heading.textContent = "Sign in as someone else";
    const { name } = this.server;
    // A page whose forms have no ticket keeps no drafts: blind reading.
    const keepsDrafts = document.querySelector('[data-as][data-ticket]:not([data-ticket=""])') !== null;
    const kept = keepsDrafts ? `typed is kept as a draft for ${name}` : "has not saved is not kept";
    this.text.textContent = `What ${name} ${kept}. This page opens again for you.`;
    this.who.hidden = true;
    this.emailRow.hidden = false;
    this.elseButton.hidden = true;
    this.email.value = "";
    this.password.value = "";
    this.fault.hidden = true;
    this.go.textContent = "Sign in";
    this.email.focus();
  }

  /** @param {{code: boolean, passkey: boolean}} offered by what the person can go on */
  showSecondStep({ code, passkey }) {
    this.#isSecondStep = true;
    this.heading.textContent = "Second step";
    this.text.textContent = "The password was right. Nothing on this page is lost.";
    this.emailRow.hidden = true;
    this.passwordRow.hidden = true;
    this.elseButton.hidden = true;
    this.codeRow.hidden = !code;
    this.go.hidden = !code;
    this.passkey.hidden = !(passkey && passkeysWork());
    this.password.value = "";
    this.fault.hidden = true;
    // The sentence of a fault stands above what is asked now.
    if (code) this.code.before(this.fault);
    else this.codeRow.before(this.fault);
    (code ? this.code : this.passkey).focus();
  }

  /** The second step came too late: the password is asked again. */
  showFirstStep() {
    this.#isSecondStep = false;
    this.codeRow.hidden = true;
    this.passwordRow.hidden = false;
    this.emailRow.hidden = !this.#isElse;
    this.elseButton.hidden = this.#isElse;
    this.go.hidden = false;
    this.passkey.hidden = !passkeysWork();
    this.code.value = "";
    this.heading.textContent = this.#isElse ? "Sign in as someone else" : headingFor(this.why);
    this.text.textContent = "Nothing on this page is lost.";
    this.password.before(this.fault);
  }

  get control() {
    return this.#isSecondStep ? this.code : this.password;
  }

  /** @param {SubmitEvent} event */
  async submit(event) {
    event.preventDefault();
    const { control } = this;
    if (!control.value) return this.showFault(`Enter your ${control === this.code ? "code" : "password"}.`, control);
    await this.take(() =>
      this.#isSecondStep
        ? { step: "second", code: this.code.value }
        : { username: this.email.value, password: this.password.value },
    );
  }

  async takePasskey() {
    const purpose = this.#isSecondStep ? "second" : "whole";
    await this.take(async () => {
      const answer = await this.server.ask(`${this.server.passkeyUrl}?for=${purpose}`);
      const options = await answer.json();
      if (options.error) return { step: "second" }; // too late, which the server says once more
      return { step: this.#isSecondStep ? "second" : "passkey", passkey: await usePasskey(options) };
    });
  }

  /** @param {() => Record<string, string> | Promise<Record<string, string>>} fields of the step */
  async take(fields) {
    if (this.go.getAttribute("aria-disabled")) return;
    for (const button of [this.go, this.passkey]) button.setAttribute("aria-disabled", "true");
    try {
      const data = await this.send(await fields());
      if (data.begin) this.showFirstStep();
      if (data.error) return this.showFault(data.error, this.control);
      if (data.second) return this.showSecondStep(data.second);
      this.server.token = data.csrf;
      this.end(String(data.person) === this.server.person ? CONTINUED : SOMEBODY_ELSE);
    } catch (problem) {
      const isPasskey = problem instanceof DOMException;
      const sentence = "The server does not answer. Check the network, then try again.";
      this.showFault(isPasskey ? passkeyFault(problem) : sentence, this.control);
    } finally {
      for (const button of [this.go, this.passkey]) button.removeAttribute("aria-disabled");
    }
  }

  /** @param {Record<string, string>} fields */
  async send(fields) {
    await this.server.freshToken();
    const body = new URLSearchParams(fields);
    if (!this.#isElse) body.set("clinic", this.server.clinic);
    const answer = await this.server.ask(this.server.signInUrl, { method: "POST", body });
    return answer.json();
  }

  /** @param {string} sentence @param {HTMLInputElement} control */
  showFault(sentence, control) {
    this.fault.textContent = sentence;
    this.fault.hidden = false;
    control.setAttribute("aria-describedby", "sign-in-fault");
    control.focus();
    control.select();
  }

  /** @param {string} result */
  end(result) {
    this.password.value = "";
    this.code.value = "";
    if (!this.dialog.isConnected) return;
    this.dialog.remove();
    this.before?.focus?.();
    this.resolve(result);
  }
}

/** @param {Why} why */
function headingFor({ other, isCovered, isAfterPin }) {
  if (isAfterPin) return "A PIN is not enough for this";
  if (isCovered) return "Sign in to uncover the page";
  return other ? `${other} is signed in now` : "You have been signed out";
}

/**
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Partial<HTMLElementTagNameMap[Name]>} properties
 */
function element(name, properties) {
  return Object.assign(document.createElement(name), properties);
}

/** @param {string} id @param {Partial<HTMLInputElement>} properties */
function input(id, properties) {
  return element("input", { id, name: id, className: "form-control", required: true, ...properties });
}

/** @param {string} label @param {HTMLInputElement} control */
function row(label, control) {
  const box = element("div", { className: "sign-in-row" });
  box.append(element("label", { className: "form-label", htmlFor: control.id, textContent: label }), control);
  return box;
}

export { CONTINUED, LEFT, SOMEBODY_ELSE };
