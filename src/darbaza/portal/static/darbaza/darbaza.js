// Small behaviour for every page; everything works without it.
(function () {
  "use strict";
  // A menu that was opened closes on Escape or a click elsewhere.
  function closeMenus(except) {
    document.querySelectorAll(".bar details[open]").forEach(function (menu) {
      if (menu !== except) { menu.removeAttribute("open"); }
    });
  }
  document.addEventListener("click", function (event) { closeMenus(event.target.closest(".bar details")); });
  document.addEventListener("keydown", function (event) { if (event.key === "Escape") { closeMenus(null); } });
  // Buttons that print, shown only where scripts run.
  document.querySelectorAll("[data-print]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
  });
}());
