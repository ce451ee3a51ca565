// The landmarks of a pair: which points are marked where, how well they agree, and the form that keeps them.
import { KeptMarks } from "./kept.js";
import { IDENTITY, align, compose, labelOf, scaleOf, turnOf } from "./similarity.js";

/** @typedef {import("./similarity.js").Point} Point */
/** @typedef {import("./similarity.js").Alignment} Alignment */

const SIDES = /** @type {const} */ (["earlier", "later"]);

/**
 * @param {string} text
 * @returns {{landmarks: import("./similarity.js").Landmarks, nudge: import("./similarity.js").Similarity}}
 */
function read(text) {
  const { landmarks = {}, nudge } = JSON.parse(text || "{}");
  return { landmarks, nudge: { ...IDENTITY, ...nudge } };
}

export class Landmarks {
  /**
   * @param {HTMLElement} root
   * @param {import("./picker.js").Picker} picker
   * @param {{changed: (alignment: Alignment, isDirty: boolean) => void, resumed: () => void}} listeners
   */
  constructor(root, picker, { changed, resumed }) {
    /** @type {HTMLElement} */
    this.panel = root.querySelector("[data-align]");
    /** @type {HTMLFormElement} */
    this.form = this.panel.querySelector("[data-align-form]");
    this.field = /** @type {HTMLInputElement} */ (this.form.elements.namedItem("alignment"));
    /** @type {HTMLButtonElement} */
    this.setButton = this.panel.querySelector("[data-set-points]");
    this.picker = picker;
    this.changed = changed;
    /** @type {NodeListOf<HTMLElement>} */
    const rows = this.panel.querySelectorAll("[data-point]");
    this.rows = new Map([...rows].map((row) => [row.dataset.point, row]));
    this.labels = Object.fromEntries([...this.rows].map(([name, row]) => [name, row.dataset.label]));
    this.months = root.dataset;
    // After a refused save the field says what was marked, and data-kept what is stored.
    this.stored = JSON.stringify(read(this.form.dataset.kept ?? this.field.value));
    const { landmarks, nudge } = read(this.field.value);
    this.points = landmarks;
    this.nudge = nudge;
    this.isSaving = false;
    this.isPicking = false;
    this.kept = new KeptMarks(this.form, {
      place: root.querySelector("[data-stage]"),
      resume: (alignment) => {
        this.resume(alignment);
        resumed();
      },
    });
    this.listen();
    this.active = this.next();
    this.render(false);
    this.kept.offer();
  }

  listen() {
    for (const [name, row] of this.rows) {
      row.querySelector("[data-choose]").addEventListener("click", () => {
        this.choose(name);
        if (this.isPicking) this.picker.focus(this.nextSide ?? SIDES[0]);
      });
      row.querySelector("[data-remove]").addEventListener("click", () => {
        delete this.points[name];
        this.choose(name);
      });
    }
    /** @type {HTMLElement} */
    const more = this.panel.querySelector("[data-more-points]");
    more.addEventListener("click", () => {
      for (const row of this.rows.values()) row.hidden = false;
      more.hidden = true;
      [...this.rows.values()]
        .find((row) => !row.dataset.suggested)
        ?.querySelector("button")
        .focus();
    });
    this.form.addEventListener("submit", () => {
      this.isSaving = true;
      this.kept.sending();
    });
    // Where a browser asks, it asks only about what the server does not have yet.
    addEventListener("beforeunload", (event) => {
      if (this.isDirty && this.kept.isBehind && !this.isSaving) event.preventDefault();
    });
  }

  /** Put in what was marked at another time. @param {string} alignment as the form sends it */
  resume(alignment) {
    const { landmarks, nudge } = read(alignment);
    this.points = landmarks;
    this.nudge = nudge;
    this.active = this.next();
    this.render();
  }

  get isDirty() {
    return this.contents !== this.stored;
  }

  // What the form sends, written the same way whoever wrote it before.
  get contents() {
    return JSON.stringify({ landmarks: this.points, nudge: this.nudge });
  }

  get alignment() {
    return align(this.points, this.nudge, this.labels);
  }

  /** @param {string} name */
  choose(name) {
    this.active = name;
    this.render();
    if (this.picker.task) this.picker.rename();
  }

  // The first suggested point that is not marked in both, then any other begun.
  next() {
    /** @type {(name: string) => boolean} */
    const open = (name) => SIDES.some((side) => !this.points[name]?.[side]);
    const names = [...this.rows.keys()].filter((name) => !this.rows.get(name).hidden);
    return names.find(open) ?? names[0];
  }

  /** The photograph in which the active point is not marked yet. */
  get nextSide() {
    return SIDES.find((side) => !this.points[this.active]?.[side]);
  }

  /** What the picker asks of us. @returns {import("./picker.js").Task} */
  task() {
    return {
      prompt: (side) => `${this.months[side]}. Mark: ${this.labels[this.active]}.`,
      at: (side) => this.points[this.active]?.[side],
      next: () => this.nextSide,
      pick: (side, spot) => {
        this.points[this.active] = { ...this.points[this.active], [side]: spot };
        if (SIDES.every((s) => this.points[this.active][s])) this.active = this.next();
        this.render();
      },
      grab: (side, spot, reach) => this.nearest(side, spot, reach),
      drag: (side, name, spot) => {
        this.points[name][side] = spot;
        this.active = name;
        this.render();
      },
    };
  }

