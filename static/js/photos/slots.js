// The photo slots beside the form of a session: one view each, sent by itself, and never in the way of saving.

import { Camera } from "./camera.js";
import { goOn, goToFreePlace, keepingFocus } from "./focus.js";
import { askForAll } from "./for-all.js";
import { element, looks, mark, outcome, warnings } from "./outcome.js";
import { inOrderTaken, preview } from "./preview.js";
import { Queue } from "./queue.js";
import { hasReason } from "./reason.js";
import { State } from "./state.js";
import { Unsent } from "./unsent.js";
import { attendForm } from "./upload-form.js";

/** @typedef {import("./queue.js").Upload} Upload */

/** @type {HTMLElement | null} */
const section = document.querySelector("[data-photo-slots]");
/** @type {HTMLFormElement | null} */
const form = document.querySelector("#photo-upload");

function start() {
  /** Buttons, fields and lines of the section alike. @type {(name: string) => any} */
  const find = (name) => section.querySelector(`[data-${name}]`);
  /** @type {HTMLElement[]} */
  const items = Array.from(section.querySelectorAll(".slot"));
  const queue = new Queue(form);
  const slots = new Map(items.map((item) => [item.dataset.photoView, new Slot(item, queue)]));
  new Unsent(queue, find("unsent"));
  new State(queue, { bar: find("send-bar"), line: find("send-state"), announcement: find("send-said") });
  /** @type {NodeListOf<HTMLElement>} */
  const parts = section.querySelectorAll("[data-lively]");
  for (const part of parts) part.hidden = false;
  attendForm(form);
  askForAll(queue, { place: find("for-all") });
  queue.more = ofSession;

  /** @type {(file: File, view: string, capturePath?: string) => Upload} */
  const take = (file, view, capturePath = "upload") => {
    const upload = queue.add(file, { view, capturePath });
    slots.get(view).show(upload);
    return upload;
  };
  /** @type {(file: File, view: string, capturePath?: string) => Upload} */
  const takeNow = (file, view, capturePath) => {
    const upload = take(file, view, capturePath);
    if (hasReason(form)) queue.send(upload);
    return upload;
  };
  // Several at once go into the free slots in the order they were taken; a person looks before they are sent.
  /** @type {(files: FileList) => void} */
  const takeSeveral = (files) => {
    const free = [...slots].filter(([, slot]) => !slot.isFull).map(([view]) => view);
    const ordered = inOrderTaken(files);
    for (const [place, view] of free.slice(0, ordered.length).entries()) take(ordered[place], view);
    showLeftOver(find("left-over"), ordered.slice(free.length));
    find("send").focus();
  };

  for (const [view, slot] of slots) {
    slot.input.disabled = false;
    slot.input.addEventListener("change", () => {
      for (const file of slot.input.files) takeNow(file, view);
      slot.input.value = "";
      goToFreePlace(section, slot.item); // without one the focus stays here
    });
    slot.onMove = (upload, to) => {
      const other = slots.get(to);
      const theirs = other.upload?.state === "chosen" ? other.upload : null;
      upload.view = to;
      if (theirs) theirs.view = view;
      other.show(upload);
      slot.show(theirs);
      /** @type {HTMLElement} */
      const mover = other.item.querySelector(".slot-move");
      mover?.focus();
    };
  }
  /** @type {HTMLInputElement} */
  const choose = find("choose");
  choose.addEventListener("change", () => {
    takeSeveral(choose.files);
    choose.value = "";
  });
  find("send").addEventListener("click", () => {
    if (!hasReason(form)) return;
    queue.sendAll();
    find("send-state").focus(); // the button goes once nothing is left to send
  });
  acceptDrops({ takeNow, takeSeveral });

  const camera = new Camera(section.querySelector("[data-camera]"), {
    views: items,
    queue,
    onTaken: (file, { view, capturePath }) => takeNow(file, view, capturePath),
  });
  find("open-camera").addEventListener("click", () => {
    if (hasReason(form)) camera.open();
  });

  queue.addEventListener("change", (event) => {
    const { detail: upload } = /** @type {CustomEvent<Upload>} */ (event);
    for (const slot of slots.values()) if (slot.upload === upload) slot.refresh();
    if (document.activeElement === find("send-state") && !queue.uploads.some((one) => one.isOnTheWay)) {
      goOn(section, find("send-state"));
    }
    const chosen = queue.count("chosen");
    const send = find("send");
    send.hidden = chosen === 0;
    send.textContent = `Send ${chosen} photo${chosen === 1 ? "" : "s"}`;
    find("slots-count").textContent = `${[...slots.values()].filter((slot) => slot.isDone).length} of ${slots.size}`;
  });
  // The session is saved, and with it what was chosen beside it; the page is left once these photos have arrived.
  document.addEventListener("record-form:saved", (event) => {
    if (queue.count("chosen") && hasReason(form)) queue.sendAll();
    event.detail.waitUntil(queue.settled());
  });
}

