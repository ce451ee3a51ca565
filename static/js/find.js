// The search box: patients appear as you type; arrow keys choose, Enter opens, Escape closes. Without this script, or
// before an answer has come, Enter leads to the patient list. A form with data-find-as asks for a patient of its own
// page: who is chosen goes into its address under that name, and the patient of data-find-but is not offered.

const AFTER_LAST_KEY = 120; // ms
const MOST_RESULTS = 8;

/** @typedef {{name: string, number: string, born: string, phone: string, url: string, portrait: string}} Person */

class PatientSearch {
  /** @type {ReturnType<typeof setTimeout>} */
  #timer;
  /** @type {AbortController | null} */
  #request = null;
  /** @type {HTMLElement[]} */
  #options = [];
  #active = -1;
  /** The text that the options answer. */
  #answered = "";

  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.form = form;
    /** @type {HTMLInputElement} */
    this.input = form.querySelector("[data-find]");
    this.url = form.dataset.findUrl;
    this.parameter = form.dataset.findAs ?? "";
    this.but = form.dataset.findBut ?? "";
    this.list = Object.assign(document.createElement("ul"), { className: "found", hidden: true });
    this.list.id = `found-${this.input.id}`;
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", "Patients found");
    this.note = Object.assign(document.createElement("p"), { className: "found found-note", hidden: true });
    this.announcement = Object.assign(document.createElement("p"), { className: "vh" });
    this.announcement.setAttribute("role", "status");
    this.input.after(this.list, this.note, this.announcement);
    for (const [name, value] of Object.entries({
      role: "combobox",
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": this.list.id,
    })) {
      this.input.setAttribute(name, value);
    }
    this.input.addEventListener("input", () => this.changed());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("focus", () => this.input.value.trim() && this.changed());
    form.addEventListener("submit", (event) => this.submit(event));
    form.addEventListener("focusout", (event) => {
      if (!form.contains(/** @type {Node} */ (event.relatedTarget))) this.close();
    });
    // A press on an option must not take the focus, or the list would close under the finger.
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
  }

  changed() {
    clearTimeout(this.#timer);
    if (!this.input.value.trim()) return this.close();
    this.#timer = setTimeout(() => this.ask(), AFTER_LAST_KEY);
  }

  async ask() {
    this.#request?.abort();
    this.#request = new AbortController();
    const query = this.input.value;
    try {
      const answer = await fetch(`${this.url}?q=${encodeURIComponent(query)}`, {
        headers: { "X-Requested-With": "fetch" },
        credentials: "same-origin",
        signal: this.#request.signal,
      });
      if (answer.status === 401) return this.explain("You have been signed out. Press Enter to sign in again.");
      if (!answer.ok) return this.explain("The search did not answer. Press Enter for the list.");
      this.show((await answer.json()).people, query);
    } catch (fault) {
      if (/** @type {Error} */ (fault).name !== "AbortError") {
        this.explain("The network is away; nothing can be found now.");
      }
    }
  }

  /** @param {Person[]} found @param {string} query */
  show(found, query) {
    this.#answered = query;
    const people = found.filter((person) => person.url !== this.but);
    if (!people.length) return this.explain("No patient has that in the name, record number or telephone number.");
    this.note.hidden = true;
    this.#options = people.map((person, index) => option(person, `${this.list.id}-${index}`));
    this.list.replaceChildren(...this.#options);
    this.#options.forEach((one, index) => {
      one.addEventListener("pointermove", () => this.choose(index));
      one.addEventListener("click", () => this.open(one));
    });
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.choose(-1);
    const many =
      people.length === MOST_RESULTS
        ? `The first ${MOST_RESULTS} patients`
        : `${people.length} ${people.length === 1 ? "patient" : "patients"}`;
    this.announcement.textContent = `${many}. Choose with the arrow keys.`;
  }

  /** Show a sentence in place of results. @param {string} sentence */
  explain(sentence) {
    this.close();
    this.note.textContent = sentence;
    this.announcement.textContent = sentence;
    this.note.hidden = false;
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.key === "Escape") {
      if (this.list.hidden && this.note.hidden) this.input.value = "";
      this.close();
      event.preventDefault();
    }
    if (this.list.hidden) return;
    const last = this.#options.length - 1;
    /** @type {Record<string, () => number>} */
    const moves = {
      ArrowDown: () => (this.#active === last ? 0 : this.#active + 1),
      ArrowUp: () => (this.#active <= 0 ? last : this.#active - 1),
      ...(this.#active >= 0 ? { Home: () => 0, End: () => last } : {}),
    };
    if (!moves[event.key]) return;
    event.preventDefault();
    this.choose(moves[event.key]());
  }

  /** @param {number} index */
  choose(index) {
    this.#active = index;
    for (const [number, one] of this.#options.entries()) one.setAttribute("aria-selected", String(number === index));
    const chosen = this.#options[index];
    if (!chosen) return this.input.removeAttribute("aria-activedescendant");
    this.input.setAttribute("aria-activedescendant", chosen.id);
    chosen.scrollIntoView({ block: "nearest" });
  }

  /** @param {SubmitEvent} event */
  submit(event) {
    const isFresh = !this.list.hidden && this.#answered === this.input.value;
    const chosen = this.#options[this.#active] ?? (isFresh && this.#options.length === 1 ? this.#options[0] : null);
    if (this.list.hidden || !chosen) return;
    event.preventDefault();
    this.open(chosen);
  }

  /** @param {HTMLElement} one */
  open(one) {
    const id = one.dataset.url.match(/[0-9a-f-]{36}/)?.[0];
    location.assign(this.parameter && id ? `?${new URLSearchParams({ [this.parameter]: id })}` : one.dataset.url);
  }

  close() {
    clearTimeout(this.#timer);
    this.#request?.abort();
    this.#options = [];
    this.#active = -1;
    this.list.hidden = true;
    this.note.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
}

/** @param {Person} person @param {string} id */
function option(person, id) {
  const item = Object.assign(document.createElement("li"), { id });
  item.setAttribute("role", "option");
  item.setAttribute("aria-selected", "false");
  item.dataset.url = person.url;
  // Each in an element of its own: a name written from right to left must not turn the number beside it.
  const description = document.createElement("span");
  const facts = [person.number, person.born && `born ${person.born}`, person.phone].filter(Boolean);
  const line = document.createElement("span");
  for (const [place, fact] of facts.entries()) line.append(place ? ", " : "", text("bdi", fact));
  description.append(text("b", person.name), line);
  item.append(portrait(person), description);
  return item;
}

/**
 * A namesake is told apart by photograph and year of birth. None on record: an empty frame, not somebody else's.
 * @param {Person} person
 */
function portrait(person) {
  if (!person.portrait) return Object.assign(document.createElement("span"), { className: "found-pic" });
  return Object.assign(document.createElement("img"), {
    className: "found-pic",
    src: person.portrait,
    alt: "",
    width: 48,
    height: 48,
  });
}

/** @param {string} name of the element @param {string} content */
function text(name, content) {
  return Object.assign(document.createElement(name), { textContent: content });
}

/** @type {NodeListOf<HTMLFormElement>} */
const forms = document.querySelectorAll("[data-find-form]");
for (const form of forms) new PatientSearch(form);
