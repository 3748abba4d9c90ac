// How a phone answers each kind of question: cards to choose from, or an order; what was chosen, in words.
import { letter } from "./bind.js";

const CARDS = {
  choose_one: { type: "radio", name: "response" },
  approve: { type: "checkbox", name: "responses" },
  scale: { type: "radio", name: "scale" },
};

/** Return the rows that the form of a round is drawn from. `round` is drawable (result.js). */
export function formOf(round) {
  if (!round) return { cards: [], orders: [] };
  const card = CARDS[round.kind];
  const places = round.responses.map((_response, place) => ({ place: place + 1 }));
  return {
    cards: card ? round.responses.map((response) => ({ ...response, ...card })) : [],
    orders: card ? [] : round.responses.map((response) => ({ ...response, name: `rank-${response.key}`, places })),
  };
}

/** Return what is chosen in the form, as a ballot says it; null while nothing is. To approve of none is to choose. */
export function chosenIn(form, kind) {
  const checked = [...form.querySelectorAll("[data-each=cards] input:checked")].map((input) => input.value);
  if (kind === "approve") return { responses: checked };
  if (kind === "scale") return checked.length ? { scale: Number(checked[0]) } : null;
  if (kind === "rank") {
    const ranking = placed(form).filter((select) => select.value)
      .sort((one, other) => Number(one.value) - Number(other.value))
      .map((select) => select.name.slice("rank-".length));
    return ranking.length ? { ranking } : null;
  }
  return checked.length ? { response: checked[0] } : null;
}

/** Put what was chosen before back into a form that is drawn anew. */
export function putBack(form, record) {
  const keys = keysOf(record);
  for (const input of form.querySelectorAll("[data-each=cards] input")) input.checked = keys.includes(input.value);
  for (const select of placed(form)) {
    const place = (record?.ranking ?? []).indexOf(select.name.slice("rank-".length)) + 1;
    select.value = place ? String(place) : "";
  }
}

/** Give a place to one response only: whoever had it before has none. */
export function oneEach(form, changed) {
  if (!changed.name?.startsWith("rank-") || !changed.value) return;
  for (const select of placed(form)) if (select !== changed && select.value === changed.value) select.value = "";
}

/** Return the keys that a ballot names. */
export function keysOf(record) {
  if (!record) return [];
  if (record.scale !== undefined) return [String(record.scale)];
  return record.responses ?? record.ranking ?? [record.response];
}

/** Return what a ballot says, in words. */
export function mineOf(record, round, words) {
  if (!record || !round) return null;
  const label = (key) => round.responses.find((response) => response.key === key)?.label ?? "";
  const keys = keysOf(record);
  const receipt = record.receipt ?? "";
  if (record.responses) return { letter: "", label: keys.map(label).join("; ") || words.nothing, receipt };
  if (record.ranking) return { letter: "", label: keys.map((key, place) => `${place + 1}. ${label(key)}`).join("  "), receipt };
  return { letter: letter(keys[0] ?? ""), label: label(keys[0]), receipt };
}

function placed(form) {
  return [...form.querySelectorAll("[data-each=orders] select")];
}
