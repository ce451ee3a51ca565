// Offers what was left unsaved, with its time. Nothing is put into the form before the person says so.

import { countDifferences, fill, fingerprint, read } from "./contents.js";
import { NoAnswer } from "./server.js";

/**
 * @typedef {object} Draft
 * @property {import("./contents.js").Values} values
 * @property {string} form with the word of its opening
 * @property {string} begun_for which of several things, where the page asks for one of them in turn; else ""
 * @property {string} opening of the page that it was typed in
 * @property {number | null} base_version of the record that it was begun from
 * @property {string} saved_label
 */

const IS_AN_ID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;

export class Offer {
  /**
   * @param {HTMLFormElement} form
   * @param {import("./server.js").Server} server
   * @param {import("./drafts.js").DraftKeeper} keeper
   */
  constructor(form, server, keeper) {
    this.form = form;
    this.server = server;
    this.keeper = keeper;
    this.url = form.dataset.draftUrl;
    this.page = form.dataset.draft;
  }

  async show() {
    /** @type {{draft: Draft | null, earlier?: Draft[], others?: Draft[]}} */
    let data;
    try {
      const answer = await this.server.ask(`${this.url}?form=${encodeURIComponent(this.page)}`);
      if (!answer.ok) return;
      data = await answer.json();
    } catch (fault) {
      if (fault instanceof NoAnswer) return;
      throw fault;
    }
    const shown = read(this.form);
    for (const draft of data.draft ? [data.draft, ...(data.earlier ?? [])] : []) {
      if (fingerprint(draft.values) !== fingerprint(shown)) this.#offer(draft, shown);
    }
    for (const draft of data.others ?? []) this.#mention(draft);
  }

  /** Say that a draft of something else is here; it is put into the form only on purpose. @param {Draft} draft */
  #mention(draft) {
    const bar = box("notice notice-warn offer");
    const text = document.createElement("p");
    const bold = document.createElement("b");
    const of = draft.begun_for ? ` of ${draft.begun_for}` : "";
    const course = courseOf(draft.form);
    const isOfThisCourse = course === courseOf(this.form.dataset.draft ?? "");
    bold.textContent = `An older draft${of}${isOfThisCourse ? "" : " of another course"} was left unsaved, ${draft.saved_label}.`;
    const advice = "This page asks for something else now. If you open it here, check the day and all the rest.";
    text.append(bold, isOfThisCourse ? ` ${advice}` : " To go on with it, open the page of that course.");
    const open = button("Open it here", "btn", async () => {
      await this.#resume({ ...draft, opening: "" }, bar);
      // Only once its content is stored under this page's own name.
      if (!this.keeper.isBehind) await this.#delete(draft);
    });
    bar.append(
      text,
      isOfThisCourse ? open : otherPage(course),
      button("Discard", "btn btn-quiet", () => this.#discard(draft, bar)),
    );
    this.form.before(bar);
  }

  /** @param {Draft} draft @param {import("./contents.js").Values} shown */
  #offer(draft, shown) {
    const count = countDifferences(draft.values, shown);
    const version = this.#version?.value ?? "";
    const bar = box("notice offer");
    const text = document.createElement("p");
    const bold = document.createElement("b");
    bold.textContent = `At ${draft.saved_label} you left this form without saving.`;
    text.append(bold, ` Press Resume to get ${count} ${count === 1 ? "answer" : "answers"} back.`);
    if (version !== String(draft.base_version ?? "")) {
      text.append(" The record was changed since then. When you save, both versions are shown.");
    }
    bar.append(
      text,
      button("Resume", "btn", () => this.#resume(draft, bar)),
      button("Discard", "btn btn-quiet", () => this.#discard(draft, bar)),
    );
    this.form.before(bar);
  }

  /** @returns {HTMLInputElement | null} */
  get #version() {
    return this.form.querySelector("[name=version]");
  }

  /** @param {Draft} draft @param {HTMLElement} bar */
  async #resume(draft, bar) {
    const left = fill(this.form, draft.values);
    const version = this.#version;
    // Saved against what the draft was begun from, so that a change by somebody else in between is shown, not covered.
    if (version) version.value = String(draft.base_version ?? "");
    bar.remove();
    if (left.length) this.form.before(leftover(left));
    this.form.dispatchEvent(new CustomEvent("record-form:filled", { bubbles: true, detail: { values: draft.values } }));
    firstField(this.form)?.focus();
    await this.keeper.takeOver(draft.opening);
  }

  /** @param {Draft} draft */
  #delete(draft) {
    return this.server.ask(`${this.url}?form=${encodeURIComponent(draft.form)}`, { method: "DELETE" });
  }

  /** @param {Draft} draft @param {HTMLElement} bar */
  async #discard(draft, bar) {
    try {
      const answer = await this.#delete(draft);
      if (answer.ok) this.#close(bar);
    } catch (fault) {
      if (!(fault instanceof NoAnswer)) throw fault;
      bar.querySelector("p").append(" The network is away; it could not be discarded yet.");
    }
  }

  /** Take the offer away; the focus goes on to the next one, or to the form. @param {HTMLElement} bar */
  #close(bar) {
    const next = [...document.querySelectorAll(".offer button")].find((other) => !bar.contains(other));
    bar.remove();
    /** @type {HTMLElement | undefined} */ (next ?? firstField(this.form))?.focus();
  }
}

/** The course that a draft of a session was begun in; "" for any other. @param {string} draft as it is stored */
function courseOf(draft) {
  return draft.match(/\?[^#]*\/([0-9a-f-]{36})(?=$|#)/)?.[1] ?? "";
}

/** @param {string} course */
function otherPage(course) {
  const link = Object.assign(document.createElement("a"), { className: "btn", textContent: "Open that page" });
  link.href = `${location.pathname}?course=${course}`;
  return link;
}

/** The first field of a form that can be seen. @param {HTMLFormElement} form @returns {HTMLElement | undefined} */
function firstField(form) {
  const fields = /** @type {NodeListOf<HTMLElement>} */ (
    form.querySelectorAll("input:not([type=hidden]), textarea, select")
  );
  return [...fields].find((field) => field.getClientRects().length > 0);
}

/** @param {string} name of a field */
function readable(name) {
  return name.replace(/^pass-.*/, "reason for passing a warning").replaceAll(/[_-]/g, " ");
}

/** @param {[string, string][]} left what found no field */
function leftover(left) {
  const bar = box("notice notice-warn offer");
  const text = document.createElement("p");
  const parts = left.map(([name, text]) =>
    IS_AN_ID.test(text) ? `a choice of ${readable(name)}: choose again` : `${readable(name)}: “${text}”`,
  );
  text.textContent = `Also in the draft, but not on this page now: ${parts.join("; ")}.`;
  bar.append(text);
  return bar;
}

/** @param {string} classes */
function box(classes) {
  const made = document.createElement("div");
  made.className = classes;
  made.setAttribute("role", "status");
  return made;
}

/** @param {string} text @param {string} classes @param {() => void} act */
function button(text, classes, act) {
  const made = document.createElement("button");
  Object.assign(made, { type: "button", className: classes, textContent: text });
  made.addEventListener("click", act);
  return made;
}
