// The camera, with the last photo of the same view shining through. One stream for a visit of the page: asking again
// ends the first one on some tablets.

import { element } from "./outcome.js";
import { Level } from "./level.js";

const WANTED = {
  audio: false,
  video: { facingMode: { ideal: "environment" }, width: { ideal: 4032 }, height: { ideal: 3024 } },
};
const STILL_WITHIN = 6000; // ms until a still that does not come is given up for a frame
/** By the name of the browser's error. @type {Record<string, string>} */
const WHY = {
  NotAllowedError:
    "The browser does not allow the camera on this page. Allow it in the browser’s settings, or take the photo with the tablet’s own camera.",
  NotFoundError: "This device has no camera. Choose a photo instead.",
  NotReadableError: "Another program is using the camera. Close it, or choose a photo instead.",
  OverconstrainedError: "The camera cannot give a picture that is large enough. Choose a photo instead.",
};

const HAND = "camera hand";

const remembered = () => {
  try {
    return localStorage.getItem(HAND) === "left" ? "left" : "right";
  } catch {
    return "right";
  }
};

/**
 * A still in the most pixels the camera says it has, where those are more than its moving picture has.
 * @param {MediaStreamTrack} track
 */
async function largestStill(track) {
  const camera = new ImageCapture(track);
  const { imageWidth, imageHeight } =
    (await camera.getPhotoCapabilities?.().catch(() => /** @type {PhotoCapabilities} */ (null))) ?? {};
  if (imageWidth?.max > (track.getSettings().width ?? 0) && imageHeight?.max) {
    const still = await camera
      .takePhoto({ imageWidth: imageWidth.max, imageHeight: imageHeight.max })
      .catch(() => /** @type {Blob} */ (null));
    if (still?.size) return still;
  }
  return camera.takePhoto();
}

/** @typedef {import("./queue.js").Upload} Upload */
/** @typedef {{blob: Blob, capturePath: string}} Shot */
/** Every part of the camera's dialog as what it may be: a button, a field, a picture. @typedef {any} Part */

export class Camera {
  /** @type {MediaStream | null} */
  #stream = null;
  #view = 0;
  /** @type {Shot | null} */
  #shot = null;
  /** By the view's place. @type {Map<number, Upload>} */
  #taken = new Map();
  /** What was said last of a photo. */
  #said = "";

