// Covering parts of photographs before they leave: dragging writes the numbers of a part, and the parts are drawn
// from the numbers. The server burns them in; what is drawn here is only what it will do.
const SMALLEST = 1; // per cent; less is a slip of the hand

for (const root of document.querySelectorAll("[data-cover]")) editor(root);
allViews();
sending();

function editor(root) {
  const pic = root.querySelector("[data-pic]");
  const boxes = [...root.querySelectorAll("[data-box]")];
  const looked = root.querySelector("[data-looked]");
  const tools = [...root.querySelectorAll("[data-tool]")];
  root.classList.add("is-live");
  for (const part of root.querySelectorAll("[data-tools]")) part.hidden = false;
  for (const tool of tools) {
    tool.addEventListener("click", () => {
      for (const other of tools) other.setAttribute("aria-pressed", String(other === tool));
    });
  }
  for (const box of boxes) box.addEventListener("input", changed);
  draw();

  // What was looked at is no longer what goes out.
  function changed() {
    looked.checked = false;
    draw();
  }

  function draw(held = null) {
    for (const part of pic.querySelectorAll(".exp-part")) part.remove();
    boxes.forEach((box, i) => {
      const part = numbers(box.value);
      if (part) show(part, box.dataset.box, box.dataset.box === "crop" ? "Kept" : String(i));
    });
    if (held) show(held.part, held.kind, "");
  }

  function show([left, top, width, height], kind, name) {
    const part = document.createElement("div");
    part.className = `exp-part exp-part-${kind}`;
    part.style.left = `${left}%`;
    part.style.top = `${top}%`;
    part.style.width = `${width}%`;
    part.style.height = `${height}%`;
    if (name) part.append(Object.assign(document.createElement("b"), { textContent: name }));
    pic.append(part);
  }

  let from = null;
  pic.addEventListener("pointerdown", (event) => {
    if (event.button || !event.isPrimary) return;
    from = at(event);
    pic.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  pic.addEventListener("pointermove", (event) => from && draw({ part: between(from, at(event)), kind: kind() }));
  pic.addEventListener("pointercancel", () => {
    from = null;
    draw();
  });
  pic.addEventListener("pointerup", (event) => {
    if (!from) return;
    const part = between(from, at(event));
    from = null;
    const box = place(kind());
    if (part[2] >= SMALLEST && part[3] >= SMALLEST && box) {
      box.value = part.map((value) => value.toFixed(1)).join(" ");
      root.querySelector("[data-numbers]").open = true;
      changed();
    } else draw();
  });

  function kind() {
    return tools.find((tool) => tool.getAttribute("aria-pressed") === "true").dataset.tool;
  }

  // The first free line for a cover, the last one when all are taken; there is one part to keep.
  function place(what) {
    const lines = boxes.filter((box) => box.dataset.box === what);
    return lines.find((box) => !box.value.trim()) ?? lines.at(-1);
  }

  function at(event) {
    const frame = pic.getBoundingClientRect();
    const within = (value, size) => Math.min(100, Math.max(0, Math.round((1000 * value) / size) / 10));
    return [within(event.clientX - frame.left, frame.width), within(event.clientY - frame.top, frame.height)];
  }
}

function between([x, y], [u, v]) {
  return [Math.min(x, u), Math.min(y, v), Math.abs(x - u), Math.abs(y - v)];
}

function numbers(text) {
  const words = text.replace(/[,;%]/g, " ").trim().split(/\s+/).map(Number);
  return words.length === 4 && words.every(Number.isFinite) && words[2] > 0 && words[3] > 0 ? words : null;
}

function allViews() {
  const button = document.querySelector("[data-all-views]");
  if (!button) return;
  button.parentElement.hidden = false;
  button.addEventListener("click", () => {
    for (const box of document.querySelectorAll("input[name=view]")) box.checked = true;
  });
}

// The answer is a file, so the page stays: say that it is on its way.
function sending() {
  const form = document.querySelector("[data-export-form]");
  form?.addEventListener("submit", () => {
    document.querySelector("[data-export-state]").textContent = "The sheet is being made; the download starts by itself.";
  });
}
