// Puts the viewer together. Without it the page still shows both photographs side by side, as taken, with
// links for views and dates.
import { Adjust } from "./adjust.js";
import { rememberView, zoomControls } from "./controls.js";
import { Dates } from "./dates.js";
import { Gestures, viewKey } from "./gestures.js";
import { Landmarks, Marks } from "./landmarks.js";
import { Light } from "./light.js";
import { Modes } from "./modes.js";
import { Picker } from "./picker.js";
import { FRAME, IDENTITY, labelOf, scaleOf, turnOf } from "./similarity.js";
import { SharedView } from "./view.js";

/** @typedef {import("./similarity.js").Alignment} Alignment */
/** @typedef {{alignment: Alignment, isDirty: boolean}} Aligned */

const MOST_COVERED = 0.68; // of the window's height

/** @type {HTMLElement | null} */
const root = document.querySelector("[data-compare]");
if (root) start(root);

/** @param {HTMLElement} root */
function start(root) {
  /** @type {HTMLElement} */
  const stage = root.querySelector("[data-stage]");
  /** @type {HTMLElement} */
  const pair = root.querySelector("[data-pair]");
  /** @type {(side: string) => HTMLElement} */
  const frameOf = (side) => pair.querySelector(`[data-side=${side}] [data-frame]`);
  const frames = { earlier: frameOf("earlier"), later: frameOf("later") };
  const sizes = {
    earlier: sizeOf(frames.earlier.querySelector("img")),
    later: sizeOf(frames.later.querySelector("img")),
  };
  // Photographs of unlike shape are centred on each other until landmarks say better.
  const asTaken = {
    ...IDENTITY,
    tx: (sizes.earlier[0] - sizes.later[0]) / 2,
    ty: (sizes.earlier[1] - sizes.later[1]) / 2,
  };
  const view = new SharedView(worldOf(sizes, asTaken));
  root.classList.add("is-live");
  /** @type {NodeListOf<HTMLElement>} */
  const parts = root.querySelectorAll("[data-needs-js]");
  for (const part of parts) part.hidden = false;
  pair.style.setProperty("--aspect", String(view.world.width / view.world.height));
  /** @type {Record<string, import("./view.js").Pane>} */
  const panes = {
    earlier: view.addPane(frames.earlier, frames.earlier.querySelector("img")),
    later: view.addPane(frames.later, frames.later.querySelector("img"), asTaken),
  };
  for (const side of ["earlier", "later"]) panes[side].name = root.dataset[side];
  new ResizeObserver(() => view.measure(frames.earlier)).observe(frames.earlier);

  pinWhereItFits(root, stage);

  const gestures = new Gestures(pair, view);
  const picker = new Picker(view, panes, root);
  const dates = new Dates(root, view, asTaken);
  const live = root.querySelector("[data-live]");
  const canAlign = Boolean(root.querySelector("[data-align-form]"));
  /** @type {Landmarks | null} */
  let landmarks = null;
  /** What is shown of the alignment: the landmarks' own, or what was stored. @type {Aligned | null} */
  let aligned = null;
  /** @type {Marks | null} */
  let marks = null;
  /** @type {Adjust | null} */
  let adjust = null;
  /** @type {Light | null} */
  let light = null;
  /** Shows or hides the panel of points. @type {(isOpen: boolean) => void} */
  let openAligning = () => {};
  const modes = new Modes(root, (mode) => {
    stopPicking();
    if (mode === "dates") dates.open();
    else dates.close();
    if (mode === "dates") light?.joined();
    showAlignment();
  });
  const memory = rememberView(root, view, modes);
  if (canAlign) {
    landmarks = new Landmarks(root, picker, { changed: () => showAlignment(), resumed: () => openAligning(true) });
    aligned = landmarks;
    marks = new Marks(landmarks, panes, picker, view);
    landmarks.form.addEventListener("submit", () => memory.rememberSaving());
    adjust = new Adjust(root, view, landmarks, { begins: () => stopPicking(), changed: () => chooseTool() });
    openPanel();
  } else {
    aligned = storedAlignment(root);
  }
  light = new Light(root, panes, {
    pick: (task) => {
      if (modes.isStacked) modes.set("side");
      startPicking(task, "light");
    },
    done: (isOn) => {
      stopPicking();
      say();
      live.textContent = isOn ? "Light matched for viewing only." : "The light is shown as taken.";
    },
  });
  zoomControls(root, view, pair);
  view.onDraw(() => pair.classList.toggle("is-zoomed", view.zoom > 1.001));
  dates.onAdd = (side, pane) => picker.add(side, pane);
  dates.onRemove = (side) => picker.remove(side);
  dates.onEnd = (text) => {
    live.textContent = text;
  };
  dates.onStepInStrip = () => memory.rememberStrip();
  listenToKeys();
  memory.restore(dates, pair, live);

  /** @param {import("./picker.js").Task} task @param {"points" | "light"} what */
  function startPicking(task, what) {
    if (root.dataset.picking) stopPicking(what === "light");
    root.dataset.picking = what;
    showAlignment();
    picker.start(task);
    chooseTool();
  }

  function stopPicking(keepLight = false) {
    if (!root.dataset.picking) return;
    const was = root.dataset.picking;
    const hadFocus = picker.hasFocus;
    delete root.dataset.picking;
    picker.stop();
    // The photographs take no keys now: the focus goes back to what asked for the marks.
    if (hadFocus) (was === "points" ? landmarks.setButton : light.button).focus({ preventScroll: was === "light" });
    if (canAlign) {
      landmarks.isPicking = false;
      landmarks.setButton.setAttribute("aria-pressed", "false");
    }
    if (was === "light" && light.isMarking && !keepLight) light.off();
    if (canAlign) {
      landmarks.render(false); // takes its hint away, and shows the alignment
    } else showAlignment();
    chooseTool();
  }

  function chooseTool() {
    const moving = Boolean(adjust?.toggle.checked) && !root.dataset.picking;
    gestures.tool = root.dataset.picking ? picker : moving ? adjust.tool : null;
    root.classList.toggle("is-moving-later", moving);
    if (marks) {
      marks.isShown = root.dataset.picking === "points" || (!panelOf(root).hidden && modes.mode === "side" && !moving);
    }
    view.request();
  }

  // While points are being set the later photograph lies as it was taken; otherwise as the points say.
  function showAlignment() {
    if (!aligned) return;
    const { alignment } = aligned;
    const laid = alignment.state !== "none" && root.dataset.picking !== "points";
    panes.later.transform = laid ? alignment.transform : asTaken;
    root.dataset.alignment = alignment.state;
    const unsaved = aligned.isDirty && alignment.state !== "none" ? " (not saved)" : "";
    root.querySelector("[data-tag]").textContent = laid
      ? labelOf(alignment) + unsaved
      : root.dataset.picking === "points"
        ? "As taken, while points are set"
        : "Not aligned";
    root.querySelector("[data-tag]").classList.toggle("is-sound", laid && alignment.state === "aligned");
    chooseTool();
    say(laid ? alignment : null);
  }

  // One sentence under the photographs that says everything done to them.
  /** @param {Alignment | null} alignment */
  function say(alignment = root.dataset.picking === "points" ? null : aligned.alignment) {
    const parts = [];
    if (alignment && alignment.state !== "none") {
      const turn = turnOf(alignment.transform);
      const turned =
        Math.abs(turn) < 0.05 ? "" : `turned ${Math.abs(turn).toFixed(1)}° ${turn > 0 ? "right" : "left"}, `;
      parts.push(
        `${root.dataset.later}: ${turned}zoomed ${scaleOf(alignment.transform).toFixed(2)}× and moved to lie over ${root.dataset.earlier}.`,
      );
    }
    if (light?.isOn) parts.push("Light matched for viewing only.");
    parts.push(
      parts.length ? "The originals are unchanged." : "Whole photos, as taken. Nothing is cropped or brightened.",
    );
    root.querySelector("[data-done]").textContent = parts.join(" ");
  }

  function openPanel() {
    /** @type {HTMLElement} */
    const panel = root.querySelector("[data-align]");
    const opener = root.querySelector("[data-open-align]");
    openAligning = (isOpen) => {
      const top = stage.getBoundingClientRect().top + scrollY;
      panel.hidden = !isOpen;
      opener.setAttribute("aria-expanded", String(!panel.hidden));
      root.toggleAttribute("data-aligning", !panel.hidden);
      if (panel.hidden) {
        adjust.toggle.checked = false;
        stopPicking();
      } else {
        setPoints();
        scrollTo({ top });
      }
      chooseTool();
    };
    opener.addEventListener("click", () => openAligning(Boolean(panel.hidden)));
    landmarks.setButton.addEventListener("click", () =>
      root.dataset.picking === "points" ? stopPicking() : setPoints(),
    );
    root.toggleAttribute("data-aligning", !panel.hidden);
    opener.setAttribute("aria-expanded", String(!panel.hidden));
    function setPoints() {
      if (modes.mode !== "side") modes.set("side");
      landmarks.isPicking = true;
      adjust.toggle.checked = false;
      startPicking(landmarks.task(), "points");
      landmarks.setButton.setAttribute("aria-pressed", "true");
      landmarks.render(false);
      picker.focus(landmarks.nextSide ?? "earlier");
    }
    panel.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || root.dataset.picking !== "points") return;
      stopPicking();
      landmarks.setButton.focus();
    });
  }

  // Keys work while the focus is in the viewer, never elsewhere on the page.
  function listenToKeys() {
    stage.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const target = /** @type {Element} */ (event.target);
      /** @type {HTMLInputElement | null} */
      const field = target.closest("input, select, textarea");
      if (field && !leavesKey(field, event.key)) return;
      const onStage = target === pair;
      if (event.key === "[" || event.key === "]") dates.step(event.key === "[" ? -1 : 1);
      else if (modes.key(event)) void 0;
      else if (event.key === "Escape" && root.dataset.picking) stopPicking();
      else if (event.key === " " && onStage && modes.mode === "blink") modes.key({ key: "b" });
      else if (onStage && adjust?.toggle.checked && adjust.key(event)) void 0;
      else if ((onStage || !event.key.startsWith("Arrow")) && viewKey(event, view)) void 0;
      else return;
      event.preventDefault();
    });
  }
}

