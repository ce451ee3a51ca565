// The line that says how far the photos are. It counts what the server has confirmed, and nothing else.

import { element } from "./outcome.js";

export class State {
  #announced = "";

  /**
   * @param {import("./queue.js").Queue} queue
   * @param {{bar: HTMLElement, line: HTMLElement, announcement: HTMLElement}} parts
   */
  constructor(queue, { bar, line, announcement }) {
    this.queue = queue;
    this.bar = bar;
    this.line = line;
    this.announcement = announcement;
    queue.addEventListener("change", () => this.#show());
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
    const say = onTheWay + away ? "" : [summary, more].filter(Boolean).join("; ");
    if (say && say !== this.#announced) this.announcement.textContent = say;
    this.#announced = say || this.#announced;
  }
}
