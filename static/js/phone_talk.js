// Stop!, weighing and a minute for oneself on the phone. What the server has said is true; a tap says nothing before that.
import { counted, wordsOf } from "./bind.js";
import { weighed } from "./weighed.js";

const words = wordsOf("talk-words");
const ON_THE_FLOOR = new Set(["playing", "interventions"]);
const TALKED_ABOUT = new Set([...ON_THE_FLOOR, "closed", "revealed"]);
// While a vote fills the phone, a line says that the hand is still up.
const VOTED_ON = new Set(["deciding", "closed", "revealed"]);

function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function remembered(store, name) {
  try {
    return JSON.parse(store.getItem(name) ?? "null");
  } catch {
    return null;
  }
}

function remember(store, name, value) {
  try {
    if (value === null) store.removeItem(name);
    else store.setItem(name, JSON.stringify(value));
  } catch {
    // A private window may refuse: it is then known as long as this page.
  }
}

export class Talk {
  /** `say(name, message)` returns a promise of an ack; `changed()` is called whenever something is to be drawn anew. */
  constructor(code, say, changed) {
    this.names = { stops: `stops-${code}`, minute: `minute-${code}` };
    this.say = say;
    this.changed = changed;
    this.stops = wordsOf("stops");
    this.order = this.stops.filter((stop) => stop.state === "waiting").map((stop) => stop.id);
    this.verdicts = {};
    this.wasIn = new Set();
    this.letGo = false;
    this.choosing = "";
    this.unreached = false;
    this.minute = remembered(sessionStorage, this.names.minute);
    // Another tab of this phone put a hand up or down.
    window.addEventListener("storage", (happening) => {
      if (happening.key !== this.names.stops) return;
      this.stops = remembered(localStorage, this.names.stops) ?? [];
      this.changed();
    });
    this.listen();
  }

  // -- what the server says ------------------------------------------------------------------------------

  seat(message) {
    this.stops = message.stops.map((stop) => ({ ...stop, seen: stop.state === "waiting" }));
    this.verdicts = message.verdicts;
    this.letGo = message.stops.some((stop) => stop.state === "passed");
    if (!message.stops.some((stop) => stop.state === "waiting")) this.order = [];
    this.keep();
  }

  ordered(message) {
    this.order = message.waiting;
    for (const stop of this.stops) {
      const waits = this.order.includes(stop.id);
      // One that was seen waiting and waits no more was asked in, or let go: the cue knows which.
      if (stop.state === "waiting" && stop.seen && !waits) stop.state = "gone";
      stop.seen ||= waits;
    }
    this.keep();
  }

  // -- what the phone shows ------------------------------------------------------------------------------

  mine(cue) {
    const asked = this.stops.find((stop) => stop.id === cue.stop?.id);
    if (asked) {
      this.wasIn.add(asked.id);
      return { ...asked, state: "in" };
    }
    return this.stops.filter((stop) => stop.state === "waiting").at(-1) ?? null;
  }

  /** The same table as live.talk_views.talk_view, with what only this phone knows: what is being chosen. */
  viewOf(cue, view) {
    if (this.choosing === "minute") return "minute";
    const state = cue.performance?.state;
    if (!TALKED_ABOUT.has(state)) return view;
    const mine = this.mine(cue);
    if (mine?.state === "in") return "comein";
    if (cue.intervention?.weighing === "open") return "weighing";
    if (this.choosing === "stopping") return "stopping";
    if (cue.intervention?.weighing === "closed" && cue.screen === "intervention") return "weighed";
    return mine && ON_THE_FLOOR.has(state) ? "handup" : view;
  }

  data(cue) {
    const mine = this.mine(cue);
    const before = mine ? Math.max(0, this.order.indexOf(mine.id)) : 0;
    const line = mine && cue.scene?.key === mine.scene ? cue.scene.lines.find((each) => each.n === mine.line) : null;
    const verdict = this.verdicts[cue.intervention?.id];
    return {
      mine: mine && { ...mine, text: line?.text ?? mine.text ?? "" },
      place: before === 0 ? words.before.next : counted(words.before, before),
      kept: cue.performance?.state === "playing" && cue.performance.attempt === 1,
      lines: [...(cue.scene?.lines ?? [])].reverse(),
      said: verdict ? words.said.replace("#", words.verdicts[verdict]) : "",
      asked: this.minute !== null,
      unreached: this.unreached,
      ...weighed(cue, words),
    };
  }

