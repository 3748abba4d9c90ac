// The projected page: it only listens. The hall sees one thing at a time.
import { afterwards, aloneOf } from "./assembly.js";
import { counted, fill, letter, share, showView, speakScript, speakVote, wordsOf } from "./bind.js";
import { drawable, roles } from "./result.js";
import { follow } from "./room.js";
import { weighed } from "./weighed.js";

const { code, key } = document.body.dataset;
const words = wordsOf("words");
const talkWords = wordsOf("talk-words");
// What the hall can be shown at any time but during a vote, whatever stands on the floor.
const ANY_TIME = new Set(["proposals", "commitments", "blank"]);
const SIZES = ["long", "longer", "longest"];
let cue = wordsOf("cue");
let counts = { seats: wordsOf("seats"), ballots: 0 };

follow("/screen", { key }, code, {
  cue(newCue) {
    if (newCue.round?.id !== cue.round?.id) counts = { ...counts, ballots: 0 };
    cue = newCue;
    draw();
  },
  tally(message) {
    counts = { ...counts, ballots: message.ballots, seats: message.seats };
    draw();
  },
  presence(message) {
    counts = { ...counts, seats: message.seats };
    draw();
  },
  link(up) {
    document.body.classList.toggle("away", !up);
  },
});

function viewOf() {
  const state = cue.performance?.state ?? "waiting";
  if (ANY_TIME.has(cue.screen) && state !== "deciding") return cue.screen;
  if (cue.stop && state !== "ended" && state !== "deciding") return "stop";
  if (cue.screen === "intervention") return cue.intervention && state !== "deciding" ? "intervention" : { playing: "watching", interventions: "watching" }[state] ?? state;
  if (state === "revealed" && cue.screen !== "result") return cue.screen;
  if (state === "ended") return cue.path.length ? "path" : "waiting";
  if (cue.screen === "path" && state !== "deciding") return "path";
  return { playing: "watching", interventions: "watching" }[state] ?? state;
}

function put(sentence, some, all = "", label = "") {
  return sentence.replace("#", some).replace("@", all).replace("$", label);
}

// Words before pictures: what happened, in a sentence.
function sentence(data) {
  const { result, round } = cue;
  if (!result) return "";
  if (round.kind === "scale") return result.votes ? "" : words.few;
  if (data.outcome) return `${data.ruleWords} ${result.votes ? "" : words.few}`;
  if (!result.winner) return data.isDecision ? words.none : "";
  if (!result.votes) return `${stopped(data.winner.label)} ${words.few}`;
  const last = result.counts.at(-1)?.votes;
  const votes = last ? last[result.winner] : result.votes[result.winner];
  if (last) return stopped(put(words.vote.chose.rank, votes, sum(last), data.winner.label));
  const said = [stopped(put(words.vote.chose[round.kind], votes, result.ballots, data.winner.label))];
  if (data.tieDecided) said.push(words.tie, data.ruleWords);
  const before = result.previous?.votes?.[result.winner];
  if (before !== undefined) said.push(put(words.shift, before, votes));
  return said.join(" ");
}

function sum(votes) {
  return Object.values(votes).reduce((all, some) => all + some, 0);
}

function stopped(words_) {
  return /[.!?؟]\u2069?$/.test(words_) ? words_ : `${words_}.`;
}

function draw() {
  const data = { ...drawable(cue, words), ...aloneOf(cue) };
  const { ballots, seats } = counts;
  const lines = cue.scene?.lines ?? [];
  fill(document.body, {
    ...data,
    ...roles(cue.result, words.groups),
    ...afterwards(cue),
    talk: weighed(cue, talkWords),
    lines,
    title: cue.performance?.scenario.title ?? cue.section.title,
    topLine: cue.performance ? `${cue.section.title}. ${cue.performance.scenario.title}` : cue.section.title,
    votedWords: put(words.voted, ballots, seats),
    votedShare: share(ballots, seats),
    hereWords: counted(words.here, seats),
    sentence: sentence(data),
    recordHash: cue.record?.hash.match(/.{8}/g).join(" "),
  });
  speakScript(words.languages[cue.performance?.scenario.slug]);
  speakVote(cue.round?.about);
  showView(document.body, viewOf());
  fit();
}

// Long words make everything but the smallest words a little smaller, step by step, until nothing is cut at the edge
// of the wall; at last what stands under a result goes beside it.
function fit() {
  const page = document.documentElement;
  for (const place of [[], ["beside"]]) {
    page.classList.remove(...SIZES, "beside");
    page.classList.add(...place);
    for (const size of SIZES) {
      if (page.scrollHeight <= window.innerHeight) return;
      page.classList.add(size);
    }
    if (page.scrollHeight <= window.innerHeight) return;
  }
}

window.addEventListener("resize", fit);
draw();
