// Old photos on their way: a folder dropped at once, or files chosen; each by itself and until the server has answered.
// No picture is drawn here, however many there are.

import { Queue } from "./queue.js";
import { element, sentence } from "./outcome.js";
import { canFingerprint } from "./ids.js";
import { filesOf } from "./folders.js";
import { State } from "./state.js";
import { Unsent } from "./unsent.js";

/** @typedef {import("./queue.js").Upload} Upload */

const ANY_VIEW = "later"; // the queue sends nothing without a view; here it is chosen in the grid

/** @type {HTMLElement | null} */
const section = document.querySelector("[data-batch-send]");
if (section) start(section);

/** @param {HTMLElement} part */
function start(part) {
  /** @type {(name: string) => any} */
  const find = (name) => part.querySelector(`[data-${name}]`);
  /** @type {HTMLFormElement} */
  const form = part.querySelector("form");
  const queue = new Queue(form);
  new Unsent(queue, find("unsent"));
  new State(queue, { bar: find("send-bar"), line: find("send-state"), announcement: find("send-said") });
  form.addEventListener("submit", (event) => event.preventDefault());
  find("no-fingerprint").hidden = canFingerprint();
  /** @type {NodeListOf<HTMLElement>} */
  const plain = part.querySelectorAll("[data-plain]");
  for (const each of plain) {
    each.hidden = true;
    /** @type {NodeListOf<HTMLInputElement>} */
    const controls = each.querySelectorAll("input, button");
    for (const control of controls) control.disabled = true;
  }
  find("lively").hidden = false;
  /** @type {Map<Upload, HTMLElement>} */
  const rows = new Map();

  /** @param {Iterable<{file: File, folder: string}>} files */
  const add = (files) => {
    for (const { file, folder } of files) {
      const upload = queue.add(file, { view: ANY_VIEW });
      upload.extra = { folder };
      queue.send(upload);
    }
  };
  /** @type {NodeListOf<HTMLInputElement>} */
  const inputs = part.querySelectorAll("[data-choose]");
  for (const input of inputs) {
    input.addEventListener("change", () => {
      add([...input.files].map((file) => ({ file, folder: folderOf(file) })));
      input.value = "";
    });
  }
  acceptDrops(add);

  queue.addEventListener("change", (event) => {
    const { detail: upload } = /** @type {CustomEvent<Upload>} */ (event);
    draw(upload);
    const isBusy = queue.uploads.some((each) => each.isOnTheWay);
    const taken = queue.count("kept");
    const goOn = find("go-on");
    goOn.hidden = isBusy || taken === 0;
    goOn.textContent = `Say whose ${taken === 1 ? "it is" : `these ${taken} are`}`;
  });

  /** @param {Upload} upload */
  function draw(upload) {
    if (!queue.uploads.includes(upload)) {
      rows.get(upload)?.remove();
      rows.delete(upload);
      return;
    }
    let row = rows.get(upload);
    if (!row) {
      row = element("li", "batch-row");
      const progress = Object.assign(element("progress", "batch-progress"), { max: 1 });
      progress.ariaLabel = `${upload.name}: how much is sent`;
      row.append(element("span", "batch-row-name", upload.name), progress, element("span", "batch-row-state"));
      rows.set(upload, row);
      find("queue").append(row);
    }
    row.dataset.state = upload.state;
    /** @type {HTMLProgressElement} */
    const progress = row.querySelector("progress");
    progress.value = upload.isOver ? 1 : upload.progress;
    progress.hidden = !upload.isOnTheWay;
    const state = row.querySelector(".batch-row-state");
    const words = sentence(upload);
    if (state.textContent === words || state.firstChild?.textContent === words) return;
    state.replaceChildren(words);
    if (upload.state !== "refused" && upload.state !== "away") return;
    if (upload.state === "refused" && !upload.isUnfit)
      state.append(
        " ",
        button("Send again", () => queue.send(upload)),
      );
    state.append(
      " ",
      button("Do not send it", () => queue.remove(upload)),
    );
  }
}

/** @param {File} file */
function folderOf(file) {
  return (file.webkitRelativePath || "").split("/").slice(0, -1).join("/");
}

/** @param {string} label @param {() => void} act */
function button(label, act) {
  const made = Object.assign(element("button", "linkish", label), { type: "button" });
  made.addEventListener("click", act);
  return made;
}

/** @param {(files: {file: File, folder: string}[]) => void} add */
function acceptDrops(add) {
  let depth = 0;
  /** @type {(event: DragEvent) => boolean} */
  const isFiles = (event) => event.dataTransfer?.types.includes("Files");
  /** @type {(isOver: boolean) => boolean} */
  const shade = (isOver) => document.body.classList.toggle("dropping", isOver);
  document.addEventListener("dragenter", (event) => {
    if (isFiles(event)) shade(++depth > 0);
  });
  document.addEventListener("dragleave", (event) => {
    if (isFiles(event)) shade(--depth > 0);
  });
  document.addEventListener("dragover", (event) => {
    if (isFiles(event)) event.preventDefault();
  });
  document.addEventListener("drop", async (event) => {
    if (!isFiles(event)) return;
    event.preventDefault();
    depth = 0;
    shade(false);
    add(await filesOf(event.dataTransfer));
  });
}
