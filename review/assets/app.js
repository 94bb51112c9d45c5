"use strict";
// Keys for those who never touch the mouse. Everything works without this file too.
(() => {
  const typing = (e) => e.target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select, dialog");
  const rows = [...document.querySelectorAll("tr[data-href]")];
  const page = document.querySelector(".casepage");
  let at = -1;
  let going = false;
  const mark = (to) => {
    if (!rows.length) return;
    if (at >= 0) rows[at].classList.remove("here");
    at = Math.max(0, Math.min(rows.length - 1, to));
    rows[at].classList.add("here");
    const link = rows[at].querySelector("a");
    if (link) link.focus({ preventScroll: true });
    rows[at].scrollIntoView({ block: "nearest" });
  };
  const open = (href) => { if (href) window.location.assign(href); };
  const submit = (id) => {
    const form = document.getElementById(id);
    if (form) form.requestSubmit();
  };
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing) return;
    if (typing(e)) {
      if (e.key === "Escape") e.target.blur();
      return;
    }
    if (going) {
      going = false;
      const link = document.querySelector(`a[data-go="${CSS.escape(e.key)}"]`);
      if (link) { e.preventDefault(); open(link.href); }
      return;
    }
    const choice = page && document.querySelector(`input[data-key="${CSS.escape(e.key)}"]`);
    if (choice && /^[0-9]$/.test(e.key)) {
      choice.checked = true;
      choice.focus();
      e.preventDefault();
      return;
    }
    const keys = {
      j: () => (page ? open(page.dataset.next) : mark(at + 1)),
      k: () => (page ? open(page.dataset.prev) : mark(at - 1)),
      x: () => { const box = at >= 0 && rows[at].querySelector("input[type=checkbox]"); if (box) box.checked = !box.checked; },
      a: () => submit("approve"),
      u: () => submit("undo"),
      n: () => { const note = document.getElementById("note"); if (note) note.focus(); },
      b: () => page && open(page.dataset.back),
      g: () => { going = true; },
      "/": () => { const q = document.getElementById("q"); if (q) q.focus(); else open("/queue"); },
      "?": () => document.getElementById("keys")?.showModal(),
    };
    if (e.key === "Enter" && page && document.activeElement?.matches("input[name=decision]")) {
      e.preventDefault();
      submit("decide");
    } else if (e.key === "Enter" && !page && at >= 0 && !e.target.closest("a, button")) {
      open(rows[at].dataset.href);
    } else if (Object.hasOwn(keys, e.key)) {
      e.preventDefault();
      keys[e.key]();
    }
  });
  // one decision once, however often Enter is hit
  for (const form of document.querySelectorAll("form[method=post]")) {
    form.addEventListener("submit", (e) => {
      if (form.dataset.sent) e.preventDefault();
      form.dataset.sent = "1";
    });
  }
  for (const part of document.querySelectorAll("details[data-load]")) {
    part.addEventListener("toggle", async () => {
      if (!part.open || part.dataset.loaded) return;
      part.dataset.loaded = "1";
      const answer = await fetch(part.dataset.load, { headers: { "x-part": "1" } });
      if (answer.ok) part.querySelector(".loaded").innerHTML = await answer.text();
    });
  }
})();
