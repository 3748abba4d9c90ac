// What every page needs to draw a cue: letters, shares, the row of each response. Cue in, plain data out.
import { letter, share } from "./bind.js";

/** Return the cue with what the markup asks for beside it. `words` holds the words of votes; `mine` chosen keys. */
export function drawable(heard, words, mine = []) {
  const cue = inOwnWords(heard, words.vote.house);
  const { round, result, scene } = cue;
  const path = cue.path.map((step) => ({ ...step, letter: letter(step.response) }));
  const ofDecision = round?.about === "decision";
  const ofProposal = round?.about === "proposal";
  return {
    ...cue,
    path,
    lastStep: path.at(-1) ?? null,
    isScene: scene?.kind === "scene",
    isEnding: scene?.kind === "ending",
    isSecond: Boolean(round && round.number > 1),
    asks: round?.asks ?? "",
    round: round && { ...round, responses: round.responses.map((response) => ({ ...response, letter: letter(response.key), from: fromRoom(response, words) })) },
    isDecision: ofDecision,
    howWords: round ? words.vote.how[round.kind] : "",
    ruleWords: ruleOf(round, words),
    tieDecided: Boolean(result?.tied && ofDecision),
    tooFew: Boolean(result && !result.votes),
    outcome: ofProposal && result?.winner ? words.vote.outcome[result.winner] : "",
    winner: result?.winner && !ofProposal ? { letter: letter(result.winner) || labelOf(round, result.winner), label: labelOf(round, result.winner) } : null,
    undecided: Boolean(result && !result.winner && round.kind !== "scale"),
    middleWords: result?.median ? words.vote.middle.replace("#", labelOf(round, String(result.median))) : "",
    columnWords: round ? words.vote.column[round.kind] : "",
    previous: result?.previous ?? null,
    rows: result?.votes ? round.responses.map((response) => row(response, result, round.kind === "rank" ? mine.slice(0, 1) : mine, words)) : [],
    reasons: (result?.reasons ?? []).map((said) => ({ ...said, letter: letter(said.response) })),
    ...countsOf(round, result),
    ...handsOf(round, result),
  };
}

// A question of the house's own, said in the language of the page.
function inOwnWords(cue, houses) {
  const house = houses[cue.round?.about];
  if (!house) return cue;
  const { question, responses } = cue.round;
  return {
    ...cue,
    round: {
      ...cue.round,
      question: question === house.asked ? house.question : question,
      responses: responses.map((response) => ({ ...response, label: house.answers[response.key] ?? response.label })),
    },
  };
}

// The rule that is said before a vote opens: what happens on a tie, or when a proposal passes.
function ruleOf(round, words) {
  if (round?.about === "proposal") return words.vote.passing[round.passing_rule] ?? "";
  return round?.about === "decision" ? words.ties[round.tie_rule] : "";
}

function fromRoom(response, words) {
  if (!response.floor) return "";
  const role = words.groups[response.by];
  return role ? `${words.vote.from_room}: ${role}` : words.vote.from_room;
}

function labelOf(round, key) {
  return round.responses.find((response) => response.key === key)?.label ?? "";
}

function row(response, result, mine, words) {
  const before = result.previous?.votes?.[response.key];
  return {
    letter: letter(response.key),
    label: response.label,
    from: fromRoom(response, words),
    votes: result.votes[response.key],
    share: share(result.votes[response.key], result.ballots),
    hasBefore: before !== undefined,
    before: before ?? "",
    beforeShare: share(before ?? 0, result.previous?.ballots ?? 0),
    won: response.key === result.winner || response.key === String(result.median),
    next: response.key === result.winner ? result.next_scene : "",
    mine: mine.includes(response.key),
  };
}

// Of an order of preference: who had how many in each count.
function countsOf(round, result) {
  const counts = result?.counts ?? [];
  return {
    hasCounts: counts.length > 0,
    countColumns: counts.map((_count, place) => ({ number: place + 1 })),
    countRows: counts.length ? round.responses.map((response) => ({
      letter: letter(response.key),
      label: response.label,
      cells: counts.map((count) => ({ words: count.votes[response.key] ?? "–" })),
    })) : [],
  };
}

// People without a phone: hands and paper, never added to the phones.
function handsOf(round, result) {
  const means = result?.hand_means ?? {};
  const has = Object.keys(means).length > 0;
  return {
    hasHands: has,
    handRows: has ? round.responses.map(({ key, label }) => ({ letter: letter(key), label, hands: means.hands?.[key] ?? "", paper: means.paper?.[key] ?? "" })) : [],
  };
}

/** Return a revealed result by role as rows and columns; a hidden cell is marked, never a number. */
export function roles(result, names) {
  const groups = result?.by_role ?? [];
  if (!groups.length) return { hasRoles: false, roleColumns: [], roleRows: [] };
  const keys = Object.keys(groups[0].votes);
  return {
    hasRoles: true,
    roleColumns: keys.map((name) => ({ letter: letter(name) })),
    roleRows: groups.map((group) => ({
      words: names[group.group] ?? group.group,
      ballots: group.ballots,
      cells: keys.map((name) => ({
        hidden: group.votes[name] === "*",
        words: group.votes[name],
        share: group.votes[name] === "*" ? "" : share(group.votes[name], group.ballots),
      })),
    })),
  };
}
