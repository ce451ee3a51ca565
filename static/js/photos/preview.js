// A chosen file as a small picture. A browser that cannot show it (HEIC) shows the view's drawing instead.

/** @param {File} file @param {{width?: number, onFail?: (image: HTMLImageElement) => void}} options */
export function preview(file, { width = 96, onFail } = {}) {
  const image = new Image();
  const address = URL.createObjectURL(file);
  const free = () => URL.revokeObjectURL(address);
  image.alt = "";
  image.width = width;
  image.addEventListener("load", free, { once: true });
  image.addEventListener(
    "error",
    () => {
      free();
      if (onFail) return onFail(image);
      const instead = Object.assign(document.createElement("span"), {
        className: "no-preview",
        textContent: "no preview",
      });
      instead.draggable = image.draggable;
      return image.replaceWith(instead);
    },
    { once: true },
  );
  image.src = address;
  return image;
}

/**
 * Files in the order they were taken: by their own time, then by name ("IMG_9" before "IMG_10").
 * @template T
 * @param {Iterable<T>} files files, or things that each have one
 * @param {(thing: T) => File} of
 * @returns {T[]}
 */
export function inOrderTaken(files, of = (file) => /** @type {any} */ (file)) {
  const names = new Intl.Collator("en", { numeric: true });
  return [...files].sort((a, b) => of(a).lastModified - of(b).lastModified || names.compare(of(a).name, of(b).name));
}

/**
 * Give each a view: the six in turn, leaving out those already given; when all are given, from the start again.
 * @param {number} count how many views are wanted
 * @param {string[]} views
 * @param {string[]} taken the views already given
 */
export function inTurn(count, views, taken) {
  /** @type {string[]} */
  const given = [];
  let free = views.filter((view) => !taken.includes(view));
  for (let i = 0; i < count; i += 1) {
    if (!free.length) free = [...views];
    given.push(free.shift());
  }
  return given;
}
