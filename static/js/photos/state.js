// The line that says how far the photos are. It counts what the server has confirmed, and nothing else.

import { element } from "./outcome.js";

export class State {
  #said = "";

  constructor(queue, { bar, line, said }) {
    Object.assign(this, { queue, bar, line, said });
    queue.addEventListener("change", () => this.#show());
  }

  #show() {
    const { queue } = this;
    const sent = queue.count("kept", "duplicate");
    const onTheWay = queue.count("waiting", "sending");
    const away = queue.count("away");
    const person = queue.count("refused");
    const chosen = queue.count("chosen");
    this.bar.hidden = queue.uploads.length === 0;
    const words = `${sent} of ${queue.uploads.length} sent`;
    const more = [
      onTheWay ? `${onTheWay} on the way` : "",
      away ? `${away} waiting for the server, tried again by itself` : "",
      person ? `${person} not taken, see why` : "",
      chosen && chosen !== queue.uploads.length ? `${chosen} not sent yet` : "",
    ].filter(Boolean).join("; ");
    this.line.classList.toggle("state-wait", person === 0 && onTheWay + away + chosen > 0);
    this.line.classList.toggle("state-fail", person > 0);
    const dot = element("span", "state-dot");
    dot.ariaHidden = "true";
    const text = element("span");
    text.append(element("b", "", words), " ", element("span", "state-more", more));
    this.line.replaceChildren(dot, text);
    const say = onTheWay + away ? "" : [words, more].filter(Boolean).join("; ");
    if (say && say !== this.#said) this.said.textContent = say;
    this.#said = say || this.#said;
  }
}
