// What comes after the play: proposals and promises, on phone and screen; words that a phone offers.
import { fill, letter, wordsOf } from "./bind.js";

const words = wordsOf("after-words");
const OFFER_IN = new Set(["ended", "revealed", "closed", "interventions"]);

/** Return what the markup asks for of proposals and promises. */
export function afterwards(cue) {
  const proposals = cue.proposals.map((proposal) => ({
    ...proposal,
    stateWords: words.states[proposal.state],
    answers: Object.entries(proposal.answers).map(([question, said]) => ({ question: words.questions[question], said: said.join("; ") })),
  }));
  const commitments = cue.commitments.map((promise) => ({
    ...promise,
    words: promise.promised ? words.promised.replace("#", promise.owner).replace("@", promise.due) : words.not_promised.replace("#", promise.why),
  }));
  const state = cue.performance?.state ?? "waiting";
  return {
    proposals,
    commitments,
    hasProposals: proposals.length > 0,
    hasCommitments: commitments.length > 0,
    mayOffer: OFFER_IN.has(state),
    isOver: state === "ended",
    choices: proposals.map(({ id, number, wording }) => ({ id, words: `${number}. ${wording.slice(0, 60)}` })),
  };
}

/** Return what was voted alone, online, on the decision that is shown: told beside the room's result, never in it. */
export function aloneOf(cue) {
  const rows = Object.entries(cue.result?.online ?? {}).map(([channel, counted]) => ({
    words: words.channels[channel],
    votes: counted.votes ? Object.entries(counted.votes).map(([key, votes]) => `${letter(key)} ${votes}`).join(", ") : words.few,
  }));
  return { aloneRows: rows, hasAlone: rows.length > 0 };
}

let drawn = "";

/** Draw the phone's part; what is being typed stays. */
export function drawAfterwards(cue) {
  const root = document.querySelector("[data-assembly]");
  const data = afterwards(cue);
  const now = JSON.stringify([data.proposals, data.commitments, data.mayOffer, data.isOver]);
  if (now === drawn) return;
  drawn = now;
  const kept = root.querySelector("select[name=proposal]").value;
  fill(root, data);
  root.hidden = !(data.hasProposals || data.hasCommitments || data.isOver || data.mayOffer);
  if (kept) root.querySelector("select[name=proposal]").value = kept;
}

function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Send words over the socket; they stay in the field until they are acknowledged. */
export function offerOver(socket) {
  const form = document.querySelector("[data-offer]");
  const status = form.querySelector("[data-offered]");
  let key = newKey();
  form.addEventListener("submit", async (submit) => {
    if (!socket.connected) return; // the plain form does the same
    submit.preventDefault();
    const kind = form.elements.kind.value;
    const message = { kind, text: form.elements.text.value, key };
    if (kind !== "proposal" && form.elements.proposal.value) message.proposal = Number(form.elements.proposal.value);
    try {
      const ack = await socket.timeout(5000).emitWithAck("offer_words", message);
      if (ack.ok) {
        form.elements.text.value = "";
        key = newKey();
      }
      status.textContent = ack.ok ? words.offered : words[ack.code] ?? words.refused;
    } catch {
      status.textContent = words.away;
    }
  });
}
