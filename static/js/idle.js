// Without a click the sign-in ends after a time. Three minutes before, the page says so and offers to stay; any window
// that has asked the server since counts, because they share the sign-in (WCAG 2.2, 2.2.1).

const MS = 1000;
const WARNED_BEFORE = 180; // s
const LOOKS_EVERY = 5; // s; a tablet that slept wakes up late, and no timer runs meanwhile
const STORED = "anagen-last-answer";

/** The server has answered this person: their time begins anew. */
export function answered() {
  globalThis.localStorage?.setItem(STORED, String(Date.now()));
}

function secondsSinceAnswer() {
  return (Date.now() - Number(localStorage.getItem(STORED))) / MS;
}

/** Ask the server whether the person is still signed in, which lets the time begin anew. @param {string} url */
async function stay(url) {
  const answer = await fetch(url, { headers: { "X-Requested-With": "fetch" }, credentials: "same-origin" });
  return answer.ok && Boolean((await answer.json()).person);
}

class IdleWarning {
  /** @type {ReturnType<typeof setInterval>} */
  #clock;

  /** @param {number} seconds that the sign-in lasts without a click @param {string} url */
  constructor(seconds, url) {
    this.seconds = seconds;
    this.url = url;
    this.dialog = Object.assign(document.createElement("dialog"), { className: "dialog" });
    this.dialog.setAttribute("aria-labelledby", "idle-heading");
    this.dialog.setAttribute("aria-describedby", "idle-text");
    this.heading = Object.assign(document.createElement("h2"), { id: "idle-heading" });
    this.text = Object.assign(document.createElement("p"), { id: "idle-text" });
    this.button = Object.assign(document.createElement("button"), { className: "btn btn-primary", type: "button" });
    const acts = Object.assign(document.createElement("div"), { className: "acts" });
    acts.append(this.button);
    this.dialog.append(this.heading, this.text, acts);
    this.button.addEventListener("click", () => this.stay());
    this.dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.stay();
    });
    document.body.append(this.dialog);
    this.#clock = setInterval(() => this.look(), LOOKS_EVERY * MS);
  }

  look() {
    const left = this.seconds - secondsSinceAnswer();
    if (left > WARNED_BEFORE) this.dialog.close();
    else if (!document.querySelector("dialog[open]")) this.show(left > 0);
    else if (this.dialog.open && left <= 0) this.say(false);
  }

  /** @param {boolean} isSignedIn */
  show(isSignedIn) {
    this.say(isSignedIn);
    this.dialog.showModal();
  }

  /** @param {boolean} isSignedIn */
  say(isSignedIn) {
    this.heading.textContent = isSignedIn ? "You will be signed out in 3 minutes" : "You have been signed out";
    this.text.textContent = isSignedIn
      ? "Nobody has used Anagen here for some time. What you typed is still on this page."
      : "What you typed is still on this page. When you press Save, Anagen asks for your password.";
    this.button.textContent = isSignedIn ? "Stay signed in" : "Close";
  }

  /** The focus goes back to where it was: a dialog does that by itself. */
  async stay() {
    if (secondsSinceAnswer() >= this.seconds) {
      clearInterval(this.#clock); // said once
      this.dialog.close();
      return;
    }
    try {
      if (await stay(this.url)) answered();
      this.look();
    } catch {
      this.text.textContent = "The server does not answer. Check the network, then try again.";
    }
  }
}

/** Begin to look, on a page that somebody is signed in to. */
export function warnBeforeTheEnd() {
  const { idleSeconds, stayUrl } = document.body.dataset;
  if (!idleSeconds) return;
  answered();
  new IdleWarning(Number(idleSeconds), stayUrl);
}
