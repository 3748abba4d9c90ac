"""The tables of what was voted on: decisions, rounds, counts, the path, who came."""

from evidence.columns import Column, Reference, Table, Type
from evidence.keys import (
    ASKED_ABOUT,
    CHANNELS,
    DECISION,
    KINDS,
    LETTER,
    PERFORMANCE,
    RESPONSE,
    ROLE_GROUP,
    ROLE_GROUPS,
    ROUND,
    SCENARIO,
    SECTION,
    TIE_RULES,
    VERSION,
)
from live.disclosure import HIDDEN

DECISIONS = Table(
    name="decisions",
    a_row_is="a decision of a scenario that was played at the event, voted on or not; or a question beside the play",
    columns=(
        SCENARIO,
        VERSION,
        DECISION,
        Column("stage", Type.TEXT, "the stage of the pathway that the scenario tests", required=False),
        Column("scene", Type.TEXT, "the scene that ends in this decision", required=False),
        Column("question", Type.TEXT, "what the room was asked"),
        Column("asks", Type.TEXT, "the character who could act, by key", required=False),
        Column("asks_name", Type.TEXT, "the character's name", required=False),
        Column("scene_title", Type.TEXT, "the scene's title", required=False),
        Column("scenario_title", Type.TEXT, "the scenario's title"),
        Column("language", Type.TEXT, "the language of its text (BCP 47)"),
        ASKED_ABOUT,
        Column("stage_title", Type.TEXT, "what the stage is called", required=False),
    ),
    key=LETTER,
)
RESPONSES = Table(
    name="responses",
    a_row_is="one response that a decision offers",
    columns=(
        SCENARIO,
        VERSION,
        DECISION,
        RESPONSE,
        Column("label", Type.TEXT, "what the character does"),
        Column("helps", Type.TEXT, "what it would help, as the writers put it", required=False),
        Column("costs", Type.TEXT, "what it would cost, as the writers put it", required=False),
        Column("leads_to", Type.TEXT, "the scene or ending that it opens", required=False),
        Column("as_it_happened", Type.FLAG, "true where this is what really happened"),
        Column("floor", Type.FLAG, "true where the room added it between rounds"),
        Column(
            "performance",
            Type.COUNT,
            "the performance in which the room added it; 0 for the script's own",
        ),
        Column(
            "role_group",
            Type.TEXT,
            "how whoever suggested it described themselves in public",
            required=False,
            categories=ROLE_GROUPS,
        ),
        Column("leads_to_title", Type.TEXT, "the title of that scene or ending", required=False),
    ),
    key=(*LETTER, "response", "performance"),
    references=(Reference(LETTER, "decisions", LETTER),),
)
ROUNDS = Table(
    name="rounds",
    a_row_is="one closed vote of the room on one decision; practice rounds are left out",
    columns=(
        ROUND,
        SECTION,
        PERFORMANCE,
        SCENARIO,
        VERSION,
        DECISION,
        Column(
            "number", Type.COUNT, "1 for the first vote on the decision in this performance, 2 for the second"
        ),
        Column("kind", Type.TEXT, "how people voted", categories=KINDS),
        Column("channel", Type.TEXT, "where the ballots came from", categories=CHANNELS),
        Column("opened_at", Type.MOMENT, "when voting opened", unit="UTC"),
        Column("closed_at", Type.MOMENT, "when voting closed", unit="UTC"),
        Column("seats", Type.COUNT, "phones that had a seat in the section when voting closed", unit="seats"),
        Column("ballots", Type.COUNT, "seats that had a ballot in this round when it closed", unit="ballots"),
        Column(
            "tie_rule",
            Type.TEXT,
            "what decides on a tie, said before voting opened; empty beside the play, where a tie has no winner",
            required=False,
            categories=TIE_RULES,
        ),
        Column(
            "winner",
            Type.TEXT,
            "the response that won, by phones, hands and paper together, after the tie rule; empty without one",
            required=False,
        ),
        Column(
            "taken",
            Type.TEXT,
            "the response whose scene was played next; empty where this round was not followed",
            required=False,
        ),
        Column("overruled", Type.FLAG, "true where the joker took another response than the winner"),
        Column("overrule_reason", Type.TEXT, "why, as the joker said it", required=False),
        ASKED_ABOUT,
    ),
    key=("round",),
    references=(
        Reference(LETTER, "decisions", LETTER),
        Reference(("section",), "attendance", ("section",)),
    ),
)
RESULTS = Table(
    name="results",
    a_row_is=(
        "how many chose one response in one round, exactly; of an order of preference, how many put it first; "
        "channels with fewer than 5 ballots are left out"
    ),
    columns=(
        ROUND,
        RESPONSE,
        Column("channel", Type.TEXT, "where the ballots came from", categories=CHANNELS),
        Column("votes", Type.COUNT, "ballots for the response", unit="ballots"),
    ),
    key=("round", "response", "channel"),
    references=(Reference(("round",), "rounds", ("round",)),),
)
ORDERS = Table(
    name="orders",
    a_row_is="one count of an order of preference: what a response that was still in had",
    columns=(
        ROUND,
        Column("count", Type.COUNT, "1 for the first preferences, 2 after the first response left"),
        RESPONSE,
        Column("votes", Type.COUNT, "ballots that counted for it", unit="ballots"),
        Column("left", Type.FLAG, "true where it left after this count"),
    ),
    key=("round", "count", "response"),
    references=(Reference(("round",), "rounds", ("round",)),),
)
REASONS = Table(
    name="reasons",
    a_row_is="why somebody chose as they did, in their words, read by the facilitators before it was shown",
    columns=(
        ROUND,
        Column("number", Type.COUNT, "1 for the first of the round"),
        Column(
            "response",
            Type.TEXT,
            "what they chose; empty where it was several, or too few voted to show figures",
            required=False,
        ),
        Column("text", Type.TEXT, "what they said"),
    ),
    key=("round", "number"),
    references=(Reference(("round",), "rounds", ("round",)),),
)
RESULTS_BY_ROLE = Table(
    name="results_by_role",
    a_row_is="how many of one role chose one response in one round, protected: see README.md, small numbers",
    columns=(
        ROUND,
        ROLE_GROUP,
        RESPONSE,
        Column(
            "votes",
            Type.COUNT,
            f"ballots to the nearest 5; 0 is exact; {HIDDEN} is a small number that is hidden",
            unit="ballots",
            required=False,
            absent=HIDDEN,
        ),
    ),
    key=("round", "role_group", "response"),
    references=(Reference(("round",), "rounds", ("round",)),),
)
ROLE_BALLOTS = Table(
    name="role_ballots",
    a_row_is="how many ballots one role group cast in one round, rounded on its own",
    columns=(
        ROUND,
        ROLE_GROUP,
        Column(
            "ballots",
            Type.COUNT,
            "ballots to the nearest 5; the cells of a row need not add up to it",
            unit="ballots",
        ),
    ),
    key=("round", "role_group"),
    references=(Reference(("round",), "rounds", ("round",)),),
)
PATH = Table(
    name="path",
    a_row_is="one decision that was taken on the way through the scenario, in the order of play",
    columns=(
        PERFORMANCE,
        Column("step", Type.COUNT, "1 for the first decision taken"),
        Column("scene", Type.TEXT, "the scene that ended in the decision"),
        DECISION,
        Column("response", Type.TEXT, "the response that was taken"),
        Column("leads_to", Type.TEXT, "the scene or ending that it opened"),
        Column("round", Type.COUNT, "the round that it follows"),
        Column("overruled", Type.FLAG, "true where the joker took another response than the winner"),
    ),
    key=("performance", "step"),
    references=(Reference(("round",), "rounds", ("round",)),),
)
ATTENDANCE = Table(
    name="attendance",
    a_row_is="one section of the event",
    columns=(
        SECTION,
        Column("seats", Type.COUNT, "phones that took a seat", unit="seats"),
        Column(
            "peak_connected",
            Type.COUNT,
            "the most phones connected at the same time; empty where it was not recorded",
            unit="phones",
            required=False,
        ),
        Column(
            "hand_counted",
            Type.COUNT,
            "most people without a phone that were counted in one round",
            unit="people",
        ),
        Column("title", Type.TEXT, "the section's title"),
        Column("practice_rounds", Type.COUNT, "rounds held to try the phones, left out of every other table"),
    ),
    key=("section",),
)
