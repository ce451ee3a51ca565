// What came of one photo, in words, with what can be done about it.

import { NoAnswer } from "../forms/server.js";

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
  const warned = openWarnings(upload);
  if (warned.length) {
    const list = element("ul", "remarks");
    list.append(...warned.map((gate) => element("li", "", gate.sentence)));
    box.append(list);
  }
  const asks = upload.state === "kept" ? upload.answer.asks : "";
  if (asks === "day") box.append(askDay([upload], queue));
  const acts = element("div", "outcome-acts");
  if (asks === "camera") acts.append(takeCamerasDay([upload], queue));
  if (upload.state === "refused" && !upload.isUnfit) acts.append(button("Send again", () => queue.send(upload)));
  if (upload.state === "refused" || upload.state === "away") {
    acts.append(button("Do not send it", () => queue.remove(upload)));
  }
  if (upload.answer) {
    acts.append(
      Object.assign(element("a", "linkish", "Open it"), { href: upload.answer.url, target: "_blank", rel: "noopener" }),
    );
  }
  if (warned.length) {
    if (again) acts.append(button("Take again", again, true));
    acts.append(button("Keep it", () => askWhy(acts, upload, queue), true));
  }
  if (acts.childElementCount) box.append(acts);
  return box;
}

/** @param {Upload} upload @returns {Gate[]} */
export function warnings(upload) {
  return (upload.answer?.gates ?? []).filter((gate) => gate.verdict === "warn");
}

/** Those that nobody has answered yet. @param {Upload} upload */
function openWarnings(upload) {
  return upload.state === "kept" && !upload.keepReason ? warnings(upload) : [];
}

/** @param {Upload} upload */
export function sentence(upload) {
  const { state, answer } = upload;
  if (state === "chosen") return "";
  if (state === "waiting") return "Waiting to be sent";
  if (state === "sending") {
    return upload.progress < 1 ? `Sending, ${Math.round(upload.progress * 100)} %` : "Sent; being checked";
  }
  if (state === "away") return `${upload.sentence.replace(/\.$/, "")}; it is tried again by itself.`;
  if (state === "refused") return upload.sentence;
  const why = upload.keepReason ? ` Kept, because: ${upload.keepReason}` : "";
  return `${answer.sentence}${why}`;
}

/** All that is shown of it, to be said in the same words. @param {Upload} upload */
export function shownWords(upload) {
  return [sentence(upload), ...openWarnings(upload).map((gate) => gate.sentence)].join(" ");
}

/** Changes when what is shown of it must change, and not while something is typed beside it. @param {Upload} upload */
export function looks(upload) {
  return [upload.state, shownWords(upload), upload.answer?.asks ?? ""].join("\n");
}

/** @param {HTMLElement} acts @param {Upload} upload @param {Queue} queue */
function askWhy(acts, upload, queue) {
  const form = question(
    { id: `keep-${upload.id}`, label: "Why is it kept?", act: "Keep it", className: "keep" },
    async (typed) => {
      const problem = await mark(upload, queue, "acceptable", typed);
      if (!problem) queue.settle(upload, typed.trim());
      return problem;
    },
    queue,
  );
  acts.replaceChildren(form);
  form.querySelector("input").focus();
}

/**
 * The question when photos were taken of which nothing tells it.
 * @param {Upload[]} uploads
 * @param {Queue} queue
 */
export function askDay(uploads, queue) {
  const [one, several] = ["When was it taken?", `When were these ${uploads.length} taken?`];
  return question(
    {
      id: `day-${uploads.length === 1 ? uploads[0].id : "of-all"}`,
      label: uploads.length === 1 ? one : several,
      act: uploads.length === 1 ? "Save the day" : `Save the day of all ${uploads.length}`,
      className: "day-asked",
      placeholder: "14 May 2025, or May 2025",
    },
    (typed) => giveDay(uploads, queue, { source: "given", when: typed }),
    queue,
  );
}

/** The camera's day instead of the session's, in one act. @param {Upload[]} uploads @param {Queue} queue */
export function takeCamerasDay(uploads, queue) {
  const words = uploads.length === 1 ? "Use the camera’s day" : `Use the camera’s day for these ${uploads.length}`;
  const act = button(
    words,
    async () => {
      const problem = await giveDay(uploads, queue, { source: "camera" });
      if (problem) queue.say(problem);
      if (problem) act.after(element("p", "field-error", problem));
    },
    true,
  );
  return act;
}

/**
 * One question with its answer; `save` resolves to why it is not saved, or "".
 * @param {{id: string, label: string, act: string, className: string, placeholder?: string}} words
 * @param {(typed: string) => Promise<string>} save
 * @param {Queue} queue
 */
function question({ id, label, act, className, placeholder = "" }, save, queue) {
  const named = Object.assign(element("label", "", label), { htmlFor: id });
  const input = Object.assign(element("input", "form-control"), {
    id,
    maxLength: 300,
    autocomplete: "off",
    placeholder,
  });
  const fault = Object.assign(element("p", "field-error"), { hidden: true, id: `${id}-fault` });
  input.setAttribute("aria-describedby", fault.id);
  const button = element("button", "btn", act);
  const form = element("form", className);
  form.append(named, fault, input, button);
  let isSaving = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (isSaving) return;
    isSaving = true; // not disabled, which would take the focus away
    const problem = await save(input.value);
    isSaving = false;
    if (!problem) return;
    fault.textContent = problem;
    fault.hidden = false;
    input.setAttribute("aria-invalid", "true");
    queue.say(problem);
    input.focus();
  });
  return form;
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
  const body = new URLSearchParams({ quality, reason });
  const { problem, data } = await tell(queue, upload.answer.keep_url, body);
  if (!problem && data.version) upload.answer.version = data.version;
  return problem;
}

/**
 * Give stored photos their day; resolves to why not, or "".
 * @param {Upload[]} uploads
 * @param {Queue} queue
 * @param {{source: "given" | "camera", when?: string}} day
 */
async function giveDay(uploads, queue, { source, when = "" }) {
  const body = new URLSearchParams({ source, when });
  for (const { answer } of uploads) {
    body.append("photo", answer.id);
    body.append(`version-${answer.id}`, String(answer.version));
  }
  const { problem, data } = await tell(queue, queue.form.dataset.dayUrl, body);
  if (problem) return problem;
  for (const told of data.photos ?? []) {
    const upload = uploads.find((one) => one.answer.id === told.id);
    if (upload) queue.correct(upload, told);
  }
  return "";
}

/** @param {Queue} queue @param {string} url @param {URLSearchParams} body */
async function tell(queue, url, body) {
  try {
    const answer = await queue.server.ask(url, { method: "POST", body });
    const data = await answer.json().catch(() => ({}));
    return { data, problem: answer.ok ? "" : (data.sentence ?? "This could not be saved; try it again.") };
  } catch (fault) {
    if (!(fault instanceof NoAnswer)) throw fault;
    return { data: {}, problem: "The server cannot be reached; try it again." };
  }
}

/** @param {string} text @param {() => void} act */
function button(text, act, isQuestion = false) {
  const made = element("button", "linkish", text);
  made.type = "button";
  if (isQuestion) made.dataset.question = "";
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
