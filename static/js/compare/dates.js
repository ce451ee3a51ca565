// The strip of dates: arrow keys step the later photograph through the months, and one way of looking
// shows up to four dates in a row.

const SHOWN = 4;

/** @typedef {import("./similarity.js").Similarity} Similarity */
/** @typedef {import("./view.js").Pane} Pane */

export class Dates {
  /** @type {(side: string, pane: Pane) => void} */
  onAdd;
  /** @type {(side: string) => void} */
  onRemove;
  /** Called with a sentence when there is no month to step to. @type {(sentence: string) => void} */
  onEnd;
  /** Called before the page goes to another month, when the focus is to be in the strip again. */
  /** @type {() => void} */
  onStepInStrip;

  /**
   * @param {HTMLElement} root
   * @param {import("./view.js").SharedView} view
   * @param {Similarity} asTaken how a photograph without landmarks lies
   */
  constructor(root, view, asTaken) {
    this.root = root;
    this.view = view;
    this.asTaken = asTaken;
    /** @type {NodeListOf<HTMLAnchorElement>} */
    const links = root.querySelectorAll("[data-strip] a");
    this.links = [...links];
    /** @type {{figure: HTMLElement, pane: Pane, side: string}[]} */
    this.extra = [];
    // A long course: the strip opens where the later photograph is.
    /** @type {HTMLElement | null} */
    const strip = root.querySelector("[data-strip]");
    const later = this.links.find((link) => link.dataset.role === "later");
    if (strip && later) strip.scrollLeft = later.offsetLeft + later.offsetWidth - strip.clientWidth;
    strip?.addEventListener("keydown", (event) => {
      const step = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0;
      if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      this.step(step, true);
    });
  }

  /**
   * Follows the link of the month before or after the later photograph's; the server says the verdict.
   * @param {number} by
   * @param {boolean} inStrip
   */
  step(by, inStrip = false) {
    const here = this.links.findIndex((link) => link.dataset.role === "later");
    for (let i = here + by; i >= 0 && i < this.links.length; i += by) {
      if (this.links[i].dataset.role === "earlier") continue;
      if (inStrip) this.onStepInStrip?.();
      this.links[i].click();
      return;
    }
    this.onEnd?.(by > 0 ? "This is the latest photograph of the view." : "There is no earlier one to step to.");
  }

  focusCurrent() {
    this.links.find((link) => link.dataset.role === "later")?.focus();
  }

  /** The pair and the dates nearest to it, oldest first. @returns {HTMLAnchorElement[]} */
  chosen() {
    const pair = this.links.filter((link) => link.dataset.role);
    const rest = this.links.filter((link) => !link.dataset.role);
    const middle = (this.links.indexOf(pair[0]) + this.links.indexOf(pair.at(-1))) / 2;
    rest.sort((a, b) => Math.abs(this.links.indexOf(a) - middle) - Math.abs(this.links.indexOf(b) - middle));
    return this.links.filter((link) => pair.includes(link) || rest.slice(0, SHOWN - pair.length).includes(link));
  }

  open() {
    if (this.extra.length) return;
    /** @type {HTMLElement} */
    const pair = this.root.querySelector("[data-pair]");
    const shown = this.chosen();
    /** @type {NodeListOf<HTMLElement>} */
    const sides = pair.querySelectorAll("[data-side]");
    for (const side of sides) {
      const order = shown.findIndex((link) => link.dataset.role === side.dataset.side);
      side.style.order = String(order);
    }
    for (const link of shown) if (!link.dataset.role) this.add(pair, link, shown.indexOf(link));
    pair.dataset.count = String(shown.length);
  }

  /** @param {HTMLElement} pair @param {HTMLAnchorElement} link @param {number} order */
  add(pair, link, order) {
    /** @type {HTMLTemplateElement} */
    const template = this.root.querySelector("[data-date-template]");
    const figure = /** @type {HTMLElement} */ (template.content.firstElementChild.cloneNode(true));
    /** @type {(part: string, text: string) => void} */
    const fill = (part, text) => {
      figure.querySelector(`[data-part=${part}]`).textContent = text;
    };
    const img = figure.querySelector("img");
    img.width = Number(link.dataset.width);
    img.height = Number(link.dataset.height);
    img.alt = link.dataset.alt;
    img.src = link.dataset.src;
    fill("month", link.dataset.month);
    fill("date", link.dataset.date);
    fill("session", link.dataset.session);
    fill("tag", link.dataset.alignment);
    figure.style.order = String(order);
    pair.append(figure);
    /** @type {HTMLElement} */
    const frame = figure.querySelector("[data-frame]");
    /** @type {HTMLElement} */
    const first = this.root.querySelector("[data-frame]");
    frame.style.aspectRatio = first.style.aspectRatio;
    const transform = link.dataset.transform ? JSON.parse(link.dataset.transform) : this.asTaken;
    const side = `extra-${this.extra.length}`;
    figure.dataset.side = side;
    const pane = Object.assign(this.view.addPane(frame, img, transform), { name: link.dataset.month });
    this.extra.push({ figure, pane, side });
    this.onAdd?.(side, pane);
  }

  close() {
    for (const { figure, pane, side } of this.extra) {
      this.view.removePane(pane);
      this.onRemove?.(side);
      figure.remove();
    }
    this.extra = [];
  }
}
