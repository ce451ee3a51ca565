// The contact sheet: photos dropped anywhere on the page or chosen, a view for each, and all sent together.

import { Camera } from "./camera.js";
import { goOn, keepingFocus } from "./focus.js";
import { askForAll } from "./for-all.js";
import { element, looks, outcome } from "./outcome.js";
import { inOrderTaken, inTurn, preview } from "./preview.js";
import { Queue } from "./queue.js";
import { hasReason } from "./reason.js";
import { State } from "./state.js";
import { Unsent } from "./unsent.js";
import { attendForm } from "./upload-form.js";
import { viewInName } from "./view-words.js";

const DRAGGED = "application/x-anagen-photo";
/** @typedef {import("./queue.js").Upload} Upload */

/** @type {HTMLElement | null} */
const section = document.querySelector("[data-photo-send]");
/** @type {HTMLFormElement | null} */
const form = document.querySelector("#photo-upload");
if (section && form) start();

function start() {
  /** Buttons, fields and lines of the section alike. @type {(name: string) => any} */
  const find = (name) => section.querySelector(`[data-${name}]`);
  /** @type {HTMLElement[]} */
  const tiles = Array.from(section.querySelectorAll("[data-photo-view]"));
  const views = tiles.map((tile) => tile.dataset.photoView);
  const queue = new Queue(form);
  new Unsent(queue, find("unsent"));
  attendForm(form);
  new State(queue, { bar: find("send-bar"), line: find("send-state"), announcement: find("send-said") });
  /** @type {Map<Upload, HTMLElement>} */
  const rows = new Map();

  /** @type {NodeListOf<HTMLElement>} */
  const plain = section.querySelectorAll("[data-plain]");
  for (const part of plain) {
    part.hidden = true;
    /** @type {NodeListOf<HTMLButtonElement>} */
    const controls = part.querySelectorAll("input, select, button");
    for (const control of controls) control.disabled = true;
  }
  /** @type {NodeListOf<HTMLElement>} */
  const lively = section.querySelectorAll("[data-lively]");
  for (const part of lively) part.hidden = false;
  askForAll(queue, { place: find("for-all"), correct: find("correct-these") });
  /** @type {HTMLInputElement} */
  const day = form.querySelector("[name=when]");

  /** @type {[string, string][]} */
  const words = JSON.parse(section.dataset.viewWords);
  /** @type {(files: FileList, view?: string) => void} */
  const add = (files, view = "") => {
    // The day that was typed for a batch is for that batch alone.
    if (queue.uploads.length && queue.uploads.every((upload) => upload.isOver)) day.value = "";
    for (const file of inOrderTaken(files)) queue.add(file, { view: view || viewInName(file.name, words) });
    if (files.length) find("assign").scrollIntoView({ block: "nearest" });
  };
  /** @type {HTMLInputElement} */
  const choose = find("choose");
  choose.addEventListener("change", () => {
    add(choose.files);
    choose.value = "";
  });
  find("in-order").addEventListener("click", () => {
    const open = queue.uploads.filter((upload) => upload.state === "chosen");
    const free = inOrderTaken(
      open.filter((upload) => !upload.view),
      (upload) => upload.file,
    );
    const given = inTurn(free.length, views, open.map((upload) => upload.view).filter(Boolean));
    for (const [place, upload] of free.entries()) assign(upload, given[place]);
  });
  /** @type {HTMLSelectElement} */
  const viewForAll = form.querySelector("[data-view-for-all]");
  /** @type {HTMLTemplateElement} */
  const choices = section.querySelector("[data-view-choices]");
  viewForAll.append(choices.content.cloneNode(true));
  viewForAll.addEventListener("change", () => {
    for (const upload of queue.uploads) {
      if (upload.state !== "chosen" || upload.view) continue;
      /** @type {HTMLSelectElement} */
      const select = rows.get(upload).querySelector(".queue-view > select");
      select.value = viewForAll.value;
      select.dispatchEvent(new Event("change"));
    }
    viewForAll.value = "";
  });
  find("send").addEventListener("click", () => {
    if (!hasReason(form)) return;
    queue.sendAll();
    find("send-state").focus(); // the button goes once nothing is left to send
  });

  const camera = new Camera(section.querySelector("[data-camera]"), {
    views: tiles,
    onTaken: (file, { view, capturePath }) => {
      const upload = queue.add(file, { view, capturePath });
      queue.send(upload);
      return upload;
    },
    queue,
  });
  find("open-camera").addEventListener("click", () => {
    if (hasReason(form)) camera.open();
  });

  acceptDrops(add);
  for (const tile of tiles) acceptOnTile(tile);

  queue.addEventListener("change", (event) => {
    const { detail: upload } = /** @type {CustomEvent<Upload>} */ (event);
    draw(upload);
    summarise();
  });
  queue.addEventListener("change", () => {
    if (!queue.uploads.length || queue.uploads.some((upload) => upload.isOnTheWay)) return;
    if (document.activeElement === find("send-state")) goToQuestion(section);
    showOnSheet(queue);
  });

  /** @param {Upload} upload @param {string} view @param {Record<string, string>} extra */
  function assign(upload, view, extra = {}) {
    if (upload.state !== "chosen" && upload.state !== "refused") return;
    Object.assign(upload, { view, extra });
    queue.dispatchEvent(new CustomEvent("change", { detail: upload }));
  }

  /** @param {HTMLElement} tile */
  function acceptOnTile(tile) {
    tile.addEventListener("dragover", (event) => {
      event.preventDefault();
      event.stopPropagation();
      tile.classList.add("over");
    });
    tile.addEventListener("dragleave", () => tile.classList.remove("over"));
    tile.addEventListener("drop", (event) => {
      event.preventDefault();
      event.stopPropagation();
      tile.classList.remove("over");
      document.body.classList.remove("dropping");
      const id = event.dataTransfer.getData(DRAGGED);
      const upload = queue.uploads.find((one) => one.id === id);
      if (upload) assign(upload, tile.dataset.photoView);
      else add(event.dataTransfer.files, tile.dataset.photoView);
    });
  }

  /** @param {Upload} upload */
  function draw(upload) {
    let row = rows.get(upload);
    if (!queue.uploads.includes(upload)) {
      rows.delete(upload);
      if (row) goOnWithout(row);
      return;
    }
    if (!row) {
      row = newRow(upload);
      rows.set(upload, row);
      find("queue").append(row);
    }
    refresh(row, upload);
  }

  /** @param {Upload} upload */
  function newRow(upload) {
    const row = element("li", "queue-row");
    const picture = element("div", "queue-pic");
    picture.append(preview(upload.file));
    picture.draggable = true;
    picture.addEventListener("dragstart", (event) => {
      event.dataTransfer.setData(DRAGGED, upload.id);
      event.dataTransfer.effectAllowed = "move";
    });
    const what = element("div", "queue-what");
    what.append(element("b", "queue-name", upload.name), element("span", "quiet small", size(upload.file)));
    const choice = element("div", "queue-view");
    const select = element("select", "form-select");
    select.append(choices.content.cloneNode(true));
    select.ariaLabel = `View of ${upload.name}`;
    choice.append(select);
    const more = closeUp(choice, upload, () => change());
    const change = () => {
      const needs = (select.selectedOptions[0]?.dataset.needs ?? "").split(" ");
      assign(upload, select.value, more(needs));
    };
    select.addEventListener("change", change);
    const drop = element("button", "linkish queue-drop", "Do not send it");
    drop.type = "button";
    drop.addEventListener("click", () => queue.remove(upload));
    const progress = element("progress", "queue-progress");
    progress.max = 1;
    progress.ariaLabel = `${upload.name}: how much is sent`;
    row.append(picture, what, choice, progress, element("div", "outcome"), drop);
    return row;
  }

  /** @param {HTMLElement} row @param {Upload} upload */
  function refresh(row, upload) {
    const isOpen = upload.state === "chosen" || upload.state === "refused";
    /** @type {HTMLSelectElement} */
    const select = row.querySelector(".queue-view > select");
    if (select.value !== upload.view) select.value = upload.view;
    /** @type {NodeListOf<HTMLInputElement>} */
    const controls = row.querySelectorAll(".queue-view :is(select, input)");
    for (const control of controls) control.disabled = !isOpen;
    /** @type {HTMLElement} */
    const drop = row.querySelector(".queue-drop");
    drop.hidden = upload.state !== "chosen";
    /** @type {HTMLElement} */
    const picture = row.querySelector(".queue-pic");
    picture.draggable = isOpen;
    /** @type {HTMLProgressElement} */
    const progress = row.querySelector(".queue-progress");
    progress.hidden = upload.state !== "sending";
    progress.value = upload.progress;
    const isNew = row.dataset.looks !== looks(upload);
    keepingFocus(section, row, () => {
      row.dataset.state = upload.state;
      row.dataset.looks = looks(upload);
      if (isNew) row.querySelector(".outcome").replaceWith(outcome(upload, { queue }));
    });
  }

  /** @param {HTMLElement} row */
  function goOnWithout(row) {
    const had = row.contains(document.activeElement);
    const before = row.previousElementSibling ?? find("send-bar");
    row.remove();
    if (had) goOn(section, before);
  }

  function summarise() {
    const open = queue.uploads.filter((upload) => upload.state === "chosen");
    const ready = open.filter((upload) => upload.view).length;
    find("assign").hidden = open.length === 0;
    const send = find("send");
    send.hidden = open.length === 0;
    send.disabled = ready === 0;
    send.textContent = ready ? `Send ${ready} photo${ready === 1 ? "" : "s"}` : "Choose the views first";
    for (const tile of tiles) {
      const count = queue.uploads.filter((upload) => upload.view === tile.dataset.photoView).length;
      tile.querySelector("[data-tile-count]").textContent = count ? `${count} photo${count === 1 ? "" : "s"}` : "";
    }
  }
}