  /** Put what no markup can say: which answer is pressed, which hand the button puts down, whether one was let go. */
  mark(cue, data, view) {
    document.querySelector("[data-minute]").hidden = view === "minute";
    document.querySelector("[data-hand-note]").hidden = data.mine?.state !== "waiting" || view === "handup" || !VOTED_ON.has(cue.performance?.state);
    for (const button of document.querySelectorAll("[data-weighing] button")) {
      const on = this.verdicts[cue.intervention?.id] === button.value;
      button.setAttribute("aria-pressed", String(on));
      button.classList.toggle("alt", !on);
    }
    document.querySelector("[data-hand-down] input[name=stop]").value = data.mine?.id ?? "";
    const gone = this.stops.some((stop) => stop.state === "gone" && !this.wasIn.has(stop.id));
    for (const hint of document.querySelectorAll("[data-let-go]")) hint.hidden = (hint.dataset.letGo === "yes") !== (gone || this.letGo);
  }

  announced(view) {
    return words[view];
  }

  erase() {
    this.stops = [];
    remember(localStorage, this.names.stops, null);
  }

  keep() {
    remember(localStorage, this.names.stops, this.stops.length ? this.stops : null);
  }

  // -- taps ----------------------------------------------------------------------------------------------

  listen() {
    const on = (selector, happening, act) => document.querySelector(selector).addEventListener(happening, (event) => act(event, event.currentTarget));
    const choose = (what) => (event) => {
      event.preventDefault();
      this.choosing = what;
      this.unreached = false;
      this.changed();
      window.scrollTo({ top: 0 });
    };
    on("[data-stop]", "click", choose("stopping"));
    on("[data-minute]", "click", choose("minute"));
    on("[data-back]", "click", choose(""));
    on("[data-stopping]", "submit", (event, form) => {
      const line = Number(event.submitter?.value) || null;
      const scene = form.elements.scene.value;
      this.send(event, "stop", { scene, line }, form, (ack) => {
        this.choosing = "";
        this.letGo = false;
        const there = this.stops.find((stop) => stop.id === ack.stop);
        this.stops = this.stops.filter((stop) => stop.state === "waiting" && stop !== there);
        this.stops.push({ id: ack.stop, scene, line, state: ack.place ? "waiting" : "gone", seen: this.order.includes(ack.stop) });
        if (ack.place && !this.order.includes(ack.stop)) this.order = this.order.toSpliced?.(ack.place - 1, 0, ack.stop) ?? [...this.order, ack.stop];
        this.keep();
      });
    });
    on("[data-hand-down]", "submit", (event, form) => {
      const stop = Number(form.elements.stop.value);
      this.send(event, "take_back_stop", { stop }, form, () => {
        this.stops = this.stops.filter((each) => each.id !== stop);
        this.keep();
      });
    });
    on("[data-weighing]", "submit", (event, form) => {
      const intervention = Number(form.elements.intervention.value);
      const verdict = event.submitter?.value;
      this.send(event, "weigh_intervention", { intervention, verdict }, form, () => { this.verdicts[intervention] = verdict; });
    });
    on("[data-need-minute]", "submit", (event, form) => {
      const where = form.elements.where.value.trim();
      const key = newKey();
      this.send(event, "need_minute", where ? { where, key } : { key }, null, (ack) => {
        this.unreached = !ack.told;
        if (!ack.told) return;
        this.minute = key;
        form.elements.where.value = "";
        remember(sessionStorage, this.names.minute, key);
      });
    });
    on("[data-minute-over]", "submit", (event) => {
      if (this.minute === null) return; // asked for without scripts: the plain form knows
      this.send(event, "minute_over", { key: this.minute }, null, () => {
        this.minute = null;
        this.choosing = "";
        remember(sessionStorage, this.names.minute, null);
      });
    });
  }

  /** Send one tap. Without an answer the plain form does the same, under the same key; without one it is said. */
  async send(event, name, message, form, then) {
    event.preventDefault();
    const key = message.key ?? newKey();
    let ack = null;
    try {
      ack = await this.say(name, { ...message, key });
    } catch {
      // No answer came: it may or may not have been done.
    }
    if (ack?.ok) {
      this.unreached = false;
      then(ack);
    } else if (form === null) {
      this.unreached = true;
    } else if (ack === null && navigator.onLine) {
      if (form.elements.key) form.elements.key.value = key;
      if (event.submitter?.name) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: event.submitter.name, value: event.submitter.value }));
      form.submit();
      return;
    } else {
      document.querySelector("[data-announce]").textContent = words.refused;
      this.choosing = "";
    }
    this.changed();
  }
}
