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

// The same page, fetched again: what is being typed keeps its words, and the focus stays where it was.
let drawing = null;
async function redraw() {
  if (drawing) return drawing;
  drawing = (async () => {
    const answer = await fetch(window.location.pathname, { headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) return window.location.reload();
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const focused = document.activeElement?.closest("form")?.dataset.action;
    const typed = new Map([...document.querySelectorAll("textarea[name]")].map((field) => [field.name, field.value]));
    document.querySelector("main").replaceWith(fresh.querySelector("main"));
    const fetched = Number(fresh.body.dataset.seq);
    if (fetched !== seq) counts = { ...counts, ballots: 0 };
    seq = fetched;
    for (const field of document.querySelectorAll("textarea[name]")) field.value = typed.get(field.name) || field.value;
    const heading = document.querySelector("h1");
    document.querySelector("[data-announce]").textContent = heading.textContent;
    const again = focused && document.querySelector(`form[data-action="${focused}"] button`);
    if (focused) (again ?? document.querySelector(".act button"))?.focus({ preventScroll: true });
    show();
    return null;
  })();
  try {
    return await drawing;
  } finally {
    drawing = null;
  }
}

const NUMBERS = new Set(["expects", "performance", "round"]);
const FLAGS = new Set(["open", "practice"]);

function valueOf(name, text) {
  if (NUMBERS.has(name)) return Number(text);
  return FLAGS.has(name) ? text === "true" : text;
}

document.addEventListener("submit", async (submit) => {
  const form = submit.target.closest("form[data-action]");
  if (!form || !socket.connected) return; // the plain form does the same
  submit.preventDefault();
  const button = submit.submitter;
  if (button) button.disabled = true;
  const fields = [...new FormData(form)].filter(([name, value]) => name !== "csrf_token" && value !== "");
  const message = Object.fromEntries(fields.map(([name, value]) => [name, valueOf(name, value)]));
  try {
    const ack = await socket.timeout(6000).emitWithAck(form.dataset.action, message);
    if (!ack.ok && ack.code !== "stale_cue") form.submit();
    else await redraw();
  } catch {
    form.submit();
  } finally {
    if (button) button.disabled = false;
  }
});