  /** @param {string} side @param {Point} spot @param {number} reach */
  nearest(side, [x, y], reach) {
    /** @type {string | null} */
    let best = null;
    let gap = reach;
    for (const [name, at] of Object.entries(this.points)) {
      const away = at[side] ? Math.hypot(at[side][0] - x, at[side][1] - y) : Infinity;
      if (away < gap) {
        best = name;
        gap = away;
      }
    }
    return best;
  }

  /** @param {import("./similarity.js").Similarity} change */
  correct(change) {
    this.nudge = compose(this.nudge, change);
    this.render();
  }

  resetNudge() {
    this.nudge = { ...IDENTITY };
    this.render();
  }

  /** @param {boolean} writes whether the form is to send what is marked now */
  render(writes = true) {
    const alignment = this.alignment;
    if (writes && this.field.value !== this.contents) {
      this.field.value = this.contents;
      this.kept.changed();
    }
    for (const [name, row] of this.rows) this.renderRow(name, row, alignment);
    this.panel.querySelector("[data-hint]").textContent = this.hint();
    this.panel.querySelector("[data-residual]").textContent =
      alignment.state === "none" ? this.wanting() : labelOf(alignment);
    this.panel.querySelector("[data-residual]").classList.toggle("is-amber", alignment.state === "doubtful");
    /** @type {HTMLButtonElement} */
    const save = this.form.querySelector("[data-save]");
    const nothing = alignment.state === "none";
    save.disabled = nothing || !this.isDirty;
    /** @type {HTMLElement} */
    const unsaved = this.panel.querySelector("[data-unsaved]");
    unsaved.hidden = !this.isDirty;
    this.panel.querySelector("[data-nudged]").textContent = this.nudgeText();
    /** @type {HTMLElement} */
    const list = this.panel.querySelector("[data-problems]");
    list.replaceChildren(
      ...alignment.problems.map((text) => Object.assign(document.createElement("li"), { textContent: text })),
    );
    list.hidden = !alignment.problems.length;
    this.changed(alignment, this.isDirty);
  }

  /** @param {string} name @param {HTMLElement} row @param {Alignment} alignment */
  renderRow(name, row, alignment) {
    if (this.points[name]) row.hidden = false;
    row.querySelector("[data-choose]").setAttribute("aria-pressed", String(name === this.active));
    for (const side of SIDES) {
      row.querySelector(`[data-at=${side}]`).textContent = this.points[name]?.[side] ? "marked" : "to mark";
    }
    row.querySelector("[data-off]").textContent =
      name in alignment.off && alignment.residual !== null ? `${alignment.off[name].toFixed(0)} px` : "";
    /** @type {HTMLButtonElement} */
    const remove = row.querySelector("[data-remove]");
    remove.disabled = !this.points[name];
  }

  hint() {
    if (!this.isPicking) return "";
    const side = this.nextSide;
    const label = this.labels[this.active];
    return side
      ? `Now mark “${label}” in ${this.months[side]}.`
      : `“${label}” is marked in both; drag a mark to correct it.`;
  }

  wanting() {
    const both = Object.values(this.points).filter((at) => SIDES.every((side) => at[side])).length;
    return both
      ? "1 point in both photographs; mark at least one more, better three."
      : "No point marked in both photographs yet.";
  }

  nudgeText() {
    const { a, b, tx, ty } = this.nudge;
    if (a === 1 && b === 0 && tx === 0 && ty === 0) return "No correction by hand.";
    return `By hand: turned ${turnOf(this.nudge).toFixed(1)}°, zoomed ${scaleOf(this.nudge).toFixed(3)}×.`;
  }
}

// Numbered marks on the photographs; drawn with the view, so they keep their size at any zoom.
export class Marks {
  /**
   * @param {Landmarks} landmarks
   * @param {Record<string, import("./view.js").Pane>} panes
   * @param {import("./picker.js").Picker} picker
   * @param {import("./view.js").SharedView} view
   */
  constructor(landmarks, panes, picker, view) {
    this.landmarks = landmarks;
    this.panes = panes;
    this.picker = picker;
    /** @type {Map<string, HTMLElement>} */
    this.elements = new Map();
    this.isShown = false;
    view.onDraw(() => this.draw());
  }

  draw() {
    const wanted = new Set();
    if (this.isShown) {
      const order = [...this.landmarks.rows.keys()];
      for (const [name, at] of Object.entries(this.landmarks.points)) {
        for (const side of SIDES) {
          if (!at[side]) continue;
          wanted.add(`${side} ${name}`);
          this.place(side, name, at[side], order.indexOf(name) + 1);
        }
      }
    }
    for (const [key, element] of this.elements) {
      if (wanted.has(key)) continue;
      element.remove();
      this.elements.delete(key);
    }
  }

  /** @param {string} side @param {string} name @param {Point} spot @param {number} number */
  place(side, name, spot, number) {
    const key = `${side} ${name}`;
    let mark = this.elements.get(key);
    if (!mark) {
      mark = document.createElement("div");
      mark.className = "cmp-mark";
      mark.setAttribute("aria-hidden", "true");
      mark.append(Object.assign(document.createElement("b"), { textContent: String(number) }));
      this.panes[side].frame.append(mark);
      this.elements.set(key, mark);
    }
    mark.classList.toggle("is-active", name === this.landmarks.active);
    const [x, y] = this.picker.toScreen(side, spot);
    mark.style.transform = `translate(${x}px, ${y}px)`;
  }
}
