// Points that were marked and not saved: kept on the server while they are set, as everything typed is, and offered when
// the pair is opened again. An iPad closes a page without asking, so a question before leaving is not enough.
import { DraftKeeper } from "../forms/drafts.js";
import { NoAnswer, Server } from "../forms/server.js";
import { StateLine } from "../forms/state-line.js";

/** @typedef {import("../forms/offer.js").Draft} Draft */

export class KeptMarks {
  /**
   * @param {HTMLFormElement} form that saves the alignment
   * @param {{place: HTMLElement, resume: (alignment: string) => void}} options `place`: the offer stands before it
   */
  constructor(form, { place, resume }) {
    this.form = form;
    this.place = place;
    this.resume = resume;
    this.server = new Server(form);
    this.keeper = new DraftKeeper(form, this.server, new StateLine(form));
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") this.keeper.flush({ leaving: true });
    });
    addEventListener("pagehide", () => this.keeper.flush({ leaving: true }));
    document.addEventListener("page-covered", (event) => event.detail.waitUntil(this.keeper.flush()));
    document.addEventListener("signed-in-as-somebody-else", (event) => event.detail.waitUntil(this.keeper.flush()));
  }

  /** Whether something marked is not on the server yet. */
  get isBehind() {
    return this.keeper.isBehind;
  }

  changed() {
    this.keeper.changed();
  }

  /** The form is on its way: no draft may outlive it, and the server is told which one it came from. */
  sending() {
    this.keeper.pause();
    const field = Object.assign(document.createElement("input"), {
      type: "hidden",
      name: "_opening",
      value: this.keeper.opening,
    });
    this.form.querySelector("[data-as]").before(field);
  }

  /** Offer the newest draft of this pair, left on its page or on that of a refused save. */
  async offer() {
    if (!this.form.dataset.draftUrl || !this.server.ticket) return;
    for (const page of new Set([location.pathname, new URL(this.form.action).pathname])) {
      for (const draft of await this.#drafts(page)) {
        const isOurs = ["earlier", "later"].every((name) => draft.values[name]?.[0] === this.#value(name));
        if (isOurs && draft.values.alignment?.[0]) return this.#show(draft, page);
      }
    }
  }

  /** @param {string} name */
  #value(name) {
    return /** @type {HTMLInputElement} */ (this.form.elements.namedItem(name)).value;
  }

  /** @param {string} form */
  #url(form) {
    return `${this.form.dataset.draftUrl}?form=${encodeURIComponent(form)}`;
  }

  /** @param {string} page @returns {Promise<Draft[]>} newest first */
  async #drafts(page) {
    try {
      const answer = await this.server.ask(this.#url(page));
      if (!answer.ok) return [];
      /** @type {{draft: Draft | null, earlier?: Draft[]}} */
      const { draft, earlier = [] } = await answer.json();
      return draft ? [draft, ...earlier] : [];
    } catch (fault) {
      if (fault instanceof NoAnswer) return [];
      throw fault;
    }
  }

  /** @param {Draft} draft @param {string} page */
  #show(draft, page) {
    const bar = document.createElement("div");
    bar.className = "wrap";
    const box = document.createElement("div");
    box.className = "notice offer";
    box.setAttribute("role", "status");
    const text = document.createElement("p");
    const bold = document.createElement("b");
    bold.textContent = `You marked points here and did not save them, ${draft.saved_label}.`;
    text.append(bold);
    if (String(draft.base_version ?? "0") !== this.#value("version")) {
      text.append(" Somebody changed the alignment after that. When you save, you see a message.");
    }
    const resume = button("Resume", "btn", () => {
      bar.remove();
      const version = /** @type {HTMLInputElement} */ (this.form.elements.namedItem("version"));
      version.value = String(draft.base_version ?? 0);
      this.resume(draft.values.alignment[0]);
      this.keeper.takeOver(draft.opening);
    });
    const discard = button("Discard", "btn btn-quiet", async () => {
      if (await this.#discard(`${page}#${draft.opening}`)) bar.remove();
      else text.append(" The network is away; it could not be discarded yet.");
    });
    box.append(text, resume, discard);
    bar.append(box);
    this.place.before(bar);
  }

  /** @param {string} form @returns {Promise<boolean>} whether it is gone */
  async #discard(form) {
    try {
      const answer = await this.server.ask(this.#url(form), { method: "DELETE" });
      return answer.ok;
    } catch (fault) {
      if (fault instanceof NoAnswer) return false;
      throw fault;
    }
  }
}

/** @param {string} text @param {string} classes @param {() => void} act */
function button(text, classes, act) {
  const made = document.createElement("button");
  Object.assign(made, { type: "button", className: classes, textContent: text });
  made.addEventListener("click", act);
  return made;
}
