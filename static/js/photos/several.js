// Many photos ticked at once, and how many that are.

/** @type {HTMLElement | null} */
const section = document.querySelector("[data-several]");
if (section) start(section);

/** @param {HTMLElement} part */
function start(part) {
  /** @type {HTMLInputElement[]} */
  const boxes = Array.from(part.querySelectorAll("[name=photo]"));
  /** @type {HTMLElement} */
  const acts = part.querySelector("[data-several-acts]");
  const count = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    part.querySelector("[data-several-count]").textContent = `${ticked} of ${boxes.length} ticked`;
  };
  /** @param {boolean} isTicked */
  const tickAll = (isTicked) => {
    for (const box of boxes) box.checked = isTicked;
    boxes[0]?.dispatchEvent(new Event("change", { bubbles: true }));
  };
  acts.hidden = boxes.length < 2;
  part.querySelector("[data-several-all]").addEventListener("click", () => tickAll(true));
  part.querySelector("[data-several-none]").addEventListener("click", () => tickAll(false));
  part.addEventListener("change", count);
  count();
}