  /**
   * @param {HTMLDialogElement} dialog
   * @param {object} options
   * @param {HTMLElement[]} options.views elements with data-photo-view, -label, -how and perhaps -ghost
   * @param {import("./queue.js").Queue} options.queue
   * @param {(file: File, facts: {view: string, capturePath: string}) => Upload} options.onTaken
   */
  constructor(dialog, { views, queue, onTaken }) {
    this.dialog = dialog;
    this.views = views;
    this.queue = queue;
    this.onTaken = onTaken;
    /** @type {(name: string) => Part} */
    this.part = (name) => dialog.querySelector(`[data-camera-${name}]`);
    /** @type {HTMLVideoElement} */
    this.video = this.part("video");
    this.#listen();
    this.level = new Level(this.part("level"), this.part("level-on"));
    queue.addEventListener("change", () => this.#showState());
    // What is said outside an open dialog is not heard in it.
    queue.addEventListener("said", (event) => {
      this.#said = /** @type {CustomEvent<string>} */ (event).detail;
      this.#showState();
    });
  }

  open(view = "") {
    const start = this.views.findIndex((item) => item.dataset.photoView === view);
    this.dialog.showModal();
    this.#go(start >= 0 ? start : this.#nextOpen(-1));
    this.#start();
  }

  #listen() {
    this.part("close").addEventListener("click", () => this.dialog.close());
    this.part("shutter").addEventListener("click", () => this.#shoot());
    this.part("retake").addEventListener("click", () => this.#review(null));
    this.part("keep").addEventListener("click", () => this.#keep());
    this.part("again").addEventListener("click", () => this.#start());
    this.part("native").addEventListener("change", () => this.#native(this.part("native")));
    this.part("opacity").addEventListener("input", () => this.#shine());
    this.part("grid-on").addEventListener("click", () => {
      this.part("grid").hidden = !this.part("grid").hidden;
      this.part("grid-on").ariaPressed = String(!this.part("grid").hidden);
    });
    this.part("hand-on").addEventListener("click", () =>
      this.#takeInHand(this.dialog.dataset.hand === "left" ? "right" : "left"),
    );
    this.#takeInHand(remembered());
    this.dialog.addEventListener("close", () => this.#rest());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible" && this.dialog.open) this.#look();
    });
    addEventListener("pagehide", () => this.#stop());
  }

  async #start() {
    this.#explain("");
    if (this.#isLive()) {
      for (const track of this.#stream.getTracks()) track.enabled = true;
      return this.video.play().catch(() => {});
    }
    if (!navigator.mediaDevices?.getUserMedia) {
      return this.#explain(
        globalThis.isSecureContext
          ? WHY.NotFoundError
          : "The browser opens the camera only on a page with https. Take the photo with the tablet’s own camera.",
      );
    }
    try {
      this.#stream = await navigator.mediaDevices.getUserMedia(WANTED);
    } catch (fault) {
      return this.#explain(
        WHY[/** @type {Error} */ (fault).name] ?? "The camera could not be opened. Choose a photo instead.",
      );
    }
    if (!this.dialog.open) return this.#rest();
    for (const track of this.#stream.getVideoTracks()) track.addEventListener("ended", () => this.#look());
    this.video.srcObject = this.#stream;
    await this.video.play().catch(() => {});
    this.#shine();
    this.part("shutter").disabled = false;
    return undefined;
  }

  #isLive() {
    return Boolean(this.#stream?.getVideoTracks().some((track) => track.readyState === "live"));
  }

  /** After the tablet slept the stream may be gone: say so instead of showing black. */
  #look() {
    if (this.dialog.open && !this.#isLive()) this.#explain("The camera stopped while the tablet was away.", true);
  }

  /** Between two uses the camera sees nothing, and its stream stays: a second one would be asked for again. */
  #rest() {
    this.#review(null);
    this.level.stop();
    for (const track of this.#stream?.getTracks() ?? []) track.enabled = false;
  }

  #stop() {
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = null;
  }

  /** @param {string} sentence */
  #explain(sentence, again = false) {
    this.part("why").hidden = !sentence;
    this.part("why").querySelector("p").textContent = sentence;
    this.part("again").hidden = !again;
    this.part("shutter").disabled = Boolean(sentence) || !this.#isLive();
  }

  get #item() {
    return this.views[this.#view];
  }

  /** @param {number} place */
  #go(place) {
    this.#view = place;
    const { label, how, ghost, ghostWhen } = this.#item.dataset;
    this.part("view").textContent = label;
    this.part("how").textContent = how;
    this.part("when").textContent = ghost ? ghostWhen : "";
    this.part("shine").hidden = !ghost;
    const image = this.part("ghost");
    image.hidden = !ghost;
    if (ghost) image.src = ghost;
    this.#review(null);
    this.#listViews();
    this.#shine();
  }

  #shine() {
    this.part("ghost").style.opacity = String(this.part("opacity").value / 100);
  }

  /**
   * A tablet in one hand: the shutter lies under the thumb that holds it, at the edge, and stays there.
   * @param {string} hand
   */
  #takeInHand(hand) {
    this.dialog.dataset.hand = hand;
    this.part("hand-on").ariaPressed = String(hand === "left");
    try {
      localStorage.setItem(HAND, hand);
    } catch {
      // A browser that keeps nothing asks again next time.
    }
  }

