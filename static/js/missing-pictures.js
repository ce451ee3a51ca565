// A photograph that cannot be shown because its store or disk does not answer: said once a page, in the server's words.

const PICTURE = /\/photos\/.*\/\d+\.jpg$/;
let isAsked = false;

/** @param {EventTarget | null} picture */
async function tell(picture) {
  if (isAsked || !(picture instanceof HTMLImageElement) || !PICTURE.test(picture.src)) return;
  isAsked = true;
  const sentence = await outage(picture.src);
  if (!sentence) {
    isAsked = false; // this one is missing, which its alternative text says; another may tell more
    return;
  }
  const place = document.createElement("div");
  place.className = "wrap messages noprint";
  place.setAttribute("role", "status");
  document.querySelector("main").prepend(place);
  const notice = place.appendChild(document.createElement("p"));
  notice.className = "notice notice-warn";
  notice.appendChild(document.createElement("span")).textContent =
    `Some photos cannot be shown now; the record is unchanged. ${sentence} Reload this page later.`;
}

/** What the server says of its store or disk; "" where it says nothing. @param {string} address */
async function outage(address) {
  try {
    const answer = await fetch(address, { headers: { "X-Requested-With": "fetch" } });
    return answer.headers.has("Anagen-Outage") ? String((await answer.json()).sentence) : "";
  } catch {
    return ""; // nobody answers
  }
}

/** Also those that failed before this script ran. */
export function tellMissingPictures() {
  document.addEventListener("error", (event) => tell(event.target), true);
  for (const picture of document.images) if (picture.complete && !picture.naturalWidth) tell(picture);
}
