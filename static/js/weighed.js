// What the room said of an intervention, as phone and screen draw it. Cue in, plain data out.
import { share } from "./bind.js";

/** `words`: `verdicts` by key, `counted` with places for some, all and answer, `few`. */
export function weighed(cue, words) {
  const { weighing, verdicts } = cue.intervention ?? {};
  const over = weighing === "closed";
  const said = over && verdicts ? Object.entries(verdicts) : [];
  const all = said.reduce((sum, [, votes]) => sum + votes, 0);
  const most = Math.max(0, ...said.map(([, votes]) => votes));
  const first = said.filter(([, votes]) => votes === most);
  // Words before pictures; where two answers are level, the table says so.
  const sentence = first.length === 1 ? words.counted.replace("#", most).replace("@", all).replace("$", words.verdicts[first[0][0]]) : "";
  return {
    open: weighing === "open",
    over,
    sentence: over && !verdicts ? words.few : sentence,
    rows: said.map(([key, votes]) => ({ words: words.verdicts[key], votes, share: share(votes, all), won: first.length === 1 && votes === most })),
  };
}
