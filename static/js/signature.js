// A signature drawn with a finger, a pen or the mouse, kept as strokes in thousandths of the field's width.
// Without this script the field stays hidden, and the name is typed instead.

const UNITS = 1000;
const NEAR = 4;          // points closer than this add nothing to the line
const MOST_POINTS = 8000;

for (const block of document.querySelectorAll("[data-signature]")) attend(block);

function attend(block) {
  const canvas = block.querySelector("canvas");
  const kept = document.getElementById(block.dataset.signature);
  const pen = canvas.getContext("2d");
  let strokes = read(kept.value);
  let current = null;
  block.hidden = false;

  // Measured once a stroke: the page may move under a pen that is down, the line must not.
  let box = null;

  const place = (event) => {
    const scale = UNITS / box.width;
    const fit = (value, most) => Math.round(Math.min(Math.max(value * scale, 0), most));
    return [fit(event.clientX - box.left, UNITS), fit(event.clientY - box.top, (UNITS * canvas.height) / canvas.width)];
  };
  const count = () => strokes.reduce((sum, stroke) => sum + stroke.length, 0);
  const add = (event) => {
    const [x, y] = place(event);
    const [lastX, lastY] = current.at(-1) ?? [-UNITS, -UNITS];
    if (Math.hypot(x - lastX, y - lastY) >= NEAR && count() < MOST_POINTS) current.push([x, y]);
  };
  const keep = () => {
    kept.value = strokes.length ? JSON.stringify(strokes) : "";
    kept.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const draw = () => {
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.strokeStyle = getComputedStyle(canvas).color;
    pen.lineWidth = 5;
    pen.lineCap = pen.lineJoin = "round";
    for (const stroke of strokes) {
      pen.beginPath();
      pen.moveTo(...stroke[0]);
      for (const point of stroke.length > 1 ? stroke.slice(1) : stroke) pen.lineTo(...point);
      pen.stroke();
    }
  };

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || current) return;
    canvas.setPointerCapture(event.pointerId);
    box = canvas.getBoundingClientRect();
    current = [];
    strokes.push(current);
    add(event);
    draw();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!current || !canvas.hasPointerCapture(event.pointerId)) return;
    for (const part of event.getCoalescedEvents?.() ?? []) add(part);
    add(event);
    draw();
  });
  const finish = (event) => {
    if (!current || (event.type !== "lostpointercapture" && !canvas.hasPointerCapture(event.pointerId))) return;
    current = null;
    keep();
  };
  for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) canvas.addEventListener(end, finish);

  block.querySelector("[data-clear]").addEventListener("click", () => {
    strokes = [];
    keep();
    draw();
  });
  block.querySelector("[data-undo]").addEventListener("click", () => {
    strokes.pop();
    keep();
    draw();
  });
  // A draft was put back.
  kept.form.addEventListener("record-form:filled", () => {
    strokes = read(kept.value);
    draw();
  });
  draw();
}

function read(text) {
  try {
    const told = JSON.parse(text || "[]");
    return Array.isArray(told) ? told.filter((stroke) => Array.isArray(stroke) && stroke.length) : [];
  } catch {
    return [];
  }
}
