// A teller's pages: saves while somebody types, and keeps the words on this phone until the server says it has them.
import { wordsOf } from "./bind.js";

const SAVE_AFTER_MS = 1500;
const TRY_AGAIN_MS = 8000;

const form = document.querySelector("form[data-question]");

// --- kept on this phone, only until the server has it ---

function keep(name, answers) {
  try {
    if (answers === null) localStorage.removeItem(`story:${name}`);
    else localStorage.setItem(`story:${name}`, JSON.stringify(answers));
  } catch {
    // Storage is full or forbidden: the words are still in the box.
  }
}

function kept(name) {
  try {
    return JSON.parse(localStorage.getItem(`story:${name}`) ?? "null");
  } catch {
    return null;
  }
}

function forgetAll() {
  try {
    for (const name of Object.keys(localStorage)) if (name.startsWith("story:")) localStorage.removeItem(name);
  } catch {
    // No storage, no words in it.
  }
}

// --- one question ---

class Sheet {
  constructor(sheet) {
    this.form = sheet;
    this.name = sheet.dataset.question;
    this.fields = [...sheet.querySelectorAll("textarea, input[maxlength]")];
    this.says = wordsOf("words");
    this.status = sheet.querySelector("[data-status]");
    this.timer = 0;
    this.saving = null;
    this.left = false;
    this.savedText = JSON.stringify(this.answers());
    this.bringBack();
    for (const field of this.fields) field.addEventListener("input", () => this.typed());
    sheet.addEventListener("submit", (submit) => this.sendForm(submit));
    window.addEventListener("online", () => this.changed() && this.save());
    document.addEventListener("leaving", () => {
      this.left = true;
      clearTimeout(this.timer);
    });
  }

  answers() {
    return Object.fromEntries(this.fields.map((field) => [field.name, field.value]));
  }

  changed() {
    return JSON.stringify(this.answers()) !== this.savedText;
  }

  bringBack() {
    const words = kept(this.name);
    if (words === null) return;
    for (const field of this.fields) if (typeof words[field.name] === "string") field.value = words[field.name];
    if (this.changed()) this.save();
    else keep(this.name, null);
  }

  say(words, off = false) {
    this.status.textContent = words;
    this.status.classList.toggle("err", off);
  }

  typed() {
    keep(this.name, this.answers());
    this.saveIn(SAVE_AFTER_MS);
  }

  saveIn(milliseconds) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), milliseconds);
  }

  save() {
    this.saving ??= this.trySaving().finally(() => { this.saving = null; });
    return this.saving;
  }

  async trySaving() {
    if (this.left) return false;
    const answers = this.answers();
    this.say(this.says.saving);
    const answer = await this.put(answers);
    if (this.left) return false;
    if (answer === null) {
      this.say(this.says.away, true);
      this.saveIn(TRY_AGAIN_MS);
      return false;
    }
    if (!answer.ok) {
      this.say(this.says.refused, true);
      return true;
    }
    this.taken(answer, answers);
    return true;
  }

  async put(answers) {
    try {
      const response = await fetch(this.form.dataset.keepAt, {
        method: "PUT",
        headers: { "Content-Type": "application/json", "X-CSRFToken": this.form.elements.csrf_token.value },
        body: JSON.stringify({ answers }),
      });
      return response.status < 500 ? await response.json() : null;
    } catch {
      return null;
    }
  }

  taken(answer, answers) {
    this.savedText = JSON.stringify(answers);
    if (this.changed()) this.typed();
    else keep(this.name, null);
    this.say("");
    if (answer.words) showCode(answer, this.says);
    if (answer.help_at_once) document.querySelector("[data-help-at-once]").hidden = false;
  }

  // Offline, a plain form would end on the browser's own error page; and beside the very first save it would begin a
  // second story. So the words are saved first, and the form goes when they are.
  async sendForm(submit) {
    if (this.going || !this.fields.length) return;
    submit.preventDefault();
    clearTimeout(this.timer);
    keep(this.name, this.answers());
    if (this.saving) await this.saving;
    const arrived = await this.save();
    if (!arrived) {
      this.say(this.says.away, true);
      return;
    }
    keep(this.name, null);
    this.going = true;
    this.form.requestSubmit(submit.submitter);
  }
}

function showCode({ words, saved_at: at }, says) {
  const panel = document.querySelector("[data-keep]");
  const when = new Date(at).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hour12: false });
  panel.querySelector("[data-saved]").textContent = says.saved.replace("%(when)s", when);
  panel.querySelector("[data-code]").textContent = words;
  panel.hidden = false;
}

// --- the six words ---

async function copy(button) {
  const shown = document.querySelector("[data-code]");
  try {
    await navigator.clipboard.writeText(shown.textContent.trim());
  } catch {
    // On a plain-HTTP network there is no clipboard: mark the words, the browser copies them.
    window.getSelection().selectAllChildren(shown);
    document.execCommand("copy");
  }
  button.textContent = button.dataset.done;
}

for (const row of document.querySelectorAll("[data-with-scripts]")) row.hidden = false;
for (const button of document.querySelectorAll("[data-copy]")) button.addEventListener("click", () => copy(button));
for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => window.print());
document.getElementById("refused")?.focus();
if (document.querySelector("[data-is-sent]")) forgetAll();
if (form) new Sheet(form);
