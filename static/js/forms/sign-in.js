// The session ended, or somebody else signed in: asks for the password over the page, which stays as it is.

const CONTINUED = "continued";
const LEFT = "left";
const SOMEBODY_ELSE = "somebody else";

/**
 * Ask the person who opened the form to sign in again.
 * `other` names who is signed in instead, if anybody. Resolves to CONTINUED, LEFT, or SOMEBODY_ELSE.
 */
export function askToSignIn(server, { other = "" } = {}) {
  // A form and its photos may find out at the same moment; the person is asked once.
  asked ??= new Promise((resolve) => new Dialog(server, other, resolve).open()).finally(() => (asked = null));
  return asked;
}

/**
 * Open the page anew for the person who signed in now. Whoever holds something of the first person's may finish with it:
 * "signed-in-as-somebody-else" on the document, detail.waitUntil(promise). From then on nothing may hold the page back.
 */
export async function openAnew() {
  const wait = [];
  const detail = { waitUntil: (promise) => wait.push(promise) };
  document.dispatchEvent(new CustomEvent("signed-in-as-somebody-else", { detail }));
  await Promise.allSettled(wait);
  location.replace(location.pathname);
}

let asked = null;

class Dialog {
  #isElse = false;

  constructor(server, other, resolve) {
    Object.assign(this, { server, other, resolve });
    this.build();
  }

  build() {
    this.heading = element("h2", { id: "sign-in-again", textContent: this.other ? `${this.other} is signed in now` : "You have been signed out" });
    this.text = element("p", {});
    this.who = element("p", { className: "sign-in-who" });
    this.fault = element("p", { className: "field-error", id: "sign-in-fault", hidden: true });
    this.fault.setAttribute("role", "alert");
    this.email = input("sign-in-email", { type: "email", autocomplete: "username", value: this.server.email, maxLength: 254 });
    this.password = input("sign-in-password", { type: "password", autocomplete: "current-password" });
    this.emailRow = row("E-mail", this.email);
    this.go = element("button", { className: "btn btn-primary", type: "submit", textContent: "Sign in and go on" });
    this.elseButton = element("button", { className: "btn btn-quiet", type: "button", textContent: "Someone else" });
    this.later = element("button", { className: "btn", type: "button", textContent: "Not now" });
    this.form = element("form", { noValidate: true, method: "post" });
    const acts = element("div", { className: "acts" });
    acts.append(this.go, this.later, this.elseButton);
    const passwordRow = row("Password", this.password);
    this.password.before(this.fault); // what is wrong stands above the control, as in every form
    this.form.append(this.who, this.emailRow, passwordRow, acts);
    this.dialog = element("dialog", { className: "dialog sign-in-again" });
    this.dialog.setAttribute("aria-labelledby", "sign-in-again");
    this.dialog.append(this.heading, this.text, this.form);
    this.form.addEventListener("submit", (event) => this.submit(event));
    this.later.addEventListener("click", () => this.dialog.close());
    this.elseButton.addEventListener("click", () => this.somebodyElse());
    this.dialog.addEventListener("close", () => this.end(LEFT));
    this.sameperson();
  }

  open() {
    this.before = document.activeElement;
    document.body.append(this.dialog);
    this.dialog.showModal();
    this.password.focus();
  }

  sameperson() {
    this.text.textContent = "Nothing is lost: what you typed and the photos you chose are still on this page, and are saved once you are back.";
    this.who.replaceChildren(element("b", { textContent: this.server.name }), " ", element("span", { className: "quiet", textContent: this.server.email }));
    this.emailRow.hidden = true;
    this.elseButton.hidden = false;
  }

  somebodyElse() {
    this.#isElse = true;
    this.heading.textContent = "Sign in as someone else";
    this.text.textContent = `What ${this.server.name} typed stays ${this.server.name}’s: it is kept as a draft for them, and this page opens anew for you.`;
    this.who.hidden = true;
    this.emailRow.hidden = false;
    this.elseButton.hidden = true;
    this.email.value = "";
    this.password.value = "";
    this.fault.hidden = true;
    this.go.textContent = "Sign in";
    this.email.focus();
  }

  async submit(event) {
    event.preventDefault();
    if (!this.password.value) return this.say("Enter your password.", this.password);
    this.go.setAttribute("aria-disabled", "true");
    try {
      const told = await this.send();
      if (told.error) return this.say(told.error, this.password);
      this.server.token = told.csrf;
      this.end(String(told.person) === this.server.person ? CONTINUED : SOMEBODY_ELSE);
    } catch {
      this.say("The server does not answer. Check the network, then try again.", this.password);
    } finally {
      this.go.removeAttribute("aria-disabled");
    }
  }

  async send() {
    await this.server.freshToken();
    const body = new URLSearchParams({ username: this.email.value, password: this.password.value });
    if (!this.#isElse) body.set("clinic", this.server.clinic);
    const answer = await this.server.ask(this.server.signInUrl, { method: "POST", body });
    return answer.json();
  }

  say(sentence, control) {
    this.fault.textContent = sentence;
    this.fault.hidden = false;
    control.setAttribute("aria-describedby", "sign-in-fault");
    control.focus();
    control.select();
  }

  end(result) {
    this.password.value = "";
    if (!this.dialog.isConnected) return;
    this.dialog.remove();
    this.before?.focus?.();
    this.resolve(result);
  }
}

function element(name, properties) {
  return Object.assign(document.createElement(name), properties);
}

function input(id, properties) {
  return element("input", { id, name: id, className: "form-control", required: true, ...properties });
}

function row(label, control) {
  const box = element("div", { className: "sign-in-row" });
  box.append(element("label", { className: "form-label", htmlFor: control.id, textContent: label }), control);
  return box;
}

export { CONTINUED, LEFT, SOMEBODY_ELSE };
