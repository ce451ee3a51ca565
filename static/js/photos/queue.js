// The photos of this page on their way, two at a time, each by itself and each until the server has answered. What is
// not sent stays in the list; nothing is called sent before the server has said so.

import { NoAnswer, Server } from "../forms/server.js";
import { CONTINUED, SOMEBODY_ELSE, askToSignIn, openAnew } from "../forms/sign-in.js";
import { afterUncovering, isCoveredAnswer } from "../under-cover.js";
import { newId, sha256 } from "./ids.js";
import { whyNot } from "./kinds.js";
import { transfer } from "./transfer.js";

export const MAX_BYTES = 40 * 1024 * 1024;
const AT_ONCE = 2;
const LONGEST_PAUSE = 60; // s
const TRIES_WHEN_DAMAGED = 3;
const TRY_AGAIN = new Set([500, 503, 507, 429]);
const CUT_ON_THE_WAY = new Set(["altered_on_the_way", "damaged"]);

// chosen: waits for a person to send it.  waiting, sending: on its way.  away: the server did not take it, tried again
// by itself.  kept, duplicate: the server has it.  refused: it says no; a person must act.
const OVER = new Set(["kept", "duplicate"]);
const ON_THE_WAY = new Set(["waiting", "sending", "away"]);

/** @typedef {"chosen" | "waiting" | "sending" | "away" | "kept" | "duplicate" | "refused"} UploadState */

/**
 * What the server says of a photo that it has.
 * @typedef {object} Answer
 * @property {string} id
 * @property {number} version
 * @property {string} sentence what was kept, of which day, and who says so
 * @property {"" | "day" | "camera"} asks what a person must say of its day
 * @property {string} url
 * @property {string} keep_url
 * @property {string} view_label
 * @property {string} taken_label
 * @property {string} megapixels
 * @property {import("./outcome.js").Gate[]} [gates]
 */

export class Upload {
  /** @type {UploadState} */
  state = "chosen";
  /** From 0 to 1. */
  progress = 0;
  /** Why it is not there yet. */
  sentence = "";
  /** Whether it can never be sent as it is: a raw file, or no photo at all. */
  isUnfit = false;
  /** Resolves once that is known. @type {Promise<void>} */
  looked = Promise.resolve();
  /** @type {Answer | null} */
  answer = null;
  tries = 0;
  /** What else a close-up sends. @type {Record<string, string>} */
  extra = {};
  /** Why it stays although it was warned of. */
  keepReason = "";
  /** The photo that this one is taken again for. @type {Upload | null} */
  insteadOf = null;
  /** @type {string | undefined} */
  sha256;
  /** @type {AbortController | undefined} */
  stop;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  timer;

  /** @param {File} file @param {{view?: string, capturePath?: string}} facts */
  constructor(file, { view = "", capturePath = "upload" } = {}) {
    this.file = file;
    this.view = view;
    this.capturePath = capturePath;
    /** The day on which the page itself took it, by the device's clock; "" for a file that was chosen. */
    this.shotOn = capturePath.startsWith("browser_") ? dayOf(new Date()) : "";
    this.id = newId();
  }

  get name() {
    return this.file.name || "photo";
  }

  get isOver() {
    return OVER.has(this.state);
  }

  get isOnTheWay() {
    return ON_THE_WAY.has(this.state);
  }
}

export class Queue extends EventTarget {
  /** @type {Upload[]} */
  uploads = [];
  #running = 0;
  #signedOut = false;
  #isStopped = false;

