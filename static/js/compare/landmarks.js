// The landmarks of a pair: which points are marked where, how well they agree, and the form that keeps them.
import { IDENTITY, align, compose, labelOf, scaleOf, turnOf } from "./similarity.js";

const SIDES = ["earlier", "later"];

function read(text) {
  const { landmarks = {}, nudge } = JSON.parse(text || "{}");
  return { landmarks, nudge: { ...IDENTITY, ...nudge } };
}

export class Landmarks {
  constructor(root, picker, changed) {
    this.panel = root.querySelector("[data-align]");
    this.form = this.panel.querySelector("[data-align-form]");
    this.field = this.form.elements.alignment;
    this.setButton = this.panel.querySelector("[data-set-points]");
    this.picker = picker;
    this.changed = changed;
    this.rows = new Map([...this.panel.querySelectorAll("[data-point]")].map((row) => [row.dataset.point, row]));
    this.labels = Object.fromEntries([...this.rows].map(([name, row]) => [name, row.dataset.label]));
    this.months = root.dataset;
    // After a refused save the field holds what was marked, and data-kept what is kept.
    const kept = read(this.form.dataset.kept ?? this.field.value);
    this.kept = JSON.stringify(kept);
    const { landmarks, nudge } = read(this.field.value);
    this.points = landmarks;
    this.nudge = nudge;
    this.marks = new Map();
    this.isPicking = false;
    this.listen();
    this.active = this.next();
    this.render(false);
  }

  listen() {
    for (const [name, row] of this.rows) {
      row.querySelector("[data-choose]").addEventListener("click", () => this.choose(name));
      row.querySelector("[data-remove]").addEventListener("click", () => {
        delete this.points[name];
        this.choose(name);
      });
    }
    const more = this.panel.querySelector("[data-more-points]");
    more.addEventListener("click", () => {
      for (const row of this.rows.values()) row.hidden = false;
      more.hidden = true;
      [...this.rows.values()].find((row) => !row.dataset.suggested)?.querySelector("button").focus();
    });
    this.form.addEventListener("submit", () => (this.isSaving = true));
    addEventListener("beforeunload", (event) => {
      if (this.isDirty && !this.isSaving) event.preventDefault();
    });
  }

  get isDirty() {
    return this.told !== this.kept;
  }

  // What the form sends, written the same way whoever wrote it before.
  get told() {
    return JSON.stringify({ landmarks: this.points, nudge: this.nudge });
  }

  get alignment() {
    return align(this.points, this.nudge, this.labels);
  }

  choose(name) {
    this.active = name;
    this.render();
    this.picker.task && this.picker.rename();
  }

  // The first suggested point that is not marked in both, then any other begun.
  next() {
    const open = (name) => SIDES.some((side) => !this.points[name]?.[side]);
    const names = [...this.rows.keys()].filter((name) => !this.rows.get(name).hidden);
    return names.find(open) ?? names[0];
  }

  // What the picker asks of us.
  task() {
    return {
      prompt: (side) => `${this.months[side]}. Mark: ${this.labels[this.active]}.`,
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

  nearest(side, [x, y], reach) {
    let [best, gap] = [null, reach];
    for (const [name, at] of Object.entries(this.points)) {
      const away = at[side] ? Math.hypot(at[side][0] - x, at[side][1] - y) : Infinity;
      if (away < gap) [best, gap] = [name, away];
    }
    return best;
  }

  correct(change) {
    this.nudge = compose(this.nudge, change);
    this.render();
  }

  resetNudge() {
    this.nudge = { ...IDENTITY };
    this.render();
  }

  render(tell = true) {
    const found = this.alignment;
    if (tell) this.field.value = this.told;
    for (const [name, row] of this.rows) this.renderRow(name, row, found);
    this.panel.querySelector("[data-hint]").textContent = this.hint();
    this.panel.querySelector("[data-residual]").textContent = found.state === "none" ? this.wanting() : labelOf(found);
    this.panel.querySelector("[data-residual]").classList.toggle("is-amber", found.state === "doubtful");
    const nothing = found.state === "none";
    this.form.querySelector("[data-save]").disabled = nothing || !this.isDirty;
    this.panel.querySelector("[data-unsaved]").hidden = !this.isDirty;
    this.panel.querySelector("[data-nudged]").textContent = this.nudgeText();
    const list = this.panel.querySelector("[data-problems]");
    list.replaceChildren(...found.problems.map((text) => Object.assign(document.createElement("li"), { textContent: text })));
    list.hidden = !found.problems.length;
    this.changed(found, this.isDirty);
  }

  renderRow(name, row, found) {
    if (this.points[name]) row.hidden = false;
    row.querySelector("[data-choose]").setAttribute("aria-pressed", String(name === this.active));
    for (const side of SIDES) row.querySelector(`[data-at=${side}]`).textContent = this.points[name]?.[side] ? "marked" : "to mark";
    row.querySelector("[data-off]").textContent = name in found.off && found.residual !== null ? `${found.off[name].toFixed(0)} px` : "";
    row.querySelector("[data-remove]").disabled = !this.points[name];
  }

  hint() {
    if (!this.isPicking) return "";
    const side = SIDES.find((s) => !this.points[this.active]?.[s]);
    const label = this.labels[this.active];
    return side ? `Now mark “${label}” in ${this.months[side]}.` : `“${label}” is marked in both; drag a mark to correct it.`;
  }

  wanting() {
    const both = Object.values(this.points).filter((at) => SIDES.every((side) => at[side])).length;
    return both ? "1 point in both photographs; mark at least one more, better three." : "No point marked in both photographs yet.";
  }

  nudgeText() {
    const { a, b, tx, ty } = this.nudge;
    if (a === 1 && b === 0 && tx === 0 && ty === 0) return "No correction by hand.";
    return `By hand: turned ${turnOf(this.nudge).toFixed(1)}°, zoomed ${scaleOf(this.nudge).toFixed(3)}×.`;
  }
}

// Numbered marks on the photographs; drawn with the view, so they keep their size at any zoom.
export class Marks {
  constructor(landmarks, panes, picker, view) {
    this.landmarks = landmarks;
    this.panes = panes;
    this.picker = picker;
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
