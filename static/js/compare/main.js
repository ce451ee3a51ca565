// Puts the viewer together. Without it the page still shows both photographs side by side, as taken, with
// links for views and dates.
import { Adjust } from "./adjust.js";
import { keepView, zoomControls } from "./controls.js";
import { Dates } from "./dates.js";
import { Gestures, viewKey } from "./gestures.js";
import { Landmarks, Marks } from "./landmarks.js";
import { Light } from "./light.js";
import { Modes } from "./modes.js";
import { Picker } from "./picker.js";
import { FRAME, IDENTITY, labelOf, scaleOf, turnOf } from "./similarity.js";
import { SharedView } from "./view.js";

const root = document.querySelector("[data-compare]");
if (root) start(root);

function start(root) {
  const stage = root.querySelector("[data-stage]");
  const pair = root.querySelector("[data-pair]");
  const frames = Object.fromEntries(["earlier", "later"].map((side) => [side, pair.querySelector(`[data-side=${side}] [data-frame]`)]));
  const sizes = Object.fromEntries(Object.entries(frames).map(([side, frame]) => [side, sizeOf(frame.querySelector("img"))]));
  // Photographs of unlike shape are centred on each other until landmarks say better.
  const asTaken = { ...IDENTITY, tx: (sizes.earlier[0] - sizes.later[0]) / 2, ty: (sizes.earlier[1] - sizes.later[1]) / 2 };
  const view = new SharedView(worldOf(sizes, asTaken));
  root.classList.add("is-live");
  for (const part of root.querySelectorAll("[data-needs-js]")) part.hidden = false;
  pair.style.setProperty("--aspect", String(view.world.width / view.world.height));
  const panes = {
    earlier: view.addPane(frames.earlier, frames.earlier.querySelector("img")),
    later: view.addPane(frames.later, frames.later.querySelector("img"), asTaken),
  };
  for (const side of ["earlier", "later"]) panes[side].name = root.dataset[side];
  new ResizeObserver(() => view.measure(frames.earlier)).observe(frames.earlier);

  const gestures = new Gestures(pair, view);
  const picker = new Picker(view, panes, root);
  const dates = new Dates(root, view, asTaken);
  const live = root.querySelector("[data-live]");
  const canAlign = Boolean(root.querySelector("[data-align-form]"));
  let [landmarks, marks, adjust, light] = [null, null, null, null];
  const modes = new Modes(root, (mode) => {
    stopPicking();
    if (mode === "dates") dates.open();
    else dates.close();
    if (mode === "dates") light?.joined();
    showAlignment();
  });
  const memory = keepView(root, view, modes);
  landmarks = canAlign ? new Landmarks(root, picker, () => showAlignment()) : keptAlignment(root);
  if (canAlign) {
    marks = new Marks(landmarks, panes, picker, view);
    adjust = new Adjust(root, view, landmarks, { begins: () => stopPicking(), changed: () => chooseTool() });
    openPanel();
  }
  light = new Light(root, panes, {
    pick: (task) => {
      if (modes.isStacked) modes.set("side");
      startPicking(task, "light");
    },
    done: () => {
      stopPicking();
      say();
    },
  });
  zoomControls(root, view);
  view.onDraw(() => pair.classList.toggle("is-zoomed", view.zoom > 1.001));
  dates.onAdd = (side, pane) => picker.add(side, pane);
  dates.onRemove = (side) => picker.remove(side);
  dates.onEnd = (text) => (live.textContent = text);
  dates.onKeepFocus = () => memory.keepStrip();
  listenToKeys();
  memory.restore(dates);

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
    delete root.dataset.picking;
    picker.stop();
    if (canAlign) {
      landmarks.isPicking = false;
      landmarks.setButton.setAttribute("aria-pressed", "false");
    }
    if (was === "light" && light.isMarking && !keepLight) light.off();
    if (canAlign) landmarks.render(false); // takes its hint away, and shows the alignment
    else showAlignment();
    chooseTool();
  }

  function chooseTool() {
    const moving = Boolean(adjust?.toggle.checked) && !root.dataset.picking;
    gestures.tool = root.dataset.picking ? picker : moving ? adjust.tool : null;
    root.classList.toggle("is-moving-later", moving);
    if (marks) marks.isShown = root.dataset.picking === "points" || (!root.querySelector("[data-align]").hidden && modes.mode === "side" && !moving);
    view.request();
  }

  // While points are being set the later photograph lies as it was taken; otherwise as the points say.
  function showAlignment() {
    if (!landmarks) return;
    const found = landmarks.alignment;
    const laid = found.state !== "none" && root.dataset.picking !== "points";
    panes.later.transform = laid ? found.transform : asTaken;
    root.dataset.alignment = found.state;
    const unsaved = landmarks.isDirty && found.state !== "none" ? " (not saved)" : "";
    root.querySelector("[data-tag]").textContent = laid ? labelOf(found) + unsaved : root.dataset.picking === "points" ? "As taken, while points are set" : "Not aligned";
    root.querySelector("[data-tag]").classList.toggle("is-sound", laid && found.state === "aligned");
    chooseTool();
    say(laid ? found : null);
  }

  // One sentence under the photographs that says everything done to them.
  function say(found = root.dataset.picking === "points" ? null : landmarks.alignment) {
    const parts = [];
    if (found && found.state !== "none") {
      const turn = turnOf(found.transform);
      const turned = Math.abs(turn) < 0.05 ? "" : `turned ${Math.abs(turn).toFixed(1)}° ${turn > 0 ? "right" : "left"}, `;
      parts.push(`${root.dataset.later}: ${turned}zoomed ${scaleOf(found.transform).toFixed(2)}× and moved to lie over ${root.dataset.earlier}.`);
    }
    if (light?.isOn) parts.push("Light matched for viewing only.");
    parts.push(parts.length ? "The originals are unchanged." : "Whole frames, as taken; nothing cropped or brightened.");
    root.querySelector("[data-done]").textContent = parts.join(" ");
  }

  function openPanel() {
    const panel = root.querySelector("[data-align]");
    const opener = root.querySelector("[data-open-align]");
    opener.addEventListener("click", () => {
      const top = stage.getBoundingClientRect().top + scrollY;
      panel.hidden = !panel.hidden;
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
    });
    landmarks.setButton.addEventListener("click", () => (root.dataset.picking === "points" ? stopPicking() : setPoints()));
    root.toggleAttribute("data-aligning", !panel.hidden);
    opener.setAttribute("aria-expanded", String(!panel.hidden));
    function setPoints() {
      if (modes.mode !== "side") modes.set("side");
      landmarks.isPicking = true;
      adjust.toggle.checked = false;
      startPicking(landmarks.task(), "points");
      landmarks.setButton.setAttribute("aria-pressed", "true");
      landmarks.render(false);
    }
  }

  // Keys work while the focus is in the viewer, never elsewhere on the page.
  function listenToKeys() {
    stage.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const field = event.target.closest("input, select, textarea");
      if (field && !leavesKey(field, event.key)) return;
      const onStage = event.target === pair;
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

// Whether a control that has the focus has no use of its own for a key.
function leavesKey(field, key) {
  if (field.type === "radio") return !key.startsWith("Arrow");
  return field.type === "range" && /^[\d[\]b+-]$/.test(key);
}

function sizeOf(img) {
  const [width, height] = [Number(img.getAttribute("width")), Number(img.getAttribute("height"))];
  const unit = FRAME / Math.max(width, height);
  return [width * unit, height * unit];
}

function worldOf({ earlier, later }, asTaken) {
  const [x, y] = [Math.min(0, asTaken.tx), Math.min(0, asTaken.ty)];
  return { x, y, width: Math.max(earlier[0], later[0]), height: Math.max(earlier[1], later[1]) };
}

// For those who may look and not align: what was kept, without the panel.
function keptAlignment(root) {
  const kept = root.dataset.kept ? JSON.parse(root.dataset.kept) : { state: "none", names: [], transform: IDENTITY };
  return { alignment: { problems: [], off: {}, ...kept }, isDirty: false };
}