/** After all are sent, to what is asked of them; where nothing is, the focus stays on the line that says so. @param {HTMLElement} part */
function goToQuestion(part) {
  /** @type {HTMLElement | null} */
  const question = part.querySelector(".for-all input, .outcome form input, [data-question]");
  question?.focus();
}

/**
 * What else a close-up needs; returns a function that shows it when it is needed and reads it.
 * @param {HTMLElement} choice
 * @param {Upload} upload
 * @param {() => void} changed
 * @returns {(needs: string[]) => Record<string, string>}
 */
function closeUp(choice, upload, changed) {
  /** @type {HTMLTemplateElement} */
  const choices = section.querySelector("[data-site-choices]");
  const site = /** @type {HTMLSelectElement} */ (choices.content.querySelector("select").cloneNode(true));
  Object.assign(site, { id: "", name: "", hidden: true, ariaLabel: `Site of ${upload.name}` });
  const magnification = Object.assign(element("input", "form-control"), {
    type: "number",
    min: "1",
    hidden: true,
    placeholder: "Magnification, 20 or 70",
  });
  magnification.ariaLabel = `Magnification of ${upload.name}`;
  choice.append(site, magnification);
  for (const control of [site, magnification]) control.addEventListener("change", changed);
  return (needs) => {
    site.hidden = !needs.includes("site");
    magnification.hidden = !needs.includes("magnification");
    return {
      ...(site.hidden ? {} : { site: site.value }),
      ...(magnification.hidden ? {} : { magnification: magnification.value }),
    };
  };
}

