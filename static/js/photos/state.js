// The line that says how far the photos are, and the words in which a screen reader says what became of each. The line
// counts what the server has confirmed, and nothing else; the words are those that are shown beside the photo.

import { element, shownWords } from "./outcome.js";

/** @typedef {import("./queue.js").Upload} Upload */

const KEPT_LINES = 40; // of what was said; older ones are said already
const TOLD = new Set(["kept", "duplicate", "refused", "away"]);

export class State {
  #announced = "";
  /** What was said last of each photo. @type {Map<Upload, string>} */
  #said = new Map();

  /**
   * @param {import("./queue.js").Queue} queue
   * @param {{bar: HTMLElement, line: HTMLElement, announcement: HTMLElement}} parts
   */
  constructor(queue, { bar, line, announcement }) {
    this.queue = queue;
    this.bar = bar;
    this.line = line;
    this.announcement = announcement;
    queue.addEventListener("change", (event) => {
      this.#tell(/** @type {CustomEvent<Upload>} */ (event).detail);
      this.#show();
    });
    queue.addEventListener("said", (event) => this.say(/** @type {CustomEvent<string>} */ (event).detail));
  }

  /** @param {string} words */
  say(words) {
    this.announcement.append(element("p", "", words));
    while (this.announcement.childElementCount > KEPT_LINES) this.announcement.firstElementChild.remove();
  }

  /** @param {Upload} upload */
  #tell(upload) {
    if (!this.queue.uploads.includes(upload)) {
      if (!upload.isOver) this.queue.say(`${upload.name}: left out.`);
      return;
    }
    if (!TOLD.has(upload.state)) return;
    const words = shownWords(upload);
    if (words === this.#said.get(upload)) return;
    this.#said.set(upload, words);
    this.queue.say(`${upload.name}: ${words}`);
  }

  #show() {
    const { queue } = this;
    const sent = queue.count("kept", "duplicate");
    const onTheWay = queue.count("waiting", "sending");
    const away = queue.count("away");
    const refused = queue.count("refused");
    const chosen = queue.count("chosen");
    this.bar.hidden = queue.uploads.length === 0;
    const summary = `${sent} of ${queue.uploads.length} sent`;
    const more = [
      onTheWay ? `${onTheWay} on the way` : "",
      away ? `${away} waiting for the server, tried again by itself` : "",
      refused ? `${refused} not taken, see why` : "",
      chosen && chosen !== queue.uploads.length ? `${chosen} not sent yet` : "",
    ]
      .filter(Boolean)
      .join("; ");
    this.line.classList.toggle("state-wait", refused === 0 && onTheWay + away + chosen > 0);
    this.line.classList.toggle("state-fail", refused > 0);
    const dot = element("span", "state-dot");
    dot.ariaHidden = "true";
    const text = element("span");
    text.append(element("b", "", summary), " ", element("span", "state-more", more));
    this.line.replaceChildren(dot, text);
    const say = onTheWay + away + chosen ? "" : [summary, more].filter(Boolean).join("; ");
    if (say && say !== this.#announced) this.say(say);
    this.#announced = say || this.#announced;
  }
}