/** The session beside the photos, under the id with which it will be saved, and the day that stands in its form. */
function ofSession() {
  /** @type {(name: string) => string} */
  const typed = (name) =>
    /** @type {HTMLInputElement | null} */ (document.querySelector(`.log-form [name=${name}]`))?.value ?? "";
  return { session: typed("id"), session_when: typed("when") };
}

/**
 * More photos than free views: nothing that is there gives way, and nothing goes unsaid.
 * @param {HTMLElement} notice
 * @param {File[]} files
 */
function showLeftOver(notice, files) {
  notice.hidden = files.length === 0;
  const names = files.map((file) => file.name).join(", ");
  const one = files.length === 1;
  notice.firstElementChild.textContent = `${one ? "1 photo has" : `${files.length} photos have`} no free view here and ${one ? "is" : "are"} not sent: ${names}. Put ${one ? "it" : "each"} into its own view, or add ${one ? "it" : "them"} on the contact sheet.`;
}

/** @param {{takeNow: (file: File, view: string) => void, takeSeveral: (files: FileList) => void}} takers */
function acceptDrops({ takeNow, takeSeveral }) {
  /** @type {(event: DragEvent) => boolean} */
  const isFiles = (event) => event.dataTransfer?.types.includes("Files");
  for (const type of /** @type {const} */ (["dragover", "dragenter"])) {
    document.addEventListener(type, (event) => {
      if (!isFiles(event)) return;
      event.preventDefault();
      document.body.classList.add("dropping");
    });
  }
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) document.body.classList.remove("dropping");
  });
  document.addEventListener("drop", (event) => {
    if (!isFiles(event)) return;
    event.preventDefault();
    document.body.classList.remove("dropping");
    const target = /** @type {Partial<Element>} */ (event.target);
    /** @type {HTMLElement | null} */
    const slot = target.closest?.(".slot");
    const { files } = event.dataTransfer;
    if (slot && files.length === 1) takeNow(files[0], slot.dataset.photoView);
    else takeSeveral(files);
  });
}

class Slot {
  /** @type {Upload | null} */
  upload = null;
  /** @type {(upload: Upload, to: string) => void} */
  onMove;

  /** @param {HTMLElement} item @param {Queue} queue */
  constructor(item, queue) {
    this.item = item;
    this.queue = queue;
    this.label = item.dataset.label;
    /** @type {HTMLInputElement} */
    this.input = item.querySelector("[data-slot-file]");
    this.picture = item.querySelector(".slot-pic");
    /** @type {HTMLProgressElement} */
    this.progress = item.querySelector(".slot-progress");
    this.note = item.querySelector("[data-slot-note]");
    /** @type {HTMLElement} */
    this.more = item.querySelector("[data-slot-more]");
    this.wasFull = item.classList.contains("full");
    this.empty = [...this.picture.childNodes];
    this.emptyNote = this.note.textContent;
  }

  get isFull() {
    return Boolean(this.upload) || this.wasFull;
  }

