// Ten keys under a PIN, for a finger: the tablet's own keyboard would hide half of the cover. The sixth digit sends it.

const DIGITS = 6;
const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "⌫", "0"];

/** @param {ParentNode} root */
export function useKeypads(root) {
  for (const pad of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-keypad]"))) useKeypad(pad);
}

/** @param {HTMLElement} pad */
function useKeypad(pad) {
  const form = pad.closest("form");
  /** @type {HTMLInputElement} */
  const pin = form.querySelector("[name=pin]");
  pin.inputMode = "none";
  for (const name of KEYS) {
    const key = Object.assign(document.createElement("button"), {
      className: "btn",
      type: "button",
      textContent: name,
    });
    if (name === "⌫") key.setAttribute("aria-label", "Delete the last digit");
    key.addEventListener("click", () => {
      pin.value = name === "⌫" ? pin.value.slice(0, -1) : pin.value + name;
      send();
    });
    pad.append(key);
  }
  pad.hidden = false;
  pin.addEventListener("input", () => {
    pin.value = pin.value.replace(/\D/g, "");
    send();
  });
  form.addEventListener("change", (event) => {
    if (/** @type {HTMLElement} */ (event.target).matches("[name=person]")) {
      pin.value = "";
      pin.focus();
      pad.scrollIntoView({ block: "nearest" });
    }
  });

  function send() {
    if (pin.value.length >= DIGITS && new FormData(form).has("person")) form.requestSubmit();
  }
}
