/* Small conveniences. Every page works without this file. */
"use strict";

const $ = (selector, root = document) => root.querySelector(selector);

function offerPrint() {
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
}

/* "None of these" and "Rather not say" clear the other ticks of their question, and the other way round. */
function keepExclusive(input) {
  const question = input.closest("fieldset");
  if (input.type !== "checkbox" || !input.checked || !question) return;
  for (const other of question.querySelectorAll("input[type=checkbox]")) {
    if (other !== input && (input.dataset.exclusive !== undefined || other.dataset.exclusive !== undefined)) other.checked = false;
  }
}

/* In a row of the quick screen, 1 to 4 choose an answer and 0 clears it; only while the row has focus. */
function answerByNumber(event) {
  const row = event.target.closest(".answer");
  if (!row || event.ctrlKey || event.altKey || event.metaKey || !/^[0-4]$/.test(event.key)) return;
  const chosen = event.key === "0" ? $("[data-clear]", row) : row.querySelectorAll("input")[Number(event.key) - 1];
  event.preventDefault();
  chosen.click();
  if (event.key !== "0") chosen.focus();
}

/* "Clear" takes the answer away at once; without this file the page comes back without it. The focus stays in the question. */
function clearAnswer(event) {
  const button = event.target.closest("[data-clear]");
  if (!button) return;
  event.preventDefault();
  const chosen = $("input:checked", button.closest("fieldset, .answer"));
  if (!chosen) return;
  chosen.focus();
  chosen.checked = false;
  chosen.dispatchEvent(new Event("change", { bubbles: true }));
}

function refreshPreview(form, running) {
  if (running.request) running.request.abort();
  running.request = new AbortController();
  fetch(form.dataset.preview, { method: "POST", body: new URLSearchParams(new FormData(form)), signal: running.request.signal, headers: { "X-Requested-With": "fetch" } })
    .then((answer) => (answer.ok ? answer.text() : Promise.reject(new Error(String(answer.status)))))
    .then((html) => {
      const fresh = new DOMParser().parseFromString(html, "text/html");
      for (const id of ["so-far", "later-cards"]) {
        const now = document.getElementById(id);
        const next = fresh.getElementById(id);
        if (now && next && now.innerHTML !== next.innerHTML) now.innerHTML = next.innerHTML;
      }
    })
    .catch(() => { /* The panel keeps what it showed; saving works all the same. */ });
}

/* A page the browser brings back (Back, a restored tab) may have somebody else in front of it. */
function closeGate(form) {
  for (const input of form.querySelectorAll('[name="seen-alone"], [name="interpreter"], .alone input')) input.checked = false;
}

function isRestored(event) {
  const [visit] = performance.getEntriesByType("navigation");
  return event.persisted || (visit !== undefined && visit.type !== "navigate");
}

function enhanceTemplate(form) {
  const running = { timer: 0, request: null };
  let unsaved = form.dataset.unsaved !== undefined;
  let sent = false;
  form.addEventListener("change", (event) => {
    unsaved = true;
    keepExclusive(event.target);
    window.clearTimeout(running.timer);
    running.timer = window.setTimeout(() => refreshPreview(form, running), 350);
  });
  form.addEventListener("input", () => { unsaved = true; });
  form.addEventListener("click", clearAnswer);
  form.addEventListener("keydown", answerByNumber);
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
  window.addEventListener("pageshow", (event) => {
    sent = false;
    if (isRestored(event)) closeGate(form);
  });
  window.addEventListener("beforeunload", (event) => {
    if (unsaved && !sent) event.preventDefault();
  });
  for (const hint of document.querySelectorAll("[data-keys]")) hint.hidden = false;
}

/* What follows from an answer, worked out by the server: only what is hidden and what is said change. */
function look(form, running) {
  if (running.request) running.request.abort();
  running.request = new AbortController();
  fetch(form.dataset.look, { method: "POST", body: new URLSearchParams(new FormData(form)), signal: running.request.signal, headers: { "X-Requested-With": "fetch" } })
    .then((answer) => (answer.ok ? answer.text() : Promise.reject(new Error(String(answer.status)))))
    .then((html) => {
      const fresh = new DOMParser().parseFromString(html, "text/html");
      for (const now of form.querySelectorAll("[data-live]")) {
        const next = fresh.getElementById(now.id);
        if (!next) continue;
        now.hidden = next.hidden;
        if (now.classList.contains("said") && now.innerHTML !== next.innerHTML) now.innerHTML = next.innerHTML;
      }
    })
    .catch(() => { /* The button that updates the page does the same. */ });
}

function enhanceQuestionnaire(form) {
  const running = { timer: 0, request: null };
  let unsaved = form.dataset.unsaved !== undefined;
  let sent = false;
  form.addEventListener("change", (event) => {
    unsaved = true;
    keepExclusive(event.target);
    window.clearTimeout(running.timer);
    if (form.dataset.look) running.timer = window.setTimeout(() => look(form, running), 350);
  });
  form.addEventListener("input", () => { unsaved = true; });
  form.addEventListener("click", clearAnswer);
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
  window.addEventListener("pageshow", (event) => {
    sent = false;
    if (isRestored(event)) for (const input of form.querySelectorAll('[name^="gate:"], .alone input')) input.checked = false;
  });
  window.addEventListener("beforeunload", (event) => {
    if (unsaved && !sent) event.preventDefault();
  });
  for (const button of form.querySelectorAll("[data-update]")) button.hidden = true;
}

offerPrint();
const template = $("form[data-preview]");
if (template) enhanceTemplate(template);
const asked = $("#questionnaire");
if (asked) enhanceQuestionnaire(asked);
