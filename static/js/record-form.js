// Every form of the record: nothing typed is lost, nothing is saved twice, and the state line tells the truth.
//
// For modules that build on a form: "record-form:filled" (a draft was put in), "record-form:refreshed" (objections were
// shown), "record-form:saved" (detail.go is the address; detail.waitUntil(promise) delays going there).

import "./scan.js";
import { followConditions } from "./forms/conditions.js";
import { rememberChosenFiles } from "./forms/chosen-files.js";
import { hasFiles } from "./forms/contents.js";
import { DraftKeeper } from "./forms/drafts.js";
import { Offer } from "./forms/offer.js";
import { Sender } from "./forms/sending.js";
import { Server } from "./forms/server.js";
import { StateLine } from "./forms/state-line.js";

/** @type {NodeListOf<HTMLFormElement>} */
const forms = document.querySelectorAll("form[data-record-form]");
for (const form of forms) attend(form);

/** @param {HTMLFormElement} form */
function attend(form) {
  let isLeaving = false;
  followConditions(form);
  const server = new Server(form);
  const state = new StateLine(form);
  state.update({ keepsDrafts: server.ticket !== "" });
  const keeper = new DraftKeeper(form, server, state);
  const sender = new Sender(form, server, state, keeper);

  form.addEventListener("input", () => keeper.changed());
  form.addEventListener("change", () => keeper.changed());
  form.addEventListener("focusout", () => keeper.flush());
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    // A button whose answer opens beside the form saves nothing: the browser sends it.
    if (event.submitter?.hasAttribute("formtarget")) return;
    // A button that leads to another page and back: the server keeps what is typed, and the page is left for it.
    if (event.submitter?.hasAttribute("data-leaves")) {
      isLeaving = navigator.onLine;
      if (isLeaving) {
        nameOpening(form, keeper.opening);
        return;
      }
      event.preventDefault();
      state.update({ outcome: { kind: "wait", text: "the network is away; press it again when it is back" } });
      return;
    }
    event.preventDefault();
    sender.save(event.submitter);
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") keeper.flush({ leaving: true });
  });
  addEventListener("pagehide", () => keeper.flush({ leaving: true }));
  rememberChosenFiles(form, () => sender.isSaved || sender.isLeft);
  addEventListener("beforeunload", (event) => {
    if (!sender.isSaved && !sender.isLeft && !isLeaving && (sender.isSending || keeper.isBehind || hasFiles(form))) {
      event.preventDefault();
    }
  });
  document.addEventListener("page-covered", (event) => event.detail.waitUntil(keeper.flush()));
  document.addEventListener("signed-in-as-somebody-else", (event) => event.detail.waitUntil(sender.leave()));
  // A browser may bring the saved page back as it was: it must not be saved a second time.
  addEventListener("pageshow", (event) => {
    if (event.persisted && sender.isSaved) location.reload();
    isLeaving = false;
  });
  if (form.dataset.resumed) keeper.takeOver(form.dataset.resumed);
  else if (form.dataset.draftUrl && server.ticket) new Offer(form, server, keeper).show();
}

/** The browser sends the form: it is told which draft stands for it, or the next page would offer that as left behind.
 * @param {HTMLFormElement} form @param {string} opening */
function nameOpening(form, opening) {
  /** @type {HTMLInputElement} */
  const field =
    form.querySelector("input[name=_opening]") ??
    Object.assign(document.createElement("input"), { type: "hidden", name: "_opening" });
  field.value = opening;
  form.append(field);
}
