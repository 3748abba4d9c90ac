// A reason for a vote, a response that is missing: words that a phone sends. They stay in their field until they
// are acknowledged.
import { wordsOf } from "./bind.js";

const words = wordsOf("after-words");

function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The two forms under a vote. `send(name, message)` returns a promise of an ack; `isUp()` says if there is a room. */
export class Words {
  constructor(send, isUp) {
    this.root = document.querySelector("[data-words-of-mine]");
    this.reasons = {};
    this.round = null;
    this.over(send, isUp, "[data-reason]", "give_reason", (form) => ({ round: this.round.id, text: form.elements.text.value }));
    this.over(send, isUp, "[data-suggestion]", "suggest_response", (form) => ({ decision: this.round.decision, text: form.elements.text.value }));
  }

  /** What this seat said before, from the server. */
  seat({ reasons }) {
    this.reasons = { ...reasons };
    if (this.round) this.root.querySelector("[data-reason]").elements.text.value = this.reasons[this.round.id] ?? "";
  }

  /** Show what can be said of the vote that the room looks at; what is being typed stays. */
  draw(round, voted) {
    const aboutThePlay = Boolean(round && round.about === "decision" && !round.practice);
    const reason = this.root.querySelector("[data-reason]");
    if (aboutThePlay && round.id !== this.round?.id) {
      reason.elements.text.value = this.reasons[round.id] ?? reason.elements.text.value;
      if (this.round) for (const status of this.root.querySelectorAll("[data-status]")) status.textContent = "";
    }
    this.round = round;
    this.root.hidden = !aboutThePlay;
    reason.hidden = !(aboutThePlay && voted);
    this.root.querySelector("[data-suggesting]").hidden = !aboutThePlay;
  }

  over(send, isUp, selector, name, messageOf) {
    const form = this.root.querySelector(selector);
    const status = form.querySelector("[data-status]");
    let key = newKey();
    form.addEventListener("submit", async (submit) => {
      if (!isUp()) return; // the plain form does the same
      submit.preventDefault();
      try {
        const ack = await send(name, { ...messageOf(form), key });
        if (ack.ok) {
          key = newKey();
          if (name === "give_reason") this.reasons[this.round.id] = form.elements.text.value;
          else form.elements.text.value = "";
        }
        status.textContent = ack.ok ? words.offered : words[ack.code] ?? words.refused;
      } catch {
        status.textContent = words.away;
      }
    });
  }
}
