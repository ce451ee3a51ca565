// The strip of dates: arrow keys step the later photograph through the months, and one way of looking
// shows up to four dates in a row.

const SHOWN = 4;

export class Dates {
  constructor(root, view, asTaken) {
    this.root = root;
    this.view = view;
    this.asTaken = asTaken;
    this.links = [...root.querySelectorAll("[data-strip] a")];
    this.extra = [];
    // A long course: the strip opens where the later photograph is.
    const strip = root.querySelector("[data-strip]");
    const later = this.links.find((link) => link.dataset.role === "later");
    if (strip && later) strip.scrollLeft = later.offsetLeft + later.offsetWidth - strip.clientWidth;
    root.querySelector("[data-strip]")?.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      this.step(step, true);
    });
  }

  // Follows the link of the month before or after the later photograph's; the server says the verdict.
  step(by, keepFocus = false) {
    const here = this.links.findIndex((link) => link.dataset.role === "later");
    for (let i = here + by; i >= 0 && i < this.links.length; i += by) {
      if (this.links[i].dataset.role === "earlier") continue;
      if (keepFocus) this.onKeepFocus?.();
      this.links[i].click();
      return;
    }
    this.onEnd?.(by > 0 ? "This is the latest photograph of the view." : "There is no earlier one to step to.");
  }

  focusCurrent() {
    this.links.find((link) => link.dataset.role === "later")?.focus();
  }

  // The pair and the dates nearest to it, oldest first.
  chosen() {
    const pair = this.links.filter((link) => link.dataset.role);
    const rest = this.links.filter((link) => !link.dataset.role);
    const middle = (this.links.indexOf(pair[0]) + this.links.indexOf(pair.at(-1))) / 2;
    rest.sort((a, b) => Math.abs(this.links.indexOf(a) - middle) - Math.abs(this.links.indexOf(b) - middle));
    return this.links.filter((link) => pair.includes(link) || rest.slice(0, SHOWN - pair.length).includes(link));
  }

  open() {
    if (this.extra.length) return;
    const pair = this.root.querySelector("[data-pair]");
    const shown = this.chosen();
    for (const side of pair.querySelectorAll("[data-side]")) {
      const order = shown.findIndex((link) => link.dataset.role === side.dataset.side);
      side.style.order = String(order);
    }
    for (const link of shown) if (!link.dataset.role) this.add(pair, link, shown.indexOf(link));
    pair.dataset.count = String(shown.length);
  }

  add(pair, link, order) {
    const figure = this.root.querySelector("[data-date-template]").content.firstElementChild.cloneNode(true);
    const fill = (part, text) => (figure.querySelector(`[data-part=${part}]`).textContent = text);
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
    const frame = figure.querySelector("[data-frame]");
    frame.style.aspectRatio = this.root.querySelector("[data-frame]").style.aspectRatio;
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
