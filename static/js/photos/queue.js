// The photos of this page on their way, two at a time, each by itself and each until the server has answered. What is
// not sent stays in the list; nothing is called sent before the server has said so.

import { NoAnswer, Server } from "../forms/server.js";
import { CONTINUED, SOMEBODY_ELSE, askToSignIn, openAnew } from "../forms/sign-in.js";
import { newId, sha256 } from "./ids.js";
import { transfer } from "./transfer.js";

export const MAX_BYTES = 40 * 1024 * 1024;
const AT_ONCE = 2;
const LONGEST_PAUSE = 60;   // s
const TRIES_WHEN_DAMAGED = 3;
const TRY_AGAIN = new Set([500, 503, 507, 429]);
const CUT_ON_THE_WAY = new Set(["altered_on_the_way", "damaged"]);

// chosen: waits for a person to send it.  waiting, sending: on its way.  away: the server did not take it, tried again by
// itself.  kept, duplicate: the server has it.  refused: it says no; a person must act.
const OVER = new Set(["kept", "duplicate"]);
const ON_THE_WAY = new Set(["waiting", "sending", "away"]);

class Upload {
  state = "chosen";
  progress = 0;
  sentence = "";
  answer = null;
  tries = 0;
  extra = {};

  constructor(file, { view = "", capturePath = "upload" } = {}) {
    Object.assign(this, { file, view, capturePath, id: newId() });
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
  uploads = [];
  #running = 0;
  #signedOut = false;
  #isStopped = false;

  /** `form` holds what all photos share: token, card, reason. */
  constructor(form) {
    super();
    this.form = form;
    this.server = new Server(form);
    addEventListener("online", () => this.#hurry());
    document.addEventListener("signed-in-as-somebody-else", () => (this.#isStopped = true));
    addEventListener("beforeunload", (event) => {
      if (!this.#isStopped && this.uploads.some((upload) => !upload.isOver)) event.preventDefault();
    });
  }

  add(file, facts) {
    const upload = new Upload(file, facts);
    this.uploads.push(upload);
    this.#tell(upload);
    return upload;
  }

  /** Send it, or send it again; its id stays the same, so it is kept once. */
  send(upload) {
    if (upload.isOver || upload.isOnTheWay || !upload.view) return;
    upload.tries = 0;
    this.#signedOut = false;
    this.#set(upload, "waiting", { sentence: "", progress: 0 });
    this.#pump();
  }

  sendAll() {
    for (const upload of this.uploads) if (upload.state === "chosen") this.send(upload);
  }

  /** Take one out that is not wanted. One the server has stays there. */
  remove(upload) {
    upload.stop?.abort();
    this.uploads = this.uploads.filter((one) => one !== upload);
    this.#tell(upload);
  }

  /** A kept photo that was warned of is kept on purpose. */
  settle(upload, reason) {
    upload.keptBecause = reason;
    this.#tell(upload);
  }

  count(...states) {
    return this.uploads.filter((upload) => states.includes(upload.state)).length;
  }

  /** Resolves when nothing is on its way any more. */
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

  /** Why it need not be sent at all; reads the file once. */
  async #unfit(upload) {
    if (upload.file.size === 0) return "This file is empty; choose the photo again.";
    if (upload.file.size > MAX_BYTES) return "This file is larger than 40 MB; export the photo as JPEG in a smaller size.";
    try {
      upload.sha256 ??= await sha256(upload.file);
    } catch {
      return "This file can no longer be read here; choose it again.";
    }
    return "";
  }

  #transfer(upload) {
    const onProgress = (progress) => this.#set(upload, "sending", { progress });
    return transfer(this.form.action, this.#body(upload), { server: this.server, onProgress, signal: upload.stop.signal });
  }

  #body(upload) {
    const body = new FormData(this.form);
    for (const name of ["photo", "_sentinel"]) body.delete(name);
    const told = { id: upload.id, view: upload.view, capture_path: upload.capturePath, sha256: upload.sha256, ...upload.extra };
    for (const [name, value] of Object.entries(told)) body.set(name, value);
    body.append("photo", upload.file, upload.name);
    body.append("_sentinel", "1"); // the last field: without it the body was cut on its way
    return body;
  }

  async #take(upload, { status, told }) {
    if ((status === 200 || status === 201) && told.status) {
      return this.#set(upload, told.status, { answer: told, progress: 1, sentence: "" });
    }
    if (status === 403 && told.error === "token") {
      await this.server.freshToken().catch(() => null);
      return upload.tries++ < 2 ? this.#set(upload, "waiting") : this.#refuse(upload, "This page is too old; reload it and choose the photo again.");
    }
    if (status === 401 || told.error === "other_person") return this.#signIn(upload, told);
    if (told.error === "other_clinic") {
      return this.#refuse(upload, `These photos belong to another clinic than ${told.clinic}, where you work now. Choose it again, then send them.`);
    }
    if (TRY_AGAIN.has(status)) return this.#later(upload, told.sentence ?? "The server could not take it");
    if (CUT_ON_THE_WAY.has(told.code) && ++upload.tries < TRIES_WHEN_DAMAGED) return this.#set(upload, "waiting");
    this.#refuse(upload, told.sentence ?? sentenceFor(status));
  }

  #refuse(upload, sentence) {
    this.#set(upload, "refused", { sentence });
  }

  /** Try again after 1, 2, 4 … 60 s, or at once when the network comes back. */
  #later(upload, sentence) {
    const seconds = Math.min(2 ** upload.tries, LONGEST_PAUSE);
    upload.tries += 1;
    this.#set(upload, "away", { sentence, progress: 0 });
    upload.timer = setTimeout(() => this.#again(upload), seconds * 1000);
  }

  #again(upload) {
    clearTimeout(upload.timer);
    if (upload.state !== "away" || !this.uploads.includes(upload)) return;
    this.#set(upload, "waiting");
    this.#pump();
  }

  #hurry() {
    for (const upload of this.uploads) this.#again(upload);
  }

  /** Everything waits until the same person is back; asked once, however many photos met it. */
  async #signIn(upload, told) {
    this.#set(upload, "waiting", { progress: 0 });
    if (this.#signedOut) return;
    this.#signedOut = true;
    const result = await askToSignIn(this.server, { other: told.name ?? "" });
    if (result === SOMEBODY_ELSE) {
      await openAnew();
    } else if (result === CONTINUED) {
      this.#signedOut = false;
      this.#pump();
    } else {
      for (const one of this.uploads) if (one.isOnTheWay) this.#refuse(one, "You are signed out. Send it again to sign in.");
    }
  }

  #set(upload, state, facts = {}) {
    Object.assign(upload, { state, ...facts });
    this.#tell(upload);
  }

  #tell(upload) {
    this.dispatchEvent(new CustomEvent("change", { detail: upload }));
  }
}

function sentenceFor(status) {
  if (status === 413) return "This file is larger than the server takes; export the photo as JPEG in a smaller size.";
  if (status === 403) return "Your role here may not file photos; ask a manager of the clinic.";
  if (status === 404) return "This patient’s record is no longer here.";
  return "The server could not take this photo; send it again.";
}
