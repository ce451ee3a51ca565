// The line that says what is saved. It knows only facts that the server confirmed, and counts the seconds since it could not.

export class StateLine {
  // outcome: what came of the last Save, {kind, words}; problem: why no draft is kept.
  #facts = { dirty: false, keptAt: "", sending: false, offlineSince: 0, outcome: null, problem: "", signedOut: false, saved: "", goOn: "" };
  #clock = 0;
  #shown = "";

  constructor(form) {
    this.line = form.querySelector("[data-state]");
    this.said = form.querySelector("[data-state-said]");
  }

  get facts() {
    return { ...this.#facts };
  }

  /** Learn facts and show what follows from them. */
  tell(facts) {
    Object.assign(this.#facts, facts);
    clearInterval(this.#clock);
    if (this.#facts.offlineSince) this.#clock = setInterval(() => this.#show(), 1000);
    this.#show();
  }

  #show() {
    if (!this.line) return;
    const { kind, words, more, say, link } = describe(this.#facts);
    const text = `${kind}|${words}|${more}|${link ?? ""}`;
    if (text === this.#shown) return;
    this.#shown = text;
    this.line.classList.toggle("state-wait", kind === "wait");
    this.line.classList.toggle("state-fail", kind === "fail");
    this.line.replaceChildren(...(words ? [dot(), sentence(words, more, link)] : []));
    if (this.said && say !== undefined && this.said.textContent !== say) this.said.textContent = say;
  }
}

/** kind of mark, the words in bold, what stands behind them, and what a screen reader is told (undefined: nothing new). */
function describe(facts) {
  const away = facts.signedOut ? "you are signed out; Save asks for your password" : "";
  if (facts.saved) {
    const more = facts.goOn ? "the photos are still on their way" : "";
    return { kind: "done", words: `Saved ${facts.saved}`, more, say: `Saved ${facts.saved}`, link: facts.goOn };
  }
  if (facts.offlineSince) {
    const seconds = Math.max(0, Math.round((Date.now() - facts.offlineSince) / 1000));
    const more = "everything is still here; tried again by itself";
    const [why, say] = navigator.onLine ? ["no answer for", "the server does not answer"] : ["offline", "the network is away"];
    return { kind: "wait", words: `Not saved yet, ${why} ${lasting(seconds)}`, more, say: `Not saved yet: ${say}.` };
  }
  if (facts.sending) return { kind: "wait", words: "Saving …", more: "", say: "Saving" };
  if (facts.outcome?.kind === "fail") return { kind: "fail", words: "Not saved", more: facts.outcome.words, say: `Not saved: ${facts.outcome.words}` };
  if (facts.outcome) return { kind: "wait", words: "Not saved yet", more: facts.outcome.words };
  if (facts.problem) return { kind: "fail", words: "No draft kept", more: facts.problem, say: `No draft kept: ${facts.problem}` };
  if (facts.dirty) return { kind: "wait", words: "Not saved yet", more: away || "kept as a draft while you type" };
  if (facts.keptAt) {
    const words = `Draft saved ${facts.keptAt}`;
    if (away) return { kind: "wait", words, more: away, say: `Draft saved; ${away}` };
    return { kind: "done", words, more: "press Save to put it in the record", say: "Draft saved" };
  }
  return { kind: "", words: "", more: "", say: undefined };
}

function lasting(seconds) {
  return seconds < 120 ? `${seconds} s` : `${Math.floor(seconds / 60)} min`;
}

function dot() {
  const mark = document.createElement("span");
  mark.className = "state-dot";
  mark.ariaHidden = "true";
  return mark;
}

function sentence(words, more, link) {
  const span = document.createElement("span");
  const bold = document.createElement("b");
  bold.textContent = words;
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
