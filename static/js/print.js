// A button that prints the page; without scripts the browser's own menu does.
/** @type {NodeListOf<HTMLElement>} */
const buttons = document.querySelectorAll("[data-print]");
for (const button of buttons) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
// A page that was opened to be printed, once: loaded again it is looked at.
if (document.querySelector("[data-print-at-once]")) {
  const address = new URL(location.href);
  address.searchParams.delete("print");
  history.replaceState(null, "", address);
  window.addEventListener("load", () => window.print());
}
