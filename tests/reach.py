"""Whether a person can reach every control of a page with a pointer, at the size of window that it has."""

from playwright.sync_api import Page

FIND = """() => {
  const CONTROLS =
    "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]:not([tabindex='-1'])";
  const isShown = (one) => one.checkVisibility({ visibilityProperty: true }) && !one.closest(".vh, .skip")
    && one.getClientRects().length > 0 && one.getBoundingClientRect().width > 1;
  const named = (one) => {
    const words = one.getAttribute("aria-label") || one.innerText || one.name || one.id || "";
    return `${one.localName} "${words.trim().replace(/\\s+/g, " ").slice(0, 40)}"`;
  };
  // What stands on the middle of a control, when the page is scrolled as far as a person could.
  const covering = (one) => {
    let above = null;
    for (const block of ["center", "start", "end"]) {
      one.scrollIntoView({ block, inline: "center", behavior: "instant" });
      const box = one.getClientRects()[0]; // of a link that wraps, its first line
      const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
      above = document.elementFromPoint(x, y);
      if (above && (one.contains(above) || above.closest("label")?.control === one)) return null;
    }
    return above ? named(above) : "the edge of the window";
  };
  const found = [];
  const look = (within) => {
    for (const one of within.querySelectorAll(CONTROLS)) {
      if (!isShown(one)) continue;
      const above = covering(one);
      if (above) found.push(`${named(one)} lies under ${above}`);
    }
    const folds = [...within.querySelectorAll("details:not([open])")].filter(isShown);
    for (const fold of folds) {
      fold.open = true;
      look(fold);
      fold.open = false;
    }
  };
  look(document.body);
  return found;
}"""


def unreachable(page: Page) -> list[str]:
    """Every control whose middle cannot be hit at any scroll position, and what lies over it.

    Folds and menus are looked at closed, and opened one after the other.
    """
    found: list[str] = page.evaluate(FIND)
    return found