  /** @param {HTMLFormElement} form with what all photos share: token, card, reason */
  constructor(form) {
    super();
    this.form = form;
    /** What else is sent with each photo. @type {() => Record<string, string>} */
    this.more = () => ({});
    /** @type {import("./kinds.js").RawFiles} */
    this.raw = JSON.parse(form.dataset.raw);
    this.server = new Server(form);
    addEventListener("online", () => this.#hurry());
    document.addEventListener("signed-in-as-somebody-else", () => {
      this.#isStopped = true;
    });
    addEventListener("beforeunload", (event) => {
      if (!this.#isStopped && this.uploads.some((upload) => !upload.isOver && !upload.isUnfit)) event.preventDefault();
    });
  }

  /** @param {File} file @param {{view?: string, capturePath?: string}} [facts] */
  add(file, facts) {
    const upload = new Upload(file, facts);
    this.uploads.push(upload);
    this.#announce(upload);
    upload.looked = this.#look(upload);
    return upload;
  }

  /** What cannot be taken in is named as soon as it is chosen. @param {Upload} upload */
  async #look(upload) {
    const why = await whyNot(upload.file, this.raw).catch(() => ""); // a file that cannot be read is said when it is sent
    if (!why || upload.file.size === 0) return;
    upload.isUnfit = true;
    this.#refuse(upload, why);
  }

  /** Send it, or send it again; its id stays the same, so it is stored once. @param {Upload} upload */
  send(upload) {
    if (upload.isOver || upload.isOnTheWay || upload.isUnfit || !upload.view) return;
    upload.tries = 0;
    this.#signedOut = false;
    this.#set(upload, "waiting", { sentence: "", progress: 0 });
    this.#pump();
  }

  sendAll() {
    for (const upload of this.uploads) if (upload.state === "chosen") this.send(upload);
  }

  /** Take one out that is not wanted. One the server has stays there. @param {Upload} upload */
  remove(upload) {
    upload.stop?.abort();
    this.uploads = this.uploads.filter((one) => one !== upload);
    this.#announce(upload);
  }

  /** What the server says now of a stored photo. @param {Upload} upload @param {Answer} answer */
  correct(upload, answer) {
    upload.answer = answer;
    this.#announce(upload);
  }

  /** Words for a screen reader, of what is shown at the same time. @param {string} words */
  say(words) {
    this.dispatchEvent(new CustomEvent("said", { detail: words }));
  }

  /** A stored photo that was warned of stays on purpose. @param {Upload} upload @param {string} reason */
  settle(upload, reason) {
    upload.keepReason = reason;
    this.#announce(upload);
  }

  /** @param {UploadState[]} states */
  count(...states) {
    return this.uploads.filter((upload) => states.includes(upload.state)).length;
  }

  /** Resolves when nothing is on its way any more. @returns {Promise<void>} */
  settled() {
    return new Promise((resolve) => {
      const look = () => {
        if (this.uploads.some((upload) => upload.isOnTheWay)) return;
        this.removeEventListener("change", look);
        resolve();
      };
      this.addEventListener("change", look);
      look();
    });
  }

  #pump() {
    while (this.#running < AT_ONCE && !this.#signedOut) {
      const next = this.uploads.find((upload) => upload.state === "waiting");
      if (!next) return;
      this.#running += 1;
      this.#run(next).finally(() => {
        this.#running -= 1;
        this.#pump();
      });
    }
  }

  /** @param {Upload} upload */
  async #run(upload) {
    this.#set(upload, "sending");
    const fault = await this.#unfit(upload);
    if (fault) return this.#set(upload, "refused", { sentence: fault });
    upload.stop = new AbortController();
    try {
      const answer = await this.#transfer(upload);
      await this.#take(upload, answer);
    } catch (fault) {
      if (!(fault instanceof NoAnswer)) throw fault;
      if (this.uploads.includes(upload)) this.#later(upload, "The server cannot be reached");
    }
  }

  /** Why it need not be sent at all; reads the file once. @param {Upload} upload */
  async #unfit(upload) {
    await upload.looked;
    if (upload.isUnfit) return upload.sentence;
    if (upload.file.size === 0) return "This file is empty; choose the photo again.";
    if (upload.file.size > MAX_BYTES) {
      return "This file is larger than 40 MB; export the photo as JPEG in a smaller size.";
    }
    try {
      upload.sha256 ??= await sha256(upload.file);
    } catch {
      return "This file can no longer be read here; choose it again.";
    }
    return "";
  }

  /** @param {Upload} upload */
  #transfer(upload) {
    /** @type {(progress: number) => void} */
    const onProgress = (progress) => this.#set(upload, "sending", { progress });
    return transfer(this.form.action, this.#body(upload), {
      server: this.server,
      onProgress,
      signal: upload.stop.signal,
    });
  }

  /** @param {Upload} upload */
  #body(upload) {
    const body = new FormData(this.form);
    for (const name of ["photo", "_sentinel"]) body.delete(name);
    const facts = {
      id: upload.id,
      view: upload.view,
      capture_path: upload.capturePath,
      sha256: upload.sha256,
      ...(upload.shotOn ? { shot_on: upload.shotOn } : {}),
      ...this.more(),
      ...upload.extra,
    };
    for (const [name, value] of Object.entries(facts)) body.set(name, value);
    body.append("photo", upload.file, upload.name);
    body.append("_sentinel", "1"); // the last field: without it the body was cut on its way
    return body;
  }

  /** @param {Upload} upload @param {{status: number, data: Record<string, any>}} answer */
  async #take(upload, { status, data }) {
    if ((status === 200 || status === 201) && data.status) {
      return this.#set(upload, data.status, { answer: /** @type {any} */ (data), progress: 1, sentence: "" });
    }
    if (status === 403 && data.error === "token") {
      await this.server.freshToken().catch(() => {});
      return upload.tries++ < 2
        ? this.#set(upload, "waiting")
        : this.#refuse(upload, "This page is too old; reload it and choose the photo again.");
    }
    if (isCoveredAnswer(status)) return this.#waitUnderCover(upload);
    if (status === 401 || data.error === "other_person") return this.#signIn(upload, data);
    if (data.error === "other_clinic") {
      return this.#refuse(
        upload,
        `These photos belong to another clinic than ${data.clinic}, where you work now. Choose their clinic in a second window, then send them.`,
      );
    }
    if (TRY_AGAIN.has(status)) return this.#later(upload, data.sentence ?? "The server could not save it");
    if (CUT_ON_THE_WAY.has(data.code) && ++upload.tries < TRIES_WHEN_DAMAGED) return this.#set(upload, "waiting");
    this.#refuse(upload, data.sentence ?? sentenceFor(status));
  }

  /** @param {Upload} upload @param {string} sentence */
  #refuse(upload, sentence) {
    this.#set(upload, "refused", { sentence });
  }

  /**
   * Try again after 1, 2, 4 … 60 s, or at once when the network comes back.
   * @param {Upload} upload
   * @param {string} sentence
   */
  #later(upload, sentence) {
    const seconds = Math.min(2 ** upload.tries, LONGEST_PAUSE);
    upload.tries += 1;
    this.#set(upload, "away", { sentence, progress: 0 });
    upload.timer = setTimeout(() => this.#again(upload), seconds * 1000);
  }

  /** @param {Upload} upload */
  #again(upload) {
    clearTimeout(upload.timer);
    if (upload.state !== "away" || !this.uploads.includes(upload)) return;
    this.#set(upload, "waiting");
    this.#pump();
  }

  #hurry() {
    for (const upload of this.uploads) this.#again(upload);
  }

  /** Everything waits until the page is uncovered. @param {Upload} upload */
  async #waitUnderCover(upload) {
    this.#set(upload, "waiting", { progress: 0 });
    if (this.#signedOut) return;
    this.#signedOut = true;
    await afterUncovering();
    this.#signedOut = false;
    this.#pump();
  }

  /**
   * Everything waits until the same person is back; asked once, however many photos met it.
   * @param {Upload} upload
   * @param {{name?: string}} data
   */
  async #signIn(upload, data) {
    this.#set(upload, "waiting", { progress: 0 });
    if (this.#signedOut) return;
    this.#signedOut = true;
    const result = await askToSignIn(this.server, { other: data.name ?? "" });
    if (result === SOMEBODY_ELSE) {
      await openAnew();
    } else if (result === CONTINUED) {
      this.#signedOut = false;
      this.#pump();
    } else {
      for (const one of this.uploads) {
        if (one.isOnTheWay) this.#refuse(one, "You are signed out. Send it again to sign in.");
      }
    }
  }

  /** @param {Upload} upload @param {UploadState} state @param {Partial<Upload>} facts */
  #set(upload, state, facts = {}) {
    Object.assign(upload, { state, ...facts });
    this.#announce(upload);
  }

  /** @param {Upload} upload */
  #announce(upload) {
    this.dispatchEvent(new CustomEvent("change", { detail: upload }));
  }
}

/** The day where the device is, as 2026-11-29. @param {Date} moment */
function dayOf(moment) {
  const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
  return `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
}

/** @param {number} status */
function sentenceFor(status) {
  if (status === 413) return "This file is larger than the server takes; export the photo as JPEG in a smaller size.";
  if (status === 403) return "Your role here may not add photos; ask the person who looks after Anagen.";
  if (status === 404) return "This patient’s record is no longer here.";
  return "The server could not take this photo; send it again.";
}
