// The map and the total follow the number fields; a tap on a region goes to its field.
// Without this script the numbers are typed, saved and added up all the same.
const fields = [...document.querySelectorAll("[data-ml]")];
const total = document.querySelector("[data-total]");
const map = document.querySelector("[data-scalp]");

// Hundredths of a mL as a whole number, null for what is not a plain figure: no binary fractions in a dose.
function hundredths(text) {
  const parts = /^(\d{0,6})(?:\.(\d{0,2}))?$/.exec(text.trim());
  if (!parts || (text.trim() !== "" && !/\d/.test(text))) return null;
  return Number(parts[1] || 0) * 100 + Number((parts[2] || "").padEnd(2, "0"));
}

function shown(count) {
  const text = (count / 100).toFixed(2);
  return text.endsWith("0") ? text.slice(0, -1) : text;
}

function refresh() {
  let sum = 0;
  for (const field of fields) {
    const count = hundredths(field.value);
    const region = map?.querySelector(`[data-region="${field.dataset.ml}"]`);
    const charged = count !== null && count > 0;
    sum = count === null || sum === null ? null : sum + count;
    region?.classList.toggle("on", charged);
    const figure = region?.querySelector(".region-ml");
    if (figure) figure.textContent = charged ? shown(count) : "";
    field.closest("li")?.classList.toggle("on", charged);
  }
  if (total) total.value = sum === null ? "?" : shown(sum);
}

for (const field of fields) {
  field.addEventListener("input", refresh);
  field.addEventListener("change", refresh);
}

map?.addEventListener("click", (event) => {
  const region = event.target.closest("[data-region]");
  const field = region && fields.find((each) => each.dataset.ml === region.dataset.region);
  if (!field) return;
  const folded = field.closest("details");
  if (folded) folded.open = true;
  field.focus();
  field.select();
});

if (fields.length) {
  map?.classList.add("is-tappable");
  refresh();
}
