// After a reload the chosen files are gone: a page may not keep pictures, and may not take them again by itself. Only
// their names are remembered, for this tab, so that the person is told which ones to choose again.

import { goOn } from "./focus.js";

export class Unsent {
  #key = `unsent-photos ${location.pathname}`;

  /** @param {import("./queue.js").Queue} queue @param {HTMLElement | null} notice */
  constructor(queue, notice) {
    this.notice = notice;
    this.#show(this.#read());
    queue.addEventListener("change", () => {
      const names = queue.uploads
        .filter((upload) => !upload.isOver && !upload.isUnfit)
        .map((upload) => upload.name.slice(0, 120));
      this.#write(names);
    });
  }

  /** @param {string[]} names */
  #show(names) {
    if (!names.length || !this.notice) return;
    const [one, many] = [
      "1 photo was not sent, choose it again",
      `${names.length} photos were not sent, choose them again`,
    ];
    const text = document.createElement("p");
    const bold = document.createElement("b");
    bold.textContent = names.length === 1 ? one : many;
    text.append(bold, `: ${names.join(", ")}`);
    const close = document.createElement("button");
    Object.assign(close, { type: "button", className: "btn", textContent: "Done with these" });
    close.addEventListener("click", () => {
      this.notice.hidden = true;
      this.#write([]);
      goOn(this.notice.closest("section"));
    });
    this.notice.replaceChildren(text, close);
    this.notice.hidden = false;
  }

  /** @returns {string[]} */
  #read() {
    try {
      const names = JSON.parse(sessionStorage.getItem(this.#key) ?? "[]");
      return Array.isArray(names) ? names.map(String) : [];
    } catch {
      return [];
    }
  }

  /** @param {string[]} names */
  #write(names) {
    try {
      if (names.length) sessionStorage.setItem(this.#key, JSON.stringify(names));
      else sessionStorage.removeItem(this.#key);
    } catch {
      // A browser that keeps nothing still sends.
    }
  }
}