/**
 * While points are set the photographs stay in sight above their panel, unless they would cover it: on a page that is
 * enlarged three times, or a telephone lying on its side.
 * @param {HTMLElement} root
 * @param {HTMLElement} stage
 */
function pinWhereItFits(root, stage) {
  const look = () => {
    const fits = stage.offsetHeight <= MOST_COVERED * innerHeight;
    root.toggleAttribute("data-pinned", fits);
    document.documentElement.style.setProperty("--pinned", `${fits ? stage.offsetHeight : 0}px`);
  };
  new ResizeObserver(look).observe(stage);
  addEventListener("resize", look);
}

/** @param {HTMLElement} root @returns {HTMLElement} */
function panelOf(root) {
  return root.querySelector("[data-align]");
}

/**
 * Whether a control that has the focus has no use of its own for a key.
 * @param {HTMLInputElement} field
 * @param {string} key
 */
function leavesKey(field, key) {
  if (field.type === "radio") return !key.startsWith("Arrow");
  return field.type === "range" && /^[\d[\]b+-]$/.test(key);
}

/** @param {HTMLImageElement} img @returns {[number, number]} width and height in the 1600 px coordinates */
function sizeOf(img) {
  const [width, height] = [Number(img.getAttribute("width")), Number(img.getAttribute("height"))];
  const unit = FRAME / Math.max(width, height);
  return [width * unit, height * unit];
}

/**
 * @param {{earlier: [number, number], later: [number, number]}} sizes
 * @param {import("./similarity.js").Similarity} asTaken
 */
function worldOf({ earlier, later }, asTaken) {
  const [x, y] = [Math.min(0, asTaken.tx), Math.min(0, asTaken.ty)];
  return { x, y, width: Math.max(earlier[0], later[0]), height: Math.max(earlier[1], later[1]) };
}

/**
 * For those who may look and not align: the stored alignment, without the panel.
 * @param {HTMLElement} root
 * @returns {Aligned}
 */
function storedAlignment(root) {
  const stored = root.dataset.kept ? JSON.parse(root.dataset.kept) : { state: "none", names: [], transform: IDENTITY };
  return { alignment: { problems: [], off: {}, ...stored }, isDirty: false };
}
