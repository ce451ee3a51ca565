// Offers what was left unsaved, with its time. Nothing is put into the form before the person says so.

import { countDifferences, fill, fingerprint, read } from "./contents.js";
import { NoAnswer } from "./server.js";

const IS_AN_ID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;

export class Offer {
  constructor(form, server, keeper) {
    Object.assign(this, { form, server, keeper });
    this.url = form.dataset.draftUrl;
    this.page = form.dataset.draft;
  }

  async show() {
    let told;
    try {
      const answer = await this.server.ask(`${this.url}?form=${encodeURIComponent(this.page)}`);
      if (!answer.ok) return;
      told = await answer.json();
    } catch (fault) {
      if (fault instanceof NoAnswer) return;
      throw fault;
    }
    if (!told.draft) return;
    const shown = read(this.form);
    for (const draft of [told.draft, ...(told.earlier ?? [])]) {
      if (fingerprint(draft.values) !== fingerprint(shown)) this.#offer(draft, shown);
    }
  }

  #offer(draft, shown) {
    const count = countDifferences(draft.values, shown);
    const version = this.form.querySelector("[name=version]")?.value ?? "";
    const bar = box("notice offer");
    const words = document.createElement("p");
    const bold = document.createElement("b");
    bold.textContent = `You left this form unsaved, ${draft.saved_label}.`;
    words.append(bold, ` ${count} ${count === 1 ? "answer differs" : "answers differ"} from what is shown.`);
    if (version !== String(draft.base_version ?? "")) {
      words.append(" The record has been changed since: when you save, both versions are shown.");
    }
    bar.append(words, button("Resume", "btn", () => this.#resume(draft, bar)), button("Discard", "btn btn-quiet", () => this.#discard(draft, bar)));
    this.form.before(bar);
  }

  async #resume(draft, bar) {
    const left = fill(this.form, draft.values);
    const version = this.form.querySelector("[name=version]");
    // Saved against what the draft was begun from, so that a change by somebody else in between is told, not covered.
    if (version) version.value = draft.base_version ?? "";
    bar.remove();
    if (left.length) this.form.before(leftover(left));
    this.form.dispatchEvent(new CustomEvent("record-form:filled", { bubbles: true, detail: { values: draft.values } }));
    this.form.querySelector("input:not([type=hidden]), textarea, select")?.focus();
    await this.keeper.takeOver(draft.opening);
  }

  async #discard(draft, bar) {
    const name = draft.opening ? `${this.page}#${draft.opening}` : this.page;
    try {
      const answer = await this.server.ask(`${this.url}?form=${encodeURIComponent(name)}`, { method: "DELETE" });
      if (answer.ok) bar.remove();
    } catch (fault) {
      if (!(fault instanceof NoAnswer)) throw fault;
      bar.querySelector("p").append(" The network is away; it could not be discarded yet.");
    }
  }
}

function inWords(name) {
  return name.replace(/^pass-.*/, "reason for passing a warning").replaceAll(/[_-]/g, " ");
}

function leftover(left) {
  const bar = box("notice notice-warn offer");
  const words = document.createElement("p");
  const parts = left.map(([name, text]) => (IS_AN_ID.test(text) ? `a choice of ${inWords(name)}: choose again` : `${inWords(name)}: “${text}”`));
  words.textContent = `Also in the draft, but not on this page now: ${parts.join("; ")}.`;
  bar.append(words);
  return bar;
}

function box(classes) {
  const made = document.createElement("div");
  made.className = classes;
  made.setAttribute("role", "status");
  return made;
}

function button(text, classes, act) {
  const made = document.createElement("button");
  Object.assign(made, { type: "button", className: classes, textContent: text });
  made.addEventListener("click", act);
  return made;
}
