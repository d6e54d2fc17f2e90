// The live console. The page works without this script; the script keeps it live and saves reloading.
(function () {
  "use strict";
  var root = document.getElementById("console");
  if (!root || !window.EventSource) { return; }
  var own = root.dataset.own === "1";
  var seats = document.getElementById("seats");
  var skew = Date.now() - Number(root.dataset.now);   // this PC's clock may be wrong; the server's counts
  var ends = Number(root.dataset.ends);
  var over = root.classList.contains("is-over");
  var heard = window.performance.now();                // no clock: what is set anew in mid-lesson hides no lost line
  var lost = false;
  var asked = {};                                      // cards as they were shown last
  var waiting = 0;                                     // refusals not yet said aloud
  var ICONS = { online: "check", paused: "pause", refused: "alert", away: "cross", over: "cross", free: "dot", doubt: "alert", gone: "alert", broken: "stop", spent: "stop" };

  function byId(id) { return document.getElementById(id); }
  function setText(node, text) { if (node && node.textContent !== text) { node.textContent = text; } }
  function token() { var field = root.querySelector("input[name=csrfmiddlewaretoken]"); return field ? field.value : ""; }

  // Seats.
  function showSeat(seat) {
    var place = seats.querySelector('[data-device="' + seat.device + '"]');
    if (!place) { window.location.reload(); return; }
    place.className = "place x" + seat.x + " y" + seat.y + " s-" + seat.state;
    place.dataset.until = seat.until || "";
    place.dataset.word = seat.word;
    setText(place.querySelector(".text"), seat.word);
    place.querySelector("use").setAttribute("href", root.dataset.icons + "#" + ICONS[seat.state]);
    setText(place.querySelector(".name"), seat.name);
    place.querySelector(".name").title = seat.attribution;
    setText(place.querySelector(".host"), seat.host);
    setText(place.querySelector(".limit"), seat.limit);
    setText(place.querySelector(".flow"), seat.flow);
    place.querySelector(".refusals").hidden = !seat.refusals;
    setText(place.querySelector(".refusals b"), String(seat.refusals));
    setText(place.querySelector(".refusals .clause"), seat.clause);
    setText(place.querySelector(".refusals .category"), seat.category);
    var why = place.querySelector(".refusals .why");
    why.hidden = !seat.reference;
    if (seat.reference) { why.search = "?reference=" + seat.reference; }
    place.querySelector(".asks").hidden = !seat.asks;
    setText(place.querySelector(".asks b"), String(seat.asks));
    var form = place.querySelector(".one");
    if (form) {
      var paused = seat.state === "paused";
      form.hidden = !seat.person;
      form.elements.student.value = seat.person;
      form.action = paused ? form.dataset.resume : form.dataset.pause;
      setText(form.querySelector("button"), paused ? root.dataset.resume : root.dataset.pause);
    }
    countdown(place);
  }
  function countdown(place) {
    var until = Number(place.dataset.until);
    if (!until) { return; }
    var seconds = Math.max(0, Math.ceil((until - (Date.now() - skew)) / 1000));
    setText(place.querySelector(".text"), place.dataset.word + " " + Math.floor(seconds / 60) + ":" + String(seconds % 60).padStart(2, "0"));
  }
  function option(value, text) { var one = document.createElement("option"); one.value = value; one.textContent = text; return one; }
  function fill(select, pairs) {
    var is = JSON.stringify(pairs);
    if (!select || document.activeElement === select || select.dataset.filled === is) { return; }
    select.dataset.filled = is;
    var chosen = select.value;
    select.replaceChildren.apply(select, [option("", "…")].concat(pairs.map(function (pair) { return option(pair[0], pair[1]); })));
    select.value = pairs.some(function (pair) { return pair[0] === chosen; }) ? chosen : "";
  }
  function showMeasures(measures) {
    var list = byId("measures");
    if (!list) { return; }
    list.replaceChildren.apply(list, measures.map(function (one) {
      var item = document.createElement("li"), word = document.createElement("span"), text = document.createElement("span");
      var form = document.createElement("form"), button = document.createElement("button"), field = document.createElement("input");
      word.className = "state state-" + (one.deny ? "bad" : "ok");
      word.textContent = one.deny ? list.dataset.wordDeny : list.dataset.wordOpen;
      text.textContent = one.text;
      form.method = "post"; form.action = list.dataset.lift; form.dataset.act = "";
      field.type = "hidden"; field.name = "csrfmiddlewaretoken"; field.value = token();
      button.className = "btn btn-sm btn-quiet"; button.name = "measure"; button.value = one.id; button.textContent = list.dataset.wordLift;
      form.append(field, button); item.append(word, text, form);
      return item;
    }));
  }
  function icon(name) {
    var picture = document.createElementNS("http://www.w3.org/2000/svg", "svg"), use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    picture.setAttribute("class", "icon"); picture.setAttribute("aria-hidden", "true");
    use.setAttribute("href", root.dataset.icons + "#" + name);
    picture.append(use);
    return picture;
  }
  function press(word, look, address) {
    var button = document.createElement("button");
    button.className = "btn btn-sm " + look; button.textContent = word;
    if (address) { button.setAttribute("formaction", address); }
    return button;
  }
  function quoted(words) {
    return document.documentElement.lang === "en" ? "“" + words + "”" : "«" + words + "»";
  }
  function card(one, list) {
    var item = document.createElement("li"), body = document.createElement("div"), head = document.createElement("strong"), where = document.createElement("span");
    item.className = "note note-" + (one.urgent ? "bad" : "info"); item.dataset.report = one.id;
    head.textContent = one.urgent ? one.said : one.who + ": " + one.said;
    where.className = one.urgent ? "quiet" : "where"; where.textContent = one.urgent ? list.dataset.wordPrivate : one.host;
    var said = [document.createElement("br"), (one.text ? quoted(one.text) + " " : "") + one.state];
    if (one.urgent) {                                  // the screen may hang on the wall: who it is stands behind a press
      var folded = document.createElement("details"), summary = document.createElement("summary"), who = document.createElement("strong");
      who.textContent = one.who;
      summary.append(head, " ", where);
      folded.append.apply(folded, [summary, who].concat(said));
      body.append(folded);
    } else { body.append.apply(body, [head, " ", where].concat(said)); }
    if (own) {
      var form = document.createElement("form"), key = document.createElement("input"), field = document.createElement("input");
      form.method = "post"; form.action = list.dataset.note; form.dataset.act = ""; form.className = "mt-1 d-flex flex-wrap gap-2";
      key.type = field.type = "hidden"; key.name = "csrfmiddlewaretoken"; key.value = token(); field.name = "report"; field.value = one.id;
      form.append(key, field, press(list.dataset.wordNote, "btn-outline-primary", ""));
      if (one.can_close) { form.append(press(list.dataset.wordClose, "btn-danger", list.dataset.close)); }
      body.append(form);
    }
    item.append(icon("alert"), body);
    return item;
  }
  function showTold(told) {                             // a card that is there stays; what is urgent comes first
    var list = byId("told"), is = {};
    told.forEach(function (one) { is[one.id] = JSON.stringify(one); });
    Array.from(list.children).forEach(function (item) { if (!is[item.dataset.report] || (item.dataset.as && item.dataset.as !== is[item.dataset.report])) { item.remove(); } });
    told.forEach(function (one) {
      var there = list.querySelector('[data-report="' + one.id + '"]');
      if (!there) { there = card(one, list); list.insertBefore(there, one.urgent ? list.firstChild : null); }
      there.dataset.as = is[one.id];
    });
  }
  function showAsks(asks) {                             // a card in which a word is being typed is not taken away
    var list = byId("asks"), is = {};
    asks.forEach(function (one) { is[one.id] = one.html; });
    Array.from(list.children).forEach(function (item) { if (!is[item.dataset.ask]) { item.remove(); } });
    asks.forEach(function (one) {
      var item = list.querySelector('[data-ask="' + one.id + '"]');
      if (!item) { item = document.createElement("li"); item.className = "note note-info"; item.dataset.ask = one.id; list.append(item); }
      var field = item.querySelector("input.word");
      if (asked[one.id] === one.html || (field && (field.value || field === document.activeElement))) { return; }
      asked[one.id] = one.html;
      var unfolded = item.querySelector("details[open]");
      item.innerHTML = one.html;
      if (unfolded && item.querySelector("details")) { item.querySelector("details").open = true; }
      if (!own) { item.querySelector("form").remove(); }
    });
  }
  function show(state) {
    skew = Date.now() - state.now;
    ends = state.ends;
    over = state.over;
    if (state.supervisor !== root.dataset.supervisor) { window.location.reload(); return; }
    byId("offer").hidden = !state.offer;
    if (state.offer) { setText(byId("offer").querySelector(".to"), state.offer.to); setText(byId("offer").querySelector(".until"), state.offer.until); }
    state.seats.forEach(showSeat);
    setText(byId("summary"), state.summary);
    byId("scene").hidden = !state.scene;
    setText(byId("scene-text"), state.scene);
    byId("outage").hidden = !state.outage;
    setText(byId("outage-text"), state.outage);
    byId("away").hidden = !state.away || over;
    byId("over").hidden = !over;
    byId("pins").hidden = !state.pins_closed;
    if (state.told) { showTold(state.told); }          // lists come only when they changed
    if (state.asks) { showAsks(state.asks); }
    root.classList.toggle("is-over", over);
    var resume = byId("resume-all");
    if (resume) { resume.hidden = !state.paused; }
    if (own) {
      if (state.measures) { showMeasures(state.measures); }
      if (state.to_seat) { fill(byId("who"), state.to_seat); }
      if (state.seats.length) {
        var here = Array.from(seats.querySelectorAll(".place")).map(function (place) {
          var form = place.querySelector(".one");
          return [form ? form.elements.student.value : "", place.querySelector(".name").textContent];
        }).filter(function (pair) { return pair[0]; });
        root.querySelectorAll("select[data-signed-in]").forEach(function (select) { fill(select, here); });
      }
    }
    waiting += state.fresh;
    clock();
  }

  // Time: what is left, countdowns, and whether we still hear the server.
  function clock() {
    var minutes = Math.max(0, Math.ceil((ends - (Date.now() - skew)) / 60000));
    setText(byId("left"), over ? "" : "· " + minutes + " " + root.dataset.left);
    seats.querySelectorAll("[data-until]").forEach(countdown);
    if (!over && window.performance.now() - heard > 9000) { connection(false); }
  }
  function connection(up) {
    if (up) { heard = window.performance.now(); }
    var gone = !up && !over;
    if (gone === lost) { return; }
    lost = gone;
    root.classList.toggle("is-lost", lost);
    byId("lost").hidden = !lost;
    if (lost) { setText(byId("lost-text"), root.dataset.lost + " " + new Date(Date.now() - skew - (window.performance.now() - heard)).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false })); }
  }
  window.setInterval(clock, 1000);
  window.setInterval(function () {                     // one summary for screen readers, never every row
    if (waiting) { setText(byId("aloud"), waiting + " " + root.dataset.fresh); waiting = 0; }
  }, 5000);

  var source = null;
  function connect() {
    source = new EventSource(root.dataset.stream);
    source.addEventListener("state", function (event) { connection(true); show(JSON.parse(event.data)); if (over) { source.close(); } });
    source.addEventListener("left", function () { source.close(); window.location.reload(); });
    source.addEventListener("beat", function () { connection(true); });
    source.onerror = function () {
      connection(false);
      if (source.readyState === EventSource.CLOSED) { window.setTimeout(connect, 3000); }
    };
  }
  connect();

  // The supervisor's presence: said several times within the school's grace, and at once when the page is looked at
  // again or the PC wakes: whoever was away has nothing to press.
  var beats = 0;
  function heartbeat() {
    if (!own || over) { return; }
    var sign = new URLSearchParams({ console: root.dataset.key, number: String(beats += 1) });
    window.fetch(root.dataset.heartbeat, { method: "POST", headers: { "X-CSRFToken": token() }, body: sign, keepalive: true }).catch(function () {});
  }
  if (own) {
    window.setInterval(heartbeat, 1000 * Number(root.dataset.beat));
    document.addEventListener("visibilitychange", function () { if (!document.hidden) { heartbeat(); } });
    window.addEventListener("pageshow", heartbeat);
    window.addEventListener("online", heartbeat);
  }

  // Acts without reloading; what came of them is said, and the stream shows what is so now.
  function say(ok, text) {
    var box = byId("said");
    box.className = "note note-" + (ok ? "ok" : "bad");
    box.querySelector("use").setAttribute("href", root.dataset.icons + (ok ? "#check" : "#cross"));
    setText(box.querySelector("div"), text);
    box.hidden = !text;
  }
  function send(form, submitter) {                      // once, however often it is pressed before the answer is there
    if (form.dataset.went) { return; }
    form.dataset.went = "1";
    var data = new FormData(form);
    if (submitter && submitter.name) { data.append(submitter.name, submitter.value); }
    var address = submitter && submitter.hasAttribute("formaction") ? submitter.formAction : form.action;
    window.fetch(address, { method: "POST", body: data, headers: { Accept: "application/json", "X-CSRFToken": token() } }).then(function (answer) {
      if (answer.redirected || !(answer.headers.get("Content-Type") || "").includes("json")) { window.location.reload(); return null; }
      return answer.json();
    }).then(function (body) {
      if (!body) { return; }
      say(body.ok, body.text);
      if (body.ok && form.hasAttribute("data-clears")) { form.reset(); }
    }).catch(function () { connection(false); }).finally(function () { delete form.dataset.went; });
  }
  root.addEventListener("submit", function (event) {
    if (!event.target.hasAttribute("data-act")) { return; }
    event.preventDefault();
    send(event.target, event.submitter);
  });
  seats.addEventListener("click", function (event) {
    var host = event.target.closest(".host"), field = byId("address");
    if (host && field && host.textContent) { field.value = host.textContent; field.focus(); }
  });

  // Keyboard: F8 pauses everybody and gives back; arrows walk the room; Space pauses whoever sits there.
  document.addEventListener("keydown", function (event) {
    if (event.key === "F8" && own && !over) {
      event.preventDefault();
      var resume = byId("resume-all");
      send(resume && !resume.hidden ? resume : byId("pause-all"), null);
      return;
    }
    var place = event.target.closest ? event.target.closest(".place") : null;
    if (!place || event.target !== place) { return; }
    if (event.key === " ") {
      var form = place.querySelector(".one");
      if (form && !form.hidden) { event.preventDefault(); send(form, null); }
      return;
    }
    var step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!step) { return; }
    event.preventDefault();
    var next = neighbour(place, step);
    if (next) { next.focus(); }
  });
  function neighbour(place, step) {
    if (!seats.classList.contains("as-plan")) {
      return step[1] + step[0] > 0 ? place.nextElementSibling : place.previousElementSibling;
    }
    var x = Number(place.dataset.x), y = Number(place.dataset.y), best = null, bestFar = Infinity;
    seats.querySelectorAll(".place").forEach(function (other) {
      var dx = Number(other.dataset.x) - x, dy = Number(other.dataset.y) - y;
      var along = dx * step[0] + dy * step[1], across = Math.abs(dx * step[1]) + Math.abs(dy * step[0]);
      var far = along + across * 3;
      if (along > 0 && far < bestFar) { best = other; bestFar = far; }
    });
    return best;
  }

  // Plan or list, remembered on this PC.
  function view(name) {
    seats.classList.toggle("as-plan", name === "plan");
    root.classList.toggle("is-list", name !== "plan");
    root.querySelectorAll("[data-view]").forEach(function (button) {
      button.hidden = false;
      button.setAttribute("aria-pressed", String(button.dataset.view === name));
    });
    try { window.localStorage.setItem("darbaza-console-view", name); } catch (error) { /* private mode keeps nothing */ }
  }
  root.querySelectorAll("[data-view]").forEach(function (button) {
    button.addEventListener("click", function () { view(button.dataset.view); });
  });
  var kept = null;
  try { kept = window.localStorage.getItem("darbaza-console-view"); } catch (error) { /* private mode keeps nothing */ }
  view(kept === "list" ? "list" : "plan");
  clock();
}());
