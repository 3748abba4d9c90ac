// The script editor: saves as the writer types, lists what is wrong, shows the scene that the caret is in.
// Words typed are kept in this browser until the server has said that it has them.
import { wordsOf } from "./bind.js";

const SAVE_AFTER_MS = 1200;
const TRY_AGAIN_MS = 5000;

const form = document.querySelector("[data-editor]");
const box = form.querySelector("#text");
const revision = form.elements.revision;
const says = wordsOf("words");
const status = document.querySelector("[data-status]");

let kept = `draft:${form.dataset.draft}`;
let savedText = box.defaultValue;
let places = [];
let timer = 0;
let saving = false; // a save is under way
let moved = false; // somebody else saved first

// --- kept in this browser ---

function keep(text) {
  try {
    if (text === null) localStorage.removeItem(kept);
    else localStorage.setItem(kept, JSON.stringify({ text, revision: revision.value }));
  } catch {
    // Storage is full or forbidden: the words are still in the box.
  }
}

function keptText() {
  try {
    return JSON.parse(localStorage.getItem(kept) ?? "null")?.text ?? null;
  } catch {
    return null;
  }
}

function offerKeptWords() {
  const text = keptText();
  const note = document.querySelector("[data-kept]");
  if (text === null || text === box.value) {
    if (text === savedText) keep(null);
    return;
  }
  note.hidden = false;
  note.querySelector("[data-bring-back]").addEventListener("click", () => {
    note.hidden = true;
    box.value = text;
    box.focus();
    typed();
  });
  note.querySelector("[data-let-go]").addEventListener("click", () => {
    note.hidden = true;
    keep(null);
    box.focus();
  });
}

// --- saving ---

function say(words, off = false) {
  status.textContent = words;
  status.classList.toggle("off", off);
}

function typed() {
  keep(box.value);
  say(says.typing);
  saveIn(SAVE_AFTER_MS);
}

function saveIn(milliseconds) {
  clearTimeout(timer);
  timer = setTimeout(save, milliseconds);
}

async function save() {
  if (saving || moved) return;
  const text = box.value;
  saving = true;
  say(says.saving);
  const answer = await send({ text, revision: Number(revision.value), pathway: form.elements.pathway.value });
  saving = false;
  if (answer === null) {
    say(says.away, true);
    saveIn(TRY_AGAIN_MS);
  } else if (!answer.ok) refused(answer);
  else taken(answer, text);
}

// Sent beside a save under way, the form would come upon its own words as somebody else's.
function waitForTheSave(submit) {
  clearTimeout(timer);
  if (!saving) return;
  submit.preventDefault();
  setTimeout(() => form.requestSubmit(submit.submitter), 100);
}

async function send(words) {
  const { address, begin } = form.dataset;
  try {
    const response = await fetch(address || begin, {
      method: address ? "PUT" : "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": form.elements.csrf_token.value },
      body: JSON.stringify(words),
    });
    return response.status < 500 ? await response.json() : null;
  } catch {
    return null;
  }
}

function refused({ code }) {
  moved = code === "draft_moved";
  document.querySelector("[data-moved]").hidden = !moved;
  const signedOut = code === "not_allowed" || code === "form_too_old";
  say(signedOut ? says.signed_out : (says[code] ?? says.not_saved), true);
  if (signedOut) saveIn(TRY_AGAIN_MS * 6);
}

function taken(answer, text) {
  savedText = text;
  revision.value = answer.revision;
  if (!form.dataset.address) begun(answer);
  if (box.value === text) {
    keep(null);
    const when = new Date(answer.saved_at).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hour12: false });
    say(says.saved.replace("%(when)s", when));
  } else typed();
  document.querySelector("[data-title]").textContent = answer.title || says.untitled;
  document.querySelector("[data-summary]").textContent = answer.summary;
  ({ places } = answer);
  listProblems(answer.problems);
  look();
}

// The first save of a new script: from here on this page is that draft's.
function begun({ address, page, draft }) {
  keep(null);
  kept = `draft:${draft}`;
  form.dataset.address = address;
  form.action = page;
  const publish = form.querySelector("[data-publish]");
  publish?.setAttribute("formaction", `${page}/publish`);
  publish?.removeAttribute("hidden");
  window.history.replaceState(null, "", page);
}

// --- what is wrong ---

