// Says in one sentence that a browser is too old. Written as browsers of 2005 read it, and no module, because those it
// is for know neither modules nor any newer word. What is asked for here stands in README, "Browsers".
(function () {
  var rules = window.CSS && window.CSS.supports;
  var isNewEnough =
    rules &&
    window.CSS.supports("selector(:has(*))") &&
    window.CSS.supports("grid-template-rows", "subgrid") &&
    window.HTMLDialogElement &&
    window.AbortSignal &&
    "timeout" in window.AbortSignal;
  var main = document.getElementById("main");
  if (isNewEnough || !main) return;
  var note = document.createElement("p");
  note.className = "wrap browser-note noprint";
  note.setAttribute("role", "alert");
  note.appendChild(
    document.createTextNode(
      "This browser is too old for Anagen: some pages do not work or do not show everything. Update it, or use " +
        "Chrome or Edge 117, Firefox 121, Safari 16 or a newer one."
    )
  );
  main.insertBefore(note, main.firstChild);
})();
