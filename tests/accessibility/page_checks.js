// What a page must be for those who do not use a mouse, or see little. Read into each page by page_checks.py; every
// function gives the list of what is wrong.
({
  seen(element) {
    const box = element.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && getComputedStyle(element).visibility === "visible";
  },

  focusable() {
    const kinds = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
    const found = [...document.querySelectorAll(kinds)];
    return found.filter((one) => !one.disabled && !one.closest("[inert]") && one.checkVisibility());
  },

  named(element) {
    const told = element.getAttribute("aria-label") || element.textContent || element.name || element.id;
    return `${element.tagName.toLowerCase()} “${told.replace(/\s+/g, " ").trim().slice(0, 60)}”`;
  },

  /** What a person sees of a control: its label, where the control itself lies invisible over it. */
  face(control) {
    const isHidden = getComputedStyle(control).opacity === "0" || !this.seen(control);
    return isHidden ? (control.closest("label, .form-check") ?? control) : control;
  },

  /** Links of one name that lead to different places, and buttons of one name (WCAG 2.4.4, 2.4.6). */
  sameNames() {
    axe.setup(document);
    const places = new Map();
    for (const element of document.querySelectorAll("a[href], button")) {
      if (!element.checkVisibility({ visibilityProperty: true }) || element.closest("[aria-hidden=true]")) continue;
      const name = axe.commons.text.accessibleText(element).replace(/\s+/g, " ").trim();
      const place = element.tagName === "A" ? element.href : `button ${element.form?.action} ${element.id || places.size}`;
      const kind = `${element.tagName} ${name}`;
      places.set(kind, (places.get(kind) ?? new Set()).add(place));
    }
    axe.teardown();
    return [...places].filter(([, to]) => to.size > 1).map(([name, to]) => `${to.size} places are called ${name}`);
  },

  /** Whatever has the focus lies under something that sticks (WCAG 2.4.11). */
  covered() {
    const faults = [];
    for (const control of this.focusable()) {
      control.focus();
      if (document.activeElement !== control) continue;
      const face = this.face(control);
      const box = face.getBoundingClientRect();
      const left = Math.max(box.left, 0), right = Math.min(box.right, innerWidth);
      const top = Math.max(box.top, 0), bottom = Math.min(box.bottom, innerHeight);
      if (left >= right || top >= bottom) {
        if (control.closest(".skip, .vh")) continue;
        faults.push(`${this.named(control)} is out of the window when it is focused`);
        continue;
      }
      const spots = [0.1, 0.5, 0.9].flatMap((x) => [0.1, 0.5, 0.9].map((y) => [left + x * (right - left), top + y * (bottom - top)]));
      const isFree = spots.some(([x, y]) => {
        const over = document.elementFromPoint(x, y);
        return over && (face.contains(over) || over.contains(face) || control.contains(over) || !this.sticks(over));
      });
      if (!isFree) faults.push(`${this.named(control)} is covered when it is focused`);
    }
    return faults;
  },

  /** What lies beyond the edge of the window in nothing that scrolls: `main` clips it, so the page itself does not
   * scroll sideways, and nobody can read or reach it. */
  cutOff() {
    const width = document.documentElement.clientWidth;
    const scrolls = (element) => {
      for (let part = element; part && part !== document.body; part = part.parentElement) {
        if (part.localName !== "main" && getComputedStyle(part).overflowX !== "visible") return true;
      }
      return false;
    };
    const isOut = (box) => box.width > 1 && box.height > 1 && (box.right > width + 1 || box.left < -1);
    const range = document.createRange();
    const faults = [];
    for (const element of document.querySelectorAll("body *")) {
      if (element.closest(".vh, .skip, svg *") || !element.checkVisibility({ visibilityProperty: true })) continue;
      if (getComputedStyle(element).opacity === "0") continue;
      const words = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
      const boxes = words.flatMap((node) => {
        range.selectNodeContents(node);
        return [...range.getClientRects()];
      });
      if (!element.childElementCount) boxes.push(...element.getClientRects());
      if (boxes.some(isOut) && !scrolls(element)) faults.push(`${this.named(element)} is cut off`);
    }
    return [...new Set(faults)].slice(0, 5);
  },

  sticks(element) {
    for (let part = element; part; part = part.parentElement) {
      if (["sticky", "fixed"].includes(getComputedStyle(part).position)) return true;
    }
    return false;
  },

  /** In forced colours: a control without a ring when it is focused, a choice that looks the same chosen and not. */
  unmarked() {
    const faults = [], looked = new Set();
    for (const control of this.focusable()) {
      const face = this.face(control);
      const kind = `${control.tagName} ${control.type} ${control.className} ${face.className}`;
      if (looked.has(kind)) continue;
      control.focus();
      if (document.activeElement !== control) continue;
      looked.add(kind);
      const rings = [control, face].filter((one) => getComputedStyle(one).opacity !== "0" && this.seen(one));
      const isRinged = rings.some((one) => {
        const style = getComputedStyle(one);
        return style.outlineStyle !== "none" && Number.parseFloat(style.outlineWidth) >= 2;
      });
      if (!isRinged) faults.push(`${this.named(control)} (${kind}) has no ring`);
      if (["radio", "checkbox"].includes(control.type) && getComputedStyle(control).opacity === "0") {
        const before = control.checked;
        control.blur();
        const looks = [true, false].map((checked) => {
          control.checked = checked;
          return this.looks(face);
        });
        control.checked = before;
        if (looks[0] === looks[1]) faults.push(`${this.named(face)} (${kind}) looks the same chosen and not`);
      }
    }
    return faults;
  },

  /** What forced colours leave of an element and its parts: borders, outlines, signs, and colours that are kept. */
  looks(face) {
    const parts = [face, ...face.querySelectorAll("*")];
    return parts
      .flatMap((part) => [null, "::before", "::after"].map((pseudo) => [getComputedStyle(part, pseudo), pseudo]))
      .map(([style, pseudo]) => {
        if (pseudo && style.content === "none") return "";
        const kept = style.forcedColorAdjust === "none" ? style.backgroundColor : "";
        return [style.borderTopWidth, style.outlineStyle, style.outlineWidth, style.content, style.display, kept].join();
      })
      .join("|");
  },

  /** A drawing in the colour of what lies behind it. */
  lostDrawings() {
    const canvas = getComputedStyle(document.documentElement).backgroundColor;
    const faults = [];
    for (const svg of document.querySelectorAll("main svg")) {
      if (!svg.getClientRects().length) continue;
      const marks = [...svg.querySelectorAll("path, line, circle, rect, polygon, polyline, text")];
      const isSeen = marks.some((mark) => {
        const { fill, stroke } = getComputedStyle(mark);
        return [fill, stroke].some((colour) => !["none", canvas, getComputedStyle(document.body).backgroundColor].includes(colour));
      });
      if (marks.length && !isSeen) faults.push(`a drawing in ${svg.parentElement.className} cannot be seen`);
    }
    for (const picture of document.querySelectorAll("img[src*='/drawings/']")) {
      const { backgroundColor, forcedColorAdjust } = getComputedStyle(picture);
      if (forcedColorAdjust !== "none" || backgroundColor !== "rgb(255, 255, 255)") {
        faults.push(`${picture.src} has no ground of its own`);
      }
    }
    return [...new Set(faults)];
  },
})
