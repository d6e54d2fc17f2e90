// A place on a picture drawn with a mouse or finger fills the fields in per cent, and the fields show where it lies.
// Everything works without it: the picture bears a scale, and "Try how it looks" shows what the numbers mean.
(function () {
  "use strict";
  var area = document.querySelector("[data-marks]"), form = document.querySelector("[data-picture-form]");
  if (!area || !form) { return; }
  var modes = document.querySelector("[data-mark-modes]"), frames = {}, start = null;
  modes.hidden = false;
  ["place", "cut"].forEach(function (name) {
    frames[name] = document.createElement("div");
    frames[name].className = "frame frame-" + name;
    frames[name].hidden = true;
    area.appendChild(frames[name]);
  });
  function field(name) { return form.elements[name]; }
  function number(name) { return parseFloat(field(name).value.replace(",", ".")) || 0; }
  function lay(name, left, top, width, height) {
    var frame = frames[name];
    frame.hidden = !(width > 0 && height > 0);
    frame.style.left = left + "%"; frame.style.top = top + "%";
    frame.style.width = width + "%"; frame.style.height = height + "%";
  }
  function show() {
    lay("place", number("place-left"), number("place-top"), number("place-width"), number("place-height"));
    var cut = ["left", "top", "right", "bottom"].map(function (edge) { return number("cut-" + edge); });
    var any = cut.some(function (one) { return one > 0; });
    lay("cut", cut[0], cut[1], any ? 100 - cut[0] - cut[2] : 0, any ? 100 - cut[1] - cut[3] : 0);
  }
  function place(event) {
    var box = area.getBoundingClientRect();
    function within(value) { return Math.min(100, Math.max(0, value)); }
    return [within(100 * (event.clientX - box.left) / box.width), within(100 * (event.clientY - box.top) / box.height)];
  }
  function fill(one, other) {
    var left = Math.min(one[0], other[0]), top = Math.min(one[1], other[1]);
    var right = Math.max(one[0], other[0]), bottom = Math.max(one[1], other[1]);
    var isCut = form.elements.draw.value === "cut";
    var said = isCut ? { left: left, top: top, right: 100 - right, bottom: 100 - bottom }
      : { left: left, top: top, width: right - left, height: bottom - top };
    Object.keys(said).forEach(function (name) {
      field((isCut ? "cut-" : "place-") + name).value = said[name].toFixed(1);
    });
    show();
  }
  area.addEventListener("pointerdown", function (event) {
    start = place(event);
    area.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  area.addEventListener("pointermove", function (event) { if (start) { fill(start, place(event)); } });
  area.addEventListener("pointerup", function () { start = null; });
  area.addEventListener("pointercancel", function () { start = null; });
  form.addEventListener("input", show);
  show();
}());
