// Whether somebody is there. A touch counts for every window of this browser; after the clinic's minutes without one the
// page is covered, and a minute before it says so (WCAG 2.2, 2.2.1). The server is told of touches, and counts as well.

import { Cover } from "./cover.js";

const MS = 1000;
const WARNED_BEFORE = 60; // s; half of the time where that is less
const LOOKS_EVERY = 1; // s; a tablet that slept is covered as soon as it wakes up
const TOLD_EVERY = 30; // s
const PRESS = 300; // ms from lifting the finger until the click has come
const STORED = "anagen-touched";
const TOLD = "anagen-touch-told";
const TOUCHES = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart", "touchmove", "scroll", "input"];

class Idle {
  /** @param {HTMLFormElement} form that covers the page */
  constructor(form) {
    this.form = form;
    this.seconds = Number(form.dataset.seconds);
    this.warnedBefore = Math.min(WARNED_BEFORE, this.seconds / 2);
    this.cover = new Cover(form, mark);
    if (!lastTouch()) mark();
    if (!localStorage.getItem(TOLD)) localStorage.setItem(TOLD, String(Date.now())); // opening the page told it
    this.#build();
    onTouch(() => this.touched());
    for (const type of ["pointerup", "pointercancel", "keyup"]) addEventListener(type, () => this.#released(), true);
    document.addEventListener("visibilitychange", () => this.#veil(document.visibilityState === "hidden"));
    addEventListener("storage", (event) => event.key === STORED && this.#close());
    setInterval(() => this.look(), LOOKS_EVERY * MS);
    this.look();
  }

  #build() {
    this.dialog = Object.assign(document.createElement("dialog"), { className: "dialog" });
    this.dialog.setAttribute("aria-labelledby", "idle-heading");
    this.dialog.setAttribute("aria-describedby", "idle-text");
    const heading = Object.assign(document.createElement("h2"), { id: "idle-heading" });
    heading.textContent = `This page will be covered in ${this.warnedBefore === WARNED_BEFORE ? "a minute" : `${this.warnedBefore} seconds`}`;
    const text = Object.assign(document.createElement("p"), { id: "idle-text" });
    text.textContent = "Nobody has touched it for some time. What you typed is kept. Touch anything to go on.";
    const button = Object.assign(document.createElement("button"), { className: "btn btn-primary", type: "button" });
    button.textContent = "Go on";
    button.addEventListener("click", () => {
      this.touched(); // also of a screen reader, which sends no key
      this.#close();
    });
    const acts = Object.assign(document.createElement("div"), { className: "acts" });
    acts.append(button);
    this.dialog.append(heading, text, acts);
    document.body.append(this.dialog);
  }

  /** Seconds until the page is covered; less than 0 when it should be. */
  get left() {
    const since = (Date.now() - lastTouch()) / MS;
    if (since < 0) mark(); // the clock was put back
    return this.seconds - Math.max(0, since);
  }

  touched() {
    if (this.cover.isUp()) return;
    if (this.left > 0) {
      if (Date.now() - lastTouch() >= MS) mark();
      if (Math.abs(Date.now() - Number(localStorage.getItem(TOLD))) >= TOLD_EVERY * MS) this.#tell();
    }
    this.look();
  }

  look() {
    if (this.cover.isUp()) return;
    const { left } = this;
    if (left <= 0) {
      this.dialog.close();
      this.cover.show("untouched");
    } else if (left <= this.warnedBefore && !this.dialog.open) this.dialog.showModal();
  }

  /** Only once the press is over: its click, or its Enter, must not reach what lies below the warning. */
  #released() {
    if (this.dialog.open) setTimeout(() => this.#close(), PRESS);
  }

  #close() {
    if (this.left > this.warnedBefore) this.dialog.close();
  }

  /** A page that nobody sees may be seen before any script runs: it is shown again once it has looked at the time. @param {boolean} isHidden */
  #veil(isHidden) {
    if (!isHidden) this.look();
    document.documentElement.classList.toggle("veiled", isHidden);
  }

  async #tell() {
    localStorage.setItem(TOLD, String(Date.now()));
    if (await this.cover.isToldOfTouch(this.form.dataset.touchedUrl)) this.cover.show();
  }
}

/** In ms; 0 for never. */
function lastTouch() {
  return Number(localStorage.getItem(STORED));
}

function mark() {
  localStorage.setItem(STORED, String(Date.now()));
}

/** @param {() => void} act */
function onTouch(act) {
  for (const type of TOUCHES) addEventListener(type, act, { capture: true, passive: true });
}

/** Begin to look. Where nobody is signed in, or the page is a cover itself, a touch is only remembered. */
export function watchTouches() {
  /** @type {HTMLFormElement | null} */
  const form = document.querySelector("form[data-cover-page]");
  if (form) new Idle(form);
  else onTouch(mark);
}
