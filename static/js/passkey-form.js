// A form with a button that makes or uses a passkey, and is then sent with the answer in its field "passkey":
//   <button type="button" data-passkey="create" data-options="/address/of/the/options/" hidden>
//   <p data-passkey-fault role="alert" hidden>

import { createPasskey, passkeyFault, passkeysWork, usePasskey } from "./passkeys.js";

/** @type {NodeListOf<HTMLButtonElement>} */
const buttons = document.querySelectorAll("button[data-passkey]");
for (const button of buttons) {
  if (!passkeysWork()) continue;
  button.hidden = false;
  button.addEventListener("click", () => run(button));
}

/** @param {HTMLButtonElement} button */
async function run(button) {
  const { form } = button;
  /** @type {HTMLElement} */
  const fault = form.querySelector("[data-passkey-fault]");
  fault.hidden = true;
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  try {
    const answer = await fetch(button.dataset.options, {
      headers: { "X-Requested-With": "fetch" },
      credentials: "same-origin",
    });
    const options = await answer.json();
    // Five minutes have passed, or the sign-in ended: the page says what to do when it is opened anew.
    if (!answer.ok) return location.assign(location.href);
    const act = button.dataset.passkey === "create" ? createPasskey : usePasskey;
    /** @type {HTMLInputElement} */ (form.elements.namedItem("passkey")).value = await act(options);
    form.requestSubmit();
  } catch (problem) {
    fault.textContent = passkeyFault(problem);
    fault.hidden = false;
  } finally {
    button.removeAttribute("aria-disabled");
  }
}