/** @param {(files: FileList) => void} add */
function acceptDrops(add) {
  /** @type {(event: DragEvent) => boolean} */
  const isFiles = (event) => event.dataTransfer?.types.includes("Files");
  let depth = 0;
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
  document.addEventListener("drop", (event) => {
    if (!isFiles(event)) return;
    event.preventDefault();
    depth = 0;
    shade(false);
    add(event.dataTransfer.files);
  });
}

/** Bring the new photos into the sheet below without losing the list above. @param {Queue} queue */
async function showOnSheet(queue) {
  /** @type {HTMLElement | null} */
  const holder = document.querySelector("[data-sheet-holder]");
  const kept = queue.uploads.filter((upload) => upload.state === "kept");
  const shows = kept.map((upload) => `${upload.answer.id} ${upload.answer.version}`).join();
  if (!holder || !shows || holder.dataset.shows === shows) return;
  holder.dataset.shows = shows;
  const answer = await fetch(location.href, { headers: { "X-Requested-With": "fetch" } }).catch(
    () => /** @type {Response} */ (null),
  );
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const held = document.activeElement?.closest("[data-sheet-holder] [href]")?.getAttribute("href");
  document.querySelector("[data-sheet-count]").textContent = page.querySelector("[data-sheet-count]").textContent;
  holder.replaceChildren(...document.importNode(page.querySelector("[data-sheet-holder]"), true).childNodes);
  if (!held) return;
  /** @type {HTMLElement | null} */
  const again = holder.querySelector(`[href="${CSS.escape(held)}"]`);
  again?.focus();
}

/** @param {File} file */
function size(file) {
  return file.size < 1e6 ? `${Math.max(1, Math.round(file.size / 1e3))} kB` : `${(file.size / 1e6).toFixed(1)} MB`;
}