  #listViews() {
    const list = this.views.map((item, place) => {
      const button = element("button", "camera-view", item.dataset.label);
      button.type = "button";
      if (place === this.#view) button.ariaCurrent = "true";
      const upload = this.#taken.get(place);
      if (upload) button.append(element("span", "camera-done", upload.isOver ? "sent" : "taken"));
      button.addEventListener("click", () => this.#go(place));
      const entry = element("li");
      entry.append(button);
      return entry;
    });
    this.part("views").replaceChildren(...list);
  }

  async #shoot() {
    this.part("shutter").disabled = true;
    try {
      this.#review(await this.#picture());
    } catch {
      this.#explain("The camera gave no picture. Start it again, or choose a photo instead.", true);
    } finally {
      this.part("shutter").disabled = !this.#isLive();
    }
  }

  /**
   * A still where the browser can take one, else the frame that is shown, in its full size.
   * @returns {Promise<Shot>}
   */
  async #picture() {
    const [track] = this.#stream.getVideoTracks();
    if ("ImageCapture" in globalThis) {
      /** @type {Promise<Blob | null>} */
      const late = new Promise((resolve) => setTimeout(resolve, STILL_WITHIN, null));
      const still = await Promise.race([largestStill(track).catch(() => /** @type {Blob} */ (null)), late]);
      if (still?.size) return { blob: still, capturePath: "browser_still" };
    }
    const canvas = element("canvas");
    Object.assign(canvas, { width: this.video.videoWidth, height: this.video.videoHeight });
    canvas.getContext("2d").drawImage(this.video, 0, 0);
    /** @type {Blob | null} */
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.95));
    if (!blob?.size) throw new Error("an empty frame");
    return { blob, capturePath: "browser_frame" };
  }

  /** @param {Shot | null} shot */
  #review(shot) {
    const image = this.part("taken");
    if (image.src.startsWith("blob:")) URL.revokeObjectURL(image.src);
    this.#shot = shot;
    image.hidden = !shot;
    this.part("ghost").hidden = Boolean(shot) || !this.#item.dataset.ghost;
    if (shot) image.src = URL.createObjectURL(shot.blob);
    else image.removeAttribute("src");
    this.part("use").hidden = !shot;
    this.part("shutter").hidden = Boolean(shot);
    if (shot) this.part("keep").focus();
  }

  #keep() {
    const { blob, capturePath } = this.#shot;
    const view = this.#item.dataset.photoView;
    const ending = blob.type === "image/png" ? "png" : "jpg";
    const name = `camera-${view}-${new Date().toISOString().replace(/\D/g, "").slice(0, 14)}.${ending}`;
    this.#send(new File([blob], name, { type: blob.type || "image/jpeg", lastModified: Date.now() }), capturePath);
  }

  /** @param {HTMLInputElement} input */
  #native(input) {
    const [file] = input.files;
    if (file) this.#send(file, "native_camera");
    input.value = "";
  }

  /** @param {File} file @param {string} capturePath */
  #send(file, capturePath) {
    this.#taken.set(this.#view, this.onTaken(file, { view: this.#item.dataset.photoView, capturePath }));
    const next = this.#nextOpen(this.#view);
    if (next === this.#view) this.#listViews();
    else this.#go(next);
    this.#review(null);
    this.part("shutter").focus();
  }

  /** The next view without a photo of this visit; the same when all have one. @param {number} from */
  #nextOpen(from) {
    const after = this.views.map((_, step) => (from + 1 + step) % this.views.length);
    return (
      after.find((place) => !this.#taken.has(place) && !this.views[place].classList.contains("full")) ??
      Math.max(from, 0)
    );
  }

  #showState() {
    if (!this.dialog.open) return;
    const [sent, all] = [this.queue.count("kept", "duplicate"), this.queue.uploads.length];
    const words = [all ? `${sent} of ${all} sent` : "", this.#said].filter(Boolean).join("; ");
    if (this.part("state").textContent !== words) this.part("state").textContent = words;
    this.#listViews();
  }
}
