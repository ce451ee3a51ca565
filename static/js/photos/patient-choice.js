// Patients appear while a record number or a name is typed into a cell; the arrow keys choose, Enter takes one.

const AFTER_LAST_KEY = 150; // ms

/** @typedef {{name: string, number: string, born: string}} Person */

export class PatientChoice {
  /** @type {HTMLInputElement | null} */
  #input = null;
  /** @type {ReturnType<typeof setTimeout>} */
  #timer;
  /** @type {AbortController | null} */
  #request = null;
  /** @type {HTMLElement[]} */
  #options = [];
  #active = -1;
  /** Inputs that are listened to. @type {WeakSet<HTMLInputElement>} */
  #known = new WeakSet();

  /** @param {string} url @param {HTMLElement} place where the list is put */
  constructor(url, place) {
    this.url = url;
    this.list = Object.assign(document.createElement("ul"), {
      id: "batch-patients",
      className: "found batch-found",
      hidden: true,
    });
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", "Patients found");
    this.announcement = Object.assign(document.createElement("p"), { className: "vh" });
    this.announcement.setAttribute("role", "status");
    place.append(this.list, this.announcement);
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
  }

  /** @param {HTMLInputElement} input */
  attach(input) {
    this.#input = input;
    if (this.#known.has(input)) return;
    this.#known.add(input);
    for (const [name, value] of Object.entries({
      role: "combobox",
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": this.list.id,
    })) {
      input.setAttribute(name, value);
    }
    input.addEventListener("input", () => this.#changed());
    input.addEventListener("keydown", (event) => this.#key(event));
    input.addEventListener("blur", () => this.close());
  }

  /** @param {HTMLElement} input */
  isOpenFor(input) {
    return this.#input === input && !this.list.hidden;
  }

  #changed() {
    clearTimeout(this.#timer);
    if (!this.#input.value.trim()) return this.close();
    this.#timer = setTimeout(() => this.#ask(), AFTER_LAST_KEY);
  }

  async #ask() {
    this.#request?.abort();
    this.#request = new AbortController();
    const input = this.#input;
    try {
      const answer = await fetch(`${this.url}?q=${encodeURIComponent(input.value.trim())}`, {
        headers: { "X-Requested-With": "fetch" },
        credentials: "same-origin",
        signal: this.#request.signal,
      });
      if (!answer.ok) return this.close();
      const { people } = await answer.json();
      if (input === this.#input && document.activeElement === input) this.#show(people);
    } catch {
      this.close(); // what is typed is read by the server when the form is sent
    }
  }

  /** @param {Person[]} people */
  #show(people) {
    if (!people.length) {
      this.close();
      this.announcement.textContent = "No patient matches.";
      return;
    }
    this.#options = people.map((person, index) => this.#option(person, index));
    this.list.replaceChildren(...this.#options);
    this.#input.closest("td, .field").append(this.list);
    this.list.hidden = false;
    this.#input.setAttribute("aria-expanded", "true");
    this.#choose(0);
    this.announcement.textContent = `${people.length} ${people.length === 1 ? "patient" : "patients"}. Choose with the arrow keys.`;
  }

  /** @param {Person} person @param {number} index */
  #option(person, index) {
    const item = Object.assign(document.createElement("li"), { id: `batch-patient-${index}` });
    item.setAttribute("role", "option");
    item.dataset.value = `${person.number} ${person.name}`;
    const name = Object.assign(document.createElement("b"), { textContent: person.name });
    const facts = [person.number, person.born && `born ${person.born}`].filter(Boolean).join(", ");
    const line = document.createElement("span");
    line.append(name, Object.assign(document.createElement("bdi"), { textContent: facts }));
    item.append(line);
    item.addEventListener("click", () => this.#take(item));
    return item;
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (this.list.hidden) return;
    const last = this.#options.length - 1;
    if (event.key === "ArrowDown") this.#choose(this.#active === last ? 0 : this.#active + 1);
    else if (event.key === "ArrowUp") this.#choose(this.#active <= 0 ? last : this.#active - 1);
    else if (event.key === "Enter") this.#take(this.#options[this.#active]);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {number} index */
  #choose(index) {
    this.#active = index;
    for (const [number, each] of this.#options.entries()) each.setAttribute("aria-selected", String(number === index));
    this.#input.setAttribute("aria-activedescendant", this.#options[index].id);
    this.#options[index].scrollIntoView({ block: "nearest" });
  }

  /** @param {HTMLElement} item */
  #take(item) {
    this.#input.value = item.dataset.value;
    this.close();
    this.#input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  close() {
    clearTimeout(this.#timer);
    this.#request?.abort();
    this.#options = [];
    this.#active = -1;
    this.list.hidden = true;
    this.#input?.setAttribute("aria-expanded", "false");
    this.#input?.removeAttribute("aria-activedescendant");
  }
}
