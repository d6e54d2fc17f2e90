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
  // A part of a form that belongs to one choice stands there only while it is chosen.
  document.querySelectorAll("[data-part-of]").forEach(function (part) {
    var form = part.closest("form");
    function fit() { part.hidden = form.elements[part.dataset.partOf].value !== part.dataset.when; }
    form.addEventListener("change", fit);
    window.addEventListener("pageshow", fit); // a browser that goes back restores the choice without a change
    fit();
  });
  // Forms beside one another: what was typed in the others goes along with one of them, so that the answer can keep it.
  document.querySelectorAll("form[data-with-others]").forEach(function (form) {
    form.addEventListener("formdata", function (event) {
      document.querySelectorAll("form[data-with-others]").forEach(function (other) {
        if (other === form) { return; }
        Array.from(other.elements).forEach(function (field) {
          if (field.name && !event.formData.has(field.name)) { event.formData.append(field.name, field.value); }
        });
      });
    });
  });
  // A form goes once, however often its button is pressed while a slow line is silent.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (event.defaultPrevented || form.method !== "post") { return; }
    if (event.timeStamp - Number(form.dataset.went || -4000) < 4000) { event.preventDefault(); return; }
    form.dataset.went = String(event.timeStamp);
  });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-went]").forEach(function (form) { delete form.dataset.went; });
  });
  // Buttons that print, shown only where scripts run.
  document.querySelectorAll("[data-print]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
  });
}());
