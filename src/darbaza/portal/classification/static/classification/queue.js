// The queue by keyboard: j and k move from host to host, x chooses, c goes to the category. Tab and space work as well.
(function () {
  "use strict";
  var boxes = Array.from(document.querySelectorAll("[data-queue] input[type=checkbox]"));
  var hint = document.querySelector("[data-keys]");
  if (!boxes.length) { return; }
  if (hint) { hint.hidden = false; }
  function go(step) {
    var next = Math.min(Math.max(boxes.indexOf(document.activeElement) + step, 0), boxes.length - 1);
    boxes[next].focus();
    boxes[next].scrollIntoView({ block: "nearest" });
  }
  document.addEventListener("keydown", function (event) {
    var typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) && event.target.type !== "checkbox";
    if (typing || event.ctrlKey || event.altKey || event.metaKey) { return; }
    if (event.key === "j") { go(1); } else if (event.key === "k") { go(-1); }
    else if (event.key === "x" && boxes.includes(document.activeElement)) { document.activeElement.click(); }
    else if (event.key === "c") { document.getElementById("id_first").focus(); } else { return; }
    event.preventDefault();
  });
}());
