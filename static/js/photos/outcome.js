// What came of one photo, in words, with what can be done about it.

/** @typedef {import("./queue.js").Upload} Upload */
/** @typedef {import("./queue.js").Queue} Queue */
/** One check of a photo's quality. @typedef {{verdict: string, sentence: string}} Gate */

/**
 * What stands beside an upload now. `again`, where there is such a thing, chooses another picture in its place.
 * @param {Upload} upload
 * @param {{queue: Queue, again?: () => void}} options
 */
export function outcome(upload, { queue, again }) {
  const box = element("div", "outcome");
  box.dataset.state = upload.state;
  const line = sentence(upload);
  if (line) box.append(element("p", "outcome-line", line));
  const acts = element("div", "outcome-acts");
  if (upload.state === "refused") acts.append(button("Send again", () => queue.send(upload)));
  if (upload.state === "refused" || upload.state === "away") {
    acts.append(button("Leave it out", () => queue.remove(upload)));
  }
  if (upload.answer) {
    acts.append(
      Object.assign(element("a", "linkish", "Open it"), { href: upload.answer.url, target: "_blank", rel: "noopener" }),
    );
  }
  const warned = upload.state === "kept" && !upload.keepReason ? warnings(upload) : [];
  if (warned.length) {
    const list = element("ul", "remarks");
    list.append(...warned.map((gate) => element("li", "", gate.sentence)));
    box.append(list);
    if (again) acts.append(button("Take again", again));
    acts.append(button("Keep it", () => askWhy(acts, upload, queue)));
  }
  if (acts.childElementCount) box.append(acts);
  return box;
}

/** @param {Upload} upload @returns {Gate[]} */
export function warnings(upload) {
  return (upload.answer?.gates ?? []).filter((gate) => gate.verdict === "warn");
}

/** @type {Record<string, string>} */
const DATED = { camera: ", the camera’s date", today: ", today; the camera wrote no date" };

/** @param {Upload} upload */
export function sentence(upload) {
  const { state, answer } = upload;
  if (state === "chosen") return "";
  if (state === "waiting") return "Waiting its turn";
  if (state === "sending") {
    return upload.progress < 1 ? `Sending, ${Math.round(upload.progress * 100)} %` : "Sent; being checked";
  }
  if (state === "away") return `${upload.sentence.replace(/\.$/, "")}; it is tried again by itself.`;
  if (state === "refused") return upload.sentence;
  if (state === "duplicate") return `Here already: ${answer.view_label}, ${answer.taken_label}. Nothing was added.`;
  const dated = DATED[answer.dated_by] ?? "";
  const why = upload.keepReason ? `. Kept, because: ${upload.keepReason}` : "";
  return `Kept: ${answer.view_label}, ${answer.taken_label}${dated}${why}`;
}

/** @param {HTMLElement} acts @param {Upload} upload @param {Queue} queue */
function askWhy(acts, upload, queue) {
  const id = `keep-${upload.id}`;
  const label = Object.assign(element("label", "", "Why is it kept?"), { htmlFor: id });
  const input = Object.assign(element("input", "form-control"), { id, maxLength: 300, autocomplete: "off" });
  const fault = Object.assign(element("p", "field-error"), { hidden: true });
  const save = element("button", "btn", "Keep it");
  const form = element("form", "keep");
  form.append(label, fault, input, save);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    save.disabled = true;
    const problem = await mark(upload, queue, "acceptable", input.value);
    save.disabled = false;
    if (!problem) return queue.settle(upload, input.value.trim());
    fault.textContent = problem;
    fault.hidden = false;
    input.focus();
  });
  acts.replaceChildren(form);
  input.focus();
}

/**
 * Tell the server what becomes of a stored photo; resolves to why not, or "".
 * @param {Upload} upload
 * @param {Queue} queue
 * @param {"acceptable" | "retake"} quality
 * @param {string} reason
 * @returns {Promise<string>}
 */
export async function mark(upload, queue, quality, reason = "") {
  try {
    const body = new URLSearchParams({ quality, reason });
    const answer = await queue.server.ask(upload.answer.keep_url, { method: "POST", body });
    const data = await answer.json().catch(() => ({}));
    return answer.ok ? "" : (data.sentence ?? "This could not be saved; try it again.");
  } catch {
    return "The server cannot be reached; try it again.";
  }
}

/** @param {string} text @param {() => void} act */
function button(text, act) {
  const made = element("button", "linkish", text);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

/** @template {keyof HTMLElementTagNameMap} Name @param {Name} name @returns {HTMLElementTagNameMap[Name]} */
export function element(name, className = "", text = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}