  get isDone() {
    return this.wasFull || Boolean(this.upload?.isOver);
  }

  /**
   * Show another upload here; null empties the slot. The one that was here and warned of is taken again by this one.
   * @param {Upload | null} upload
   */
  show(upload) {
    const before = this.upload;
    if (upload && before?.state === "kept" && warnings(before).length && !before.keepReason) {
      upload.insteadOf = before;
    } else if (upload && before && before !== upload && before.view === upload.view && !before.isOver) {
      this.queue.remove(before);
    }
    this.upload = upload;
    keepingFocus(section, this.item, () => {
      this.#draw();
      this.refresh();
    });
  }

  #draw() {
    this.item.classList.toggle("full", this.isFull);
    // The field stays where it is, so that the focus does.
    const around = (/** @type {Node[]} */ nodes) => {
      for (const node of [...this.picture.childNodes]) if (node !== this.input) node.remove();
      this.picture.append(...nodes.filter((node) => node !== this.input));
    };
    if (!this.upload) return around(this.empty);
    const drawing = this.empty.find((node) => /** @type {Partial<Element>} */ (node).classList?.contains("pic"));
    const instead = /** @type {Element} */ (drawing?.cloneNode()) ?? element("span", "slot-blank", "no preview");
    const image = preview(this.upload.file, { width: 320, onFail: (failed) => failed.replaceWith(instead) });
    image.alt = `${this.label}, chosen now`;
    return around([image, this.progress]);
  }

  refresh() {
    const { upload } = this;
    this.item.classList.toggle("fail", upload?.state === "refused");
    this.progress.hidden = upload?.state !== "sending";
    this.note.textContent = upload ? shortly(upload) : this.emptyNote;
    if (!upload) {
      this.more.dataset.looks = "";
      return this.more.replaceChildren();
    }
    this.progress.value = upload.progress * 100;
    if (!this.queue.uploads.includes(upload)) return this.show(null);
    if (upload.state === "kept" && upload.insteadOf) this.#retire(upload);
    const now = `${upload.id}\n${looks(upload)}`;
    if (this.more.dataset.looks === now) return undefined;
    keepingFocus(section, this.item, () => {
      this.more.dataset.looks = now;
      this.more.replaceChildren(
        this.#again(upload),
        outcome(upload, { queue: this.queue, again: () => this.input.click() }),
      );
      if (upload.state === "chosen") this.more.append(this.#mover(upload));
    });
    return undefined;
  }

  /** The picture before this one stays in the record, marked to be taken again. @param {Upload} upload */
  #retire(upload) {
    const before = upload.insteadOf;
    upload.insteadOf = null;
    mark(before, this.queue, "retake");
  }

  /** @param {Upload} upload */
  #again(upload) {
    if (upload.state !== "kept" || warnings(upload).length) return "";
    const again = element("button", "slot-again", "Take again");
    again.type = "button";
    again.append(Object.assign(element("span", "vh"), { textContent: ` ${this.label}` }));
    again.addEventListener("click", () => this.input.click());
    return again;
  }

  /** @param {Upload} upload */
  #mover(upload) {
    const select = element("select", "form-select slot-move");
    select.ariaLabel = `${this.label}: this picture is of`;
    /** @type {NodeListOf<HTMLElement>} */
    const items = document.querySelectorAll(".slot");
    for (const item of items) {
      select.append(new Option(item.dataset.label, item.dataset.photoView, false, item === this.item));
    }
    select.addEventListener("change", () => this.onMove(upload, select.value));
    return select;
  }
}

/** @type {Record<string, string>} */
const SHORTLY = {
  chosen: "not sent yet",
  waiting: "waiting",
  sending: "being sent",
  away: "not sent yet",
  refused: "not taken",
  duplicate: "here already",
};

/** @param {Upload} upload */
function shortly(upload) {
  if (upload.state === "kept") return `${upload.answer.taken_label}, ${upload.answer.megapixels} MP`;
  return SHORTLY[upload.state];
}

if (section && form) start();
