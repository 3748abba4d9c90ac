// The phone: cue in, DOM out. It says "counted" when the server has said so, never before.
import { aloneOf, drawAfterwards, offerOver } from "./assembly.js";
import { fill, letter, showView, speakScript, speakVote, wordsOf } from "./bind.js";
import { Outbox } from "./outbox.js";
import { chosenIn, formOf, keysOf, mineOf, oneEach, putBack } from "./phone_kinds.js";
import { Talk } from "./phone_talk.js";
import { Words } from "./phone_words.js";
import { drawable, roles } from "./result.js";
import { follow } from "./room.js";

const body = document.body;
const { code, seat } = body.dataset;
const root = document.querySelector("[data-views]");
const form = document.querySelector("[data-vote]");
const dock = document.querySelector("[data-dock]");
const sendButton = dock.querySelector("[data-show=deciding]");
const announce = document.querySelector("[data-announce]");
const words = wordsOf("words");

let cue = wordsOf("cue");
let changing = false;
let said = "";
let drawn = "";

const talk = new Talk(code, (name, message) => socket.timeout(5000).emitWithAck(name, message), () => draw());
const outbox = new Outbox(`outbox-${code}`, send, () => draw());
const socket = follow("/audience", { seat }, code, {
  cue(newCue) {
    if (newCue.round?.id !== cue.round?.id) changing = false;
    cue = newCue;
    draw();
  },
  seat(message) {
    outbox.known(message.ballots);
    talk.seat(message);
    saying.seat(message);
    draw();
    outbox.flush();
  },
  stops(message) {
    talk.ordered(message);
    draw();
  },
  link(up) {
    const link = document.querySelector("[data-link]");
    link.textContent = up ? words.connected : words.away;
    link.classList.toggle("off", !up);
    dock.querySelector("[data-offline]").hidden = up;
  },
  refused() {
    // The seat is gone (its section is long over): the door knows what to do.
    window.location.assign(`/join/${code}`);
  },
});

const saying = new Words((name, message) => socket.timeout(5000).emitWithAck(name, message), () => socket.connected);

function send(ballot) {
  if (socket.connected) return socket.timeout(5000).emitWithAck("cast", ballot);
  const { round, ...rest } = ballot;
  return fetch(`/api/v1/rounds/${round}/ballots`, {
    method: "POST",
    headers: { Authorization: `Bearer ${seat}`, "Content-Type": "application/json" },
    body: JSON.stringify(rest),
  }).then((answer) => answer.json());
}

// The same table as live.views.phone_view, with what only this phone knows: its outbox.
function viewOf(record) {
  const state = cue.performance?.state ?? "waiting";
  if (state === "deciding") {
    if (!record || changing || record.state === "refused") return "deciding";
    return record.state;
  }
  if (state === "closed" && record?.state === "sending") return "sending";
  if (state === "closed" && record?.state === "late") return "late";
  return { playing: "watching", interventions: "watching" }[state] ?? state;
}

function draw() {
  const record = cue.round ? outbox.of(cue.round.id) : null;
  const view = talk.viewOf(cue, viewOf(record));
  const counted = record && record.state !== "late" && record.state !== "refused" ? record : null;
  const vote = { ...drawable(cue, words, keysOf(counted)), ...aloneOf(cue) };
  const data = {
    ...vote,
    ...formOf(vote.round),
    ...roles(cue.result, words.groups),
    talk: talk.data(cue),
    mine: mineOf(counted, vote.round, words.vote),
  };
  if (view === "deciding") {
    // The cards stay as they are while somebody is choosing.
    if (drawn !== `deciding ${cue.round.id}`) {
      fill(form, data);
      putBack(form, counted);
    }
  } else if (view !== "stopping" || drawn !== view) { // nor do the lines, while somebody looks for one
    for (const section of root.querySelectorAll(`[data-view="${view}"]`)) fill(section, data);
  }
  drawAfterwards(cue);
  fill(document.querySelector(".where"), { ...data, link: null });
  speakScript(words.languages[cue.performance?.scenario.slug]);
  speakVote(cue.round?.about);
  saying.draw(cue.round, Boolean(counted));
  drawn = view === "deciding" ? `deciding ${cue.round.id}` : view;
  showView(root, view);
  for (const item of dock.querySelectorAll("[data-show]")) item.hidden = !item.dataset.show.split(" ").includes(view);
  talk.mark(cue, data.talk, view);
  nameButton();
  tell(view, data);
  if (view === "ended") {
    outbox.erase();
    talk.erase();
  }
}

// Said once for each change, to people who do not look at the page.
function tell(view, data) {
  const about = {
    watching: data.scene?.title,
    deciding: data.round?.question,
    counted: data.mine?.receipt,
    revealed: data.winner ? `${data.winner.letter}. ${data.winner.label}` : data.outcome || data.middleWords,
  }[view] ?? "";
  const sentence = `${words[view] ?? talk.announced(view) ?? ""} ${about}`.trim();
  if (sentence === said) return;
  said = sentence;
  announce.textContent = sentence;
  if (said) window.scrollTo({ top: 0 });
}

function nameButton() {
  const chosen = cue.round ? chosenIn(form, cue.round.kind) : null;
  const { sendLabel, sendPlain, chooseLabel } = sendButton.dataset;
  const one = letter(chosen?.response ?? String(chosen?.scale ?? "none"));
  sendButton.textContent = one ? sendLabel.replace("#", one) : chosen ? sendPlain : chooseLabel;
}

form.addEventListener("change", (change) => {
  oneEach(form, change.target);
  nameButton();
});
form.addEventListener("submit", (submit) => {
  submit.preventDefault();
  const chosen = chosenIn(form, cue.round.kind);
  if (!chosen) {
    form.querySelector("fieldset :is(input, select)")?.focus();
    return;
  }
  changing = false;
  outbox.cast(cue.round.id, chosen);
});
dock.querySelector("[data-change]").addEventListener("click", (click) => {
  click.preventDefault();
  changing = true;
  draw();
});
for (const happening of ["online", "pageshow"]) window.addEventListener(happening, () => outbox.flush());
document.addEventListener("visibilitychange", () => { if (!document.hidden) outbox.flush(); });
socket.on("connect", () => outbox.flush());

offerOver(socket);
for (const only of document.querySelectorAll("[data-without-scripts]")) only.hidden = true;
document.querySelector("[data-link]").textContent = words.away;
draw();
