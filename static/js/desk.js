// The desk: every button is a form that works by itself. With scripts its action goes over the socket, and
// the page is drawn again from the server whenever the cue moves: by this desk, another one, or none.
import { follow } from "./room.js";

const { code, token } = document.body.dataset;
let seq = Number(document.body.dataset.seq);
let counts = { seats: null, connected: null, ballots: 0 };

const socket = follow("/desk", { token, section: code }, code, {
  cue(cue) {
    if (cue.seq > seq) redraw();
  },
  tally(message) {
    counts = { ...counts, ...message };
    show();
  },
  presence(message) {
    counts = { ...counts, ...message };
    show();
  },
  // Somebody raised a hand, wrote something, or needs a minute: the page says who waits.
  news: () => redraw(),
  link(up) {
    const link = document.querySelector("[data-link]");
    link.textContent = up ? link.dataset.up : link.dataset.away;
    link.classList.toggle("off", !up);
  },
  refused() {
    window.location.reload();
  },
});

function show() {
  const put = (selector, text) => {
    const found = document.querySelector(selector);
    if (found && text !== null && found.textContent !== String(text)) found.textContent = text;
  };
  put("[data-seats]", counts.seats);
  put("[data-connected]", counts.connected);
  const voted = document.querySelector("[data-voted]");
  if (voted && counts.seats !== null) {
    put("[data-voted]", voted.dataset.words.replace("#", counts.ballots).replace("@", counts.seats));
    const share = counts.seats ? (100 * counts.ballots) / counts.seats : 0;
    document.querySelector("[data-voted-bar]").setAttribute("width", `${share.toFixed(1)}%`);
  }
}

// The same page, fetched again. What is being typed or chosen keeps its words, what was opened stays open, and
// the focus stays where it was.
let drawing = null;
let again = false;
async function redraw() {
  again = true;
  drawing ??= (async () => {
    try {
      while (again) {
        again = false;
        await drawOnce();
      }
    } finally {
      drawing = null;
    }
  })();
  return drawing;
}

// A button that is replaced between going down and coming up is never pressed, and nothing tells who pressed it:
// the page is drawn again when the finger is up.
let held = false;
let letGo = () => {};
const hold = () => { held = true; };
// The click comes after the finger is up, and after the key: it has to find its button.
const release = () => setTimeout(() => { held = false; letGo(); });
document.addEventListener("pointerdown", hold);
document.addEventListener("keydown", (key) => { if (key.key === " " && document.activeElement?.matches("button")) hold(); });
for (const end of ["pointerup", "pointercancel", "keyup", "visibilitychange"]) document.addEventListener(end, release);
window.addEventListener("blur", release);

async function handsOff() {
  if (held) await new Promise((resolve) => { letGo = resolve; });
}

async function drawOnce() {
  const answer = await fetch(window.location.pathname, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) {
    window.location.reload();
    return;
  }
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  await handsOff();
  const kept = keep();
  const fields = fresh.querySelector("main");
  // The very field that somebody is typing in goes over to the new page: its words, caret and selection with it.
  const typing = document.activeElement;
  const place = typing?.matches("main :is(textarea, input:not([type=radio], [type=checkbox]))[id]") && fields.querySelector(nameOf(typing));
  if (place) place.replaceWith(typing);
  document.querySelector("main").replaceWith(fields);
  const fetched = Number(fresh.body.dataset.seq);
  if (fetched !== seq) counts = { ...counts, ballots: 0 };
  seq = fetched;
  putBack(kept);
  const heading = document.querySelector("[data-call]") ?? document.querySelector("h1");
  const announce = document.querySelector("[data-announce]");
  if (announce.textContent !== heading.textContent) announce.textContent = heading.textContent;
  show();
}

