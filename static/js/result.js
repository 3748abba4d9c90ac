// What every page needs to draw a cue: letters, shares, the row of each response. Cue in, plain data out.
import { letter, share } from "./bind.js";

/** Return the cue with what the markup asks for beside it. `words` holds the tie rules; `mine` a response key. */
export function drawable(cue, words, mine = null) {
  const { round, result, scene } = cue;
  const path = cue.path.map((step) => ({ ...step, letter: letter(step.response) }));
  return {
    ...cue,
    path,
    lastStep: path.at(-1) ?? null,
    isScene: scene?.kind === "scene",
    isEnding: scene?.kind === "ending",
    isSecond: Boolean(round && round.number > 1),
    asks: round?.asks ?? "",
    round: round && { ...round, responses: round.responses.map((response) => ({ ...response, letter: letter(response.key) })) },
    tieWords: round ? words.ties[round.tie_rule] : "",
    tieDecided: Boolean(result?.tied),
    tooFew: Boolean(result && !result.votes),
    winner: result?.winner ? { letter: letter(result.winner), label: labelOf(round, result.winner) } : null,
    previous: result?.previous ?? null,
    rows: result?.votes ? round.responses.map((response) => row(response, result, mine)) : [],
  };
}

function labelOf(round, key) {
  return round.responses.find((response) => response.key === key)?.label ?? "";
}

function row(response, result, mine) {
  const before = result.previous?.votes?.[response.key];
  return {
    letter: letter(response.key),
    label: response.label,
    votes: result.votes[response.key],
    share: share(result.votes[response.key], result.ballots),
    hasBefore: before !== undefined,
    before: before ?? "",
    beforeShare: share(before ?? 0, result.previous?.ballots ?? 0),
    won: response.key === result.winner,
    next: response.key === result.winner ? result.next_scene : "",
    mine: response.key === mine,
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
