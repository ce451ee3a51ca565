// The line that says what is saved. It knows only facts that the server confirmed, and counts the seconds since it
// could not.

const LONG = 60; // characters, behind which a narrow bar gives them a line of their own

/**
 * What is known of a form. `draftSavedAt` and `saved` are times of day, "" for not yet; `offlineSince` is in ms, 0 for
 * not; `outage` is what the server says of its own fault meanwhile; `outcome` is what came of the last Save; `problem` says why no draft is stored.
 * @typedef {object} Facts
 * @property {boolean} dirty
 * @property {string} draftSavedAt
 * @property {boolean} sending
 * @property {number} offlineSince
 * @property {string} outage
 * @property {{kind: "wait" | "fail", text: string} | null} outcome
 * @property {string} problem
 * @property {boolean} signedOut
 * @property {string} saved
 * @property {string} goOn the address to go on to
 * @property {boolean} keepsDrafts whether the page is one that drafts are kept of
 */

/**
 * What the line shows: the kind of mark, the text in bold, what stands behind it, a link, and what a screen reader is
 * told (undefined: nothing new).
 * @typedef {{kind: string, text: string, more: string, say?: string, link?: string}} Line
 */

export class StateLine {
  /** @type {Facts} */
  #facts = {
    dirty: false,
    draftSavedAt: "",
    sending: false,
    offlineSince: 0,
    outage: "",
    outcome: null,
    problem: "",
    signedOut: false,
    saved: "",
    goOn: "",
    keepsDrafts: true,
  };
  /** @type {ReturnType<typeof setInterval>} */
  #clock;
  #shown = "";

  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.line = form.querySelector("[data-state]");
    this.announcement = form.querySelector("[data-state-said]");
  }

  get facts() {
    return { ...this.#facts };
  }

  /** Learn facts and show what follows from them. @param {Partial<Facts>} facts */
  update(facts) {
    Object.assign(this.#facts, facts);
    clearInterval(this.#clock);
    if (this.#facts.offlineSince) this.#clock = setInterval(() => this.#show(), 1000);
    this.#show();
  }

  #show() {
    if (!this.line) return;
    const { kind, text, more, say, link } = describe(this.#facts);
    const shown = `${kind}|${text}|${more}|${link ?? ""}`;
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.line.classList.toggle("state-wait", kind === "wait");
    this.line.classList.toggle("state-fail", kind === "fail");
    this.line.classList.toggle("state-long", more.length > LONG);
    this.line.replaceChildren(...(text ? [dot(), sentence(text, more, link)] : []));
    if (this.announcement && say !== undefined && this.announcement.textContent !== say) {
      this.announcement.textContent = say;
    }
  }
}

/** What follows from the facts. @param {Facts} facts @returns {Line} */
export function describe(facts) {
  const away = facts.signedOut ? "you are signed out; Save asks for your password" : "";
  if (facts.saved) {
    return aloud("done", `Saved ${facts.saved}`, facts.goOn ? "the photos are still on their way" : "", facts.goOn);
  }
  if (facts.offlineSince) {
    const seconds = Math.max(0, Math.round((Date.now() - facts.offlineSince) / 1000));
    if (facts.outage) {
      const line = aloud("wait", "Not saved", `${facts.outage} Everything is still here; tried again by itself.`);
      return { ...line, text: `Not saved for ${lasting(seconds)}` };
    }
    const more = "everything is still here; tried again by itself";
    const [why, counted] = navigator.onLine ? ["no answer", "no answer for"] : ["offline", "offline"];
    // The seconds are seen; heard, each would interrupt whoever reads the page.
    const line = aloud("wait", `Not saved yet, ${why}`, more);
    return { ...line, text: `Not saved yet, ${counted} ${lasting(seconds)}` };
  }
  if (facts.sending) return aloud("wait", "Saving …");
  if (facts.outcome?.kind === "fail") return aloud("fail", "Not saved", facts.outcome.text);
  if (facts.outcome) return aloud("wait", "Not saved yet", facts.outcome.text);
  if (facts.problem) return aloud("fail", "No draft kept", facts.problem);
  if (facts.dirty) {
    const none = facts.keepsDrafts ? "no draft is kept yet" : "";
    const kept = facts.draftSavedAt ? `the draft of ${facts.draftSavedAt} is kept` : none;
    return { kind: "wait", text: "Not saved yet", more: away || kept };
  }
  if (facts.draftSavedAt) {
    const text = `Draft saved ${facts.draftSavedAt}`;
    if (away) return aloud("wait", text, away);
    // Kept every few seconds, it is told aloud once.
    return { kind: "done", text, more: "press Save to put it in the record", say: "Draft saved" };
  }
  return { kind: "", text: "", more: "", say: undefined };
}

/**
 * A line that is read aloud in the words that it shows.
 * @param {string} kind
 * @param {string} text
 * @param {string} [more]
 * @param {string} [link]
 * @returns {Line}
 */
function aloud(kind, text, more = "", link = "") {
  return { kind, text, more, link, say: more ? `${text}: ${more}` : text };
}

/** @param {number} seconds */
function lasting(seconds) {
  return seconds < 120 ? `${seconds} s` : `${Math.floor(seconds / 60)} min`;
}

function dot() {
  const mark = document.createElement("span");
  mark.className = "state-dot";
  mark.ariaHidden = "true";
  return mark;
}

/** @param {string} text @param {string} more @param {string} [link] */
function sentence(text, more, link) {
  const span = document.createElement("span");
  const bold = document.createElement("b");
  bold.textContent = text;
  span.append(bold);
  if (more) {
    const rest = document.createElement("span");
    rest.className = "state-more";
    rest.textContent = more;
    span.append(" ", rest);
  }
  if (link) span.append(" ", Object.assign(document.createElement("a"), { href: link, textContent: "Go on" }));
  return span;
}