// A field is known by its id, else by its form and name; only what somebody changed is kept.
function nameOf(element) {
  if (element.id) return `#${CSS.escape(element.id)}`;
  const action = element.closest("form")?.dataset.action;
  const value = element.type === "radio" || element.type === "checkbox" ? `[value="${CSS.escape(element.value)}"]` : "";
  const name = element.name ? `[name="${element.name}"]${value}` : "button";
  return action ? `form[data-action="${action}"] ${name}` : "";
}

// What is folded is known by its id, else by the words on it and where it stands.
function headOf(part) {
  return part.id || `${part.closest("section, article, li")?.id ?? ""} ${part.querySelector("summary")?.textContent.trim()}`;
}

function keep() {
  const typed = [];
  for (const field of document.querySelectorAll("main :is(textarea, select, input:not([type=hidden]))")) {
    const choice = field.type === "radio" || field.type === "checkbox";
    const asked = field.tagName === "SELECT" ? [...field.options].find((option) => option.defaultSelected)?.value ?? field.options[0]?.value : field.defaultValue;
    if (choice ? field.checked !== field.defaultChecked : field.value !== asked) typed.push([nameOf(field), choice, choice ? field.checked : field.value]);
  }
  const opened = new Map([...document.querySelectorAll("main details")].map((part) => [headOf(part), part.open]));
  const focused = document.activeElement;
  return { typed, opened, focus: focused?.closest("main") ? nameOf(focused) : "", form: focused?.closest("form") };
}

function putBack({ typed, opened, focus, form }) {
  const find = (name) => (name ? document.querySelector(name) : null);
  for (const [name, choice, value] of typed) {
    const field = find(name);
    if (field) field[choice ? "checked" : "value"] = value;
  }
  for (const part of document.querySelectorAll("main details")) {
    if (opened.has(headOf(part))) part.open = opened.get(headOf(part));
  }
  if (focus || form) (find(focus) ?? document.querySelector(".act button"))?.focus({ preventScroll: true });
}

const NUMBERS = new Set([
  "expects", "performance", "round", "stop", "line", "intervention", "minute", "proposal", "commitment", "text_id", "heads",
]);
const FLAGS = new Set(["as_it_happened", "open", "frozen", "practice", "stops", "promised"]);
// What was written of an intervention can be taken out again: a blank empties it.
const MAY_BE_EMPTIED = new Set(["tried", "others_did", "happened", "would_have_to_change"]);

function valueOf(name, text) {
  if (NUMBERS.has(name)) return Number(text);
  return FLAGS.has(name) ? text === "true" : text;
}

document.addEventListener("submit", async (submit) => {
  const form = submit.target.closest("form[data-action]");
  if (!form || !socket.connected) return; // the plain form does the same
  submit.preventDefault();
  // Pressed twice is done once. The button is not disabled: it would lose the focus of who has only a keyboard.
  if (form.ariaBusy === "true") return;
  form.ariaBusy = "true";
  const fields = [...new FormData(form)].filter(([name, value]) => name !== "csrf_token" && (value !== "" || MAY_BE_EMPTIED.has(name)));
  const message = Object.fromEntries(fields.filter(([name]) => !name.startsWith("votes-")).map(([name, value]) => [name, valueOf(name, value || " ")]));
  // A number for each response: one field each in the form, one object in the message.
  const votes = fields.filter(([name]) => name.startsWith("votes-"));
  if (votes.length) message.votes = Object.fromEntries(votes.map(([name, value]) => [name.slice("votes-".length), Number(value)]));
  try {
    const ack = await socket.timeout(6000).emitWithAck(form.dataset.action, message);
    if (!ack.ok && ack.code !== "stale_cue") {
      form.submit();
      return;
    }
    if (ack.ok) form.reset(); // it is done: nothing of it is still being typed
    await redraw();
    // Somebody else acted first, or this page was a moment old: nothing happened, and that is said.
    document.querySelector("[data-moved]").hidden = ack.ok;
  } catch {
    form.submit();
  } finally {
    form.ariaBusy = null;
  }
});
