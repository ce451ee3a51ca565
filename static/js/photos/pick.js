// Two photos of a row at most are ticked for the comparison: a third tick lets go of the first.

const order = new Map();
let count = 0;

document.addEventListener("change", (event) => {
  if (!event.target.matches?.("[data-pick]")) return;
  const row = event.target.closest("[data-row]");
  order.set(event.target, ++count);
  const ticked = [...row.querySelectorAll("[data-pick]:checked")].sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0));
  while (ticked.length > 2) ticked.shift().checked = false;
  const button = row.querySelector("[data-compare]");
  button.disabled = ticked.length === 1;
  button.classList.toggle("btn-primary", ticked.length === 2);
});
