// One record per round: {key, rev, state} and what was chosen. Written before sending, kept until a final answer.
// Same key for the same tap; a changed mind is rev + 1. Holds ids and a letter only.

const FINAL = new Set([
  "round_closed", "unknown_round", "unknown_response", "not_a_member", "bad_message", "key_reused", "not_allowed",
]);
const WAIT_MS = [2000, 4000, 8000, 16000, 20000];
const ANSWER_MS = 5000;

function newKey() {
  // Not randomUUID: it does not exist on a plain-HTTP network.
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const CHOICES = ["response", "responses", "scale", "ranking"];

/** Return what a record chose, as a ballot says it. */
export function choiceOf(record) {
  return Object.fromEntries(CHOICES.filter((name) => record[name] !== undefined).map((name) => [name, record[name]]));
}

export class Outbox {
  /** `send(ballot)` returns a promise of an ack; `changed(round)` is called whenever a record changes. */
  constructor(name, send, changed) {
    this.name = name;
    this.send = send;
    this.changed = changed;
    this.tries = 0;
    this.timer = null;
    try {
      this.records = JSON.parse(localStorage.getItem(name) ?? "{}");
    } catch {
      this.records = {};
    }
  }

  of(round) {
    return this.records[round] ?? null;
  }

  /** What the server says it has: the truth for everything that is not still on its way. */
  known(ballots) {
    for (const [round, ballot] of Object.entries(ballots)) {
      const record = this.records[round];
      if (!record || record.state !== "sending" || record.rev <= ballot.rev) {
        this.records[round] = { ...ballot, key: record?.key ?? "", state: "counted" };
      }
    }
    this.keep();
  }

  /** `choice` is {response}, {responses}, {scale} or {ranking}. */
  cast(round, choice) {
    const record = this.records[round];
    if (record?.state === "sending" && JSON.stringify(choiceOf(record)) === JSON.stringify(choice)) return;
    this.records[round] = { key: newKey(), rev: (record?.rev ?? 0) + 1, ...choice, state: "sending" };
    this.keep();
    this.changed(round);
    this.tries = 0;
    this.flush();
  }

  /** Send everything that has no final answer yet. Safe to call at any time. */
  async flush() {
    clearTimeout(this.timer);
    const waiting = Object.entries(this.records).filter(([, record]) => record.state === "sending");
    if (waiting.length === 0) return;
    for (const [round, record] of waiting) await this.try(Number(round), record);
    if (Object.values(this.records).some((record) => record.state === "sending")) {
      const wait = WAIT_MS[Math.min(this.tries, WAIT_MS.length - 1)];
      this.tries += 1;
      this.timer = setTimeout(() => this.flush(), wait * (0.75 + Math.random() / 2));
    }
  }

  async try(round, record) {
    const ballot = { round, ...choiceOf(record), key: record.key, rev: record.rev };
    let ack;
    try {
      ack = await Promise.race([
        this.send(ballot),
        new Promise((_, reject) => { setTimeout(() => reject(new Error("no answer")), ANSWER_MS); }),
      ]);
    } catch {
      return;
    }
    if (this.records[round] !== record) return; // a changed mind overtook this one
    if (ack.ok) Object.assign(record, { state: "counted", receipt: ack.receipt, rev: ack.rev });
    else if (ack.code === "superseded") Object.assign(record, { rev: record.rev + 1, key: newKey() });
    else if (FINAL.has(ack.code)) Object.assign(record, { state: ack.code === "round_closed" ? "late" : "refused" });
    this.keep();
    this.changed(round);
  }

  /** Erase everything: the section has ended. */
  erase() {
    this.records = {};
    localStorage.removeItem(this.name);
  }

  keep() {
    try {
      localStorage.setItem(this.name, JSON.stringify(this.records));
    } catch {
      // A private window may refuse: the record then lives as long as this page.
    }
  }
}