function listProblems(problems) {
  const list = document.querySelector("[data-problems]");
  const template = list.querySelector("template");
  const rows = problems.map((problem) => {
    const row = template.content.cloneNode(true);
    row.querySelector("li").classList.toggle("bad", problem.severity === "error");
    const link = row.querySelector("[data-line]");
    link.href = `#line-${problem.line}`;
    link.querySelector("span").textContent = problem.line;
    const think = problem.severity === "warning" ? `${says.think} ` : "";
    row.querySelector("[data-words]").textContent = think + problem.words;
    const use = row.querySelector("[data-use]");
    if (problem.nearest) {
      use.hidden = false;
      use.querySelector("bdi").textContent = problem.nearest;
      use.addEventListener("click", () => putRight(problem));
    } else use.remove();
    const mend = row.querySelector("[data-mend]");
    if (problem.mend && !problem.nearest) {
      mend.hidden = false;
      mend.value = `${problem.code}:${problem.line}`;
      mend.textContent = problem.mend;
    } else mend.remove();
    return row;
  });
  list.replaceChildren(template, ...rows);
}

function edgesOf(line) {
  const rows = box.value.split("\n");
  const start = rows.slice(0, line - 1).reduce((sum, row) => sum + row.length + 1, 0);
  return [start, start + (rows[line - 1] ?? "").length];
}

function show(line) {
  const [start, end] = edgesOf(line);
  box.focus();
  box.setSelectionRange(start, end);
  // A text box does not scroll to its selection by itself; rows have one height, wrapped ones a little more.
  const share = start / Math.max(1, box.value.length);
  box.scrollTop = Math.max(0, share * box.scrollHeight - box.clientHeight / 3);
  look();
}

function putRight({ line, key, nearest }) {
  const [start, end] = edgesOf(line);
  const row = box.value.slice(start, end);
  const at = row.lastIndexOf(key);
  if (at < 0) return;
  box.setRangeText(nearest, start + at, start + at + key.length, "end");
  box.focus();
  typed();
}

// --- how it will look ---

function caretLine() {
  return box.value.slice(0, box.selectionStart).split("\n").length;
}

function look() {
  if (places.length === 0) return;
  const line = caretLine();
  const before = places.filter((place) => place.line <= line);
  const place = before.reduce((nearest, other) => (other.line > nearest.line ? other : nearest), before[0] ?? places[0]);
  const root = document.querySelector("[data-look]");
  const template = root.querySelector("template");
  const card = template.content.cloneNode(true);
  card.querySelector("[data-over]").textContent = (place.ending ? says.ending : says.scene).replace("%(number)s", place.label);
  card.querySelector("[data-name]").textContent = place.title;
  card.querySelector("[data-lines]").append(...place.lines.map((one) => paragraph(one, place.ending)));
  card.querySelector("[data-question]").textContent = place.question;
  card.querySelector("[data-responses]").append(...place.responses.map(choice));
  if (!place.question) for (const part of card.querySelectorAll("[data-question],[data-responses]")) part.remove();
  root.replaceChildren(template, card);
}

function element(name, text, className = "") {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

function paragraph({ who, text }, plain) {
  if (!who) {
    const row = document.createElement("p");
    row.append(plain ? text : element("em", text));
    return row;
  }
  const row = document.createElement("p");
  row.append(element("b", `${who}:`), ` ${text}`);
  return row;
}

function choice({ letter, label }) {
  const row = document.createElement("li");
  row.append(element("span", letter, "letter"), element("bdi", label));
  return row;
}

// --- begin ---

document.addEventListener("click", (click) => {
  const link = click.target.closest?.("[data-problems] a");
  if (!link) return;
  click.preventDefault();
  show(Number(link.hash.slice("#line-".length)));
});
box.addEventListener("input", typed);
for (const name of ["keyup", "click"]) box.addEventListener(name, look);
form.elements.pathway.addEventListener("change", () => saveIn(0));
form.addEventListener("submit", waitForTheSave);
window.addEventListener("online", () => box.value !== savedText && saveIn(0));
// The lines below the form are for browsers without scripts; the text box takes the caret there itself.
document.querySelector("[data-rows]")?.remove();
document.getElementById("refused")?.focus();
if (form.dataset.address && !document.getElementById("refused")) saveIn(0);
offerKeptWords();
