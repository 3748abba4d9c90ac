"""The tables of a pack, described once: CSV files, codebook and data package are all made from this.

To add a table, describe it here and give it rows in `evidence.tables`; nothing else needs to know.
"""

from evidence.columns import Column, Reference, Table, Type
from live.choices import RoundKind
from live.disclosure import HIDDEN, NO_ROLE, OTHER_ROLES
from live.rules import About
from live.tally import TieRule

# The words of live/words.py in English: what is in a pack must not depend on who reads the page.
ROLE_GROUPS = {
    "service_user": "People who have used services",
    "carer": "Carers, family, friends",
    "emergency_calls": "999, 111 and ambulance",
    "mental_health_staff": "Mental health staff",
    "police": "Police",
    "primary_care": "GPs and surgeries",
    "commissioner": "People who plan or pay for services",
    "neighbour": "Neighbours and others",
    NO_ROLE: "Would rather not say",
    OTHER_ROLES: "Other roles together",
}
TIE_RULES = {
    TieRule.FIRST_LISTED.value: "On a tie, the response listed first opens the next scene.",
    TieRule.AS_IT_HAPPENED.value: "On a tie, the play goes on as it happened.",
    TieRule.JOKER_DECIDES.value: "On a tie, the joker decides, and says why.",
}
KINDS = {
    RoundKind.CHOOSE_ONE.value: "each seat chooses one response",
    RoundKind.APPROVE.value: "each seat chooses every response it could live with",
    RoundKind.SCALE.value: "each seat chooses one of five steps",
    RoundKind.RANK.value: "each seat puts responses in order; counted by the alternative vote (see README.md)",
}
ABOUT = {
    About.DECISION.value: "a decision of the script; only these open scenes",
    About.BELIEVABLE.value: "whether the story is believable",
    About.SCALE.value: "a question of the organisers' own, on five steps",
    About.PROPOSAL.value: "a proposal of the room",
}
CHANNELS = {
    "room": "phones in the room",
    "hands": "people without a phone, counted by the facilitator",
    "paper": "people without a phone, on paper cards",
    "online_before": "alone, online, before the play; never added to the room's",
    "online_after": "alone, online, after the play; never added to the room's",
}

STOP_STATES = {
    "waiting": "nobody came to it",
    "in": "its person was asked in last",
    "done": "its person was asked in",
    "passed": "the facilitator let it go",
}
POSSIBLE_HERE = {"yes": "yes", "no": "no", "unsure": "not sure"}

_SCENARIO = Column(
    "scenario", Type.TEXT, "the scenario's short name; its text is scripts/SCENARIO-vVERSION.md"
)
_VERSION = Column("version", Type.COUNT, "which published version of the scenario was played")
_DECISION = Column("decision", Type.TEXT, "the decision's key in the script")
_ABOUT = Column("about", Type.TEXT, "what was asked", categories=ABOUT)
_RESPONSE = Column(
    "response", Type.TEXT, "the response's key: the script's letter in lower case; f1, f2 ... from the room"
)
_ROUND = Column("round", Type.COUNT, "the round's number, unique on the site")
_SECTION = Column("section", Type.COUNT, "the section of the event: 1 is the first of the day")
_PERFORMANCE = Column("performance", Type.COUNT, "the performance's number, unique on the site")
_LETTER = ("scenario", "version", "decision")

DECISIONS = Table(
    name="decisions",
    a_row_is="a decision of a scenario that was played at the event, voted on or not; or a question beside the play",
    columns=(
        _SCENARIO,
        _VERSION,
        _DECISION,
        Column("stage", Type.TEXT, "the stage of the pathway that the scenario tests", required=False),
        Column("scene", Type.TEXT, "the scene that ends in this decision", required=False),
        Column("question", Type.TEXT, "what the room was asked"),
        Column("asks", Type.TEXT, "the character who could act, by key", required=False),
        Column("asks_name", Type.TEXT, "the character's name", required=False),
        Column("scene_title", Type.TEXT, "the scene's title", required=False),
        Column("scenario_title", Type.TEXT, "the scenario's title"),
        Column("language", Type.TEXT, "the language of its text (BCP 47)"),
        _ABOUT,
    ),
    key=_LETTER,
)
RESPONSES = Table(
    name="responses",
    a_row_is="one response that a decision offers",
    columns=(
        _SCENARIO,
        _VERSION,
        _DECISION,
        _RESPONSE,
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
    key=(*_LETTER, "response", "performance"),
    references=(Reference(_LETTER, "decisions", _LETTER),),
)
ROUNDS = Table(
    name="rounds",
    a_row_is="one closed vote of the room on one decision; practice rounds are left out",
    columns=(
        _ROUND,
        _SECTION,
        _PERFORMANCE,
        _SCENARIO,
        _VERSION,
        _DECISION,
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
        _ABOUT,
    ),
    key=("round",),
    references=(
        Reference(_LETTER, "decisions", _LETTER),
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
        _ROUND,
        _RESPONSE,
        Column("channel", Type.TEXT, "where the ballots came from", categories=CHANNELS),
        Column("votes", Type.COUNT, "ballots for the response", unit="ballots"),
    ),
    key=("round", "response", "channel"),
    references=(Reference(("round",), "rounds", ("round",)),),
)
_ROLE_GROUP = Column(
    "role_group",
    Type.TEXT,
    "people who described themselves so, or all others together",
    categories=ROLE_GROUPS,
)
ORDERS = Table(
    name="orders",
    a_row_is="one count of an order of preference: what a response that was still in had",
    columns=(
        _ROUND,
        Column("count", Type.COUNT, "1 for the first preferences, 2 after the first response left"),
        _RESPONSE,
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
        _ROUND,
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
        _ROUND,
        _ROLE_GROUP,
        _RESPONSE,
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
        _ROUND,
        _ROLE_GROUP,
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
        _PERFORMANCE,
        Column("step", Type.COUNT, "1 for the first decision taken"),
        Column("scene", Type.TEXT, "the scene that ended in the decision"),
        _DECISION,
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
        _SECTION,
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

_ATTEMPT = Column("attempt", Type.COUNT, "1 for the first playing; each replay from a scene begins the next")
_AT_LINE = Column(
    "line", Type.COUNT, "the line of the scene, from 1; empty where none was named", required=False
)
STOPS = Table(
    name="stops",
    a_row_is="one hand that somebody raised to stop the play; hands that were taken back are left out",
    columns=(
        Column(
            "stop", Type.COUNT, "the hand's number, unique on the site, in the order in which hands went up"
        ),
        _SECTION,
        _PERFORMANCE,
        _SCENARIO,
        _VERSION,
        _ATTEMPT,
        Column("scene", Type.TEXT, "the scene it was raised at"),
        _AT_LINE,
        Column("state", Type.TEXT, "what became of it", categories=STOP_STATES),
    ),
    key=("stop",),
)
INTERVENTIONS = Table(
    name="interventions",
    a_row_is="one thing that somebody from the room tried on the floor, as the facilitator wrote it down",
    columns=(
        Column("intervention", Type.COUNT, "the intervention's number, unique on the site"),
        _SECTION,
        _PERFORMANCE,
        _SCENARIO,
        _VERSION,
        _ATTEMPT,
        Column("scene", Type.TEXT, "the scene it was tried in"),
        _AT_LINE,
        Column("stop", Type.COUNT, "the hand it began with; empty without one", required=False),
        Column("part", Type.TEXT, "the part that was taken"),
        Column(
            "role_group",
            Type.TEXT,
            "how whoever tried it described themselves in public",
            categories=ROLE_GROUPS,
        ),
        Column("tried", Type.TEXT, "what they tried", required=False),
        Column("others_did", Type.TEXT, "what the others did", required=False),
        Column("happened", Type.TEXT, "what came of it", required=False),
        Column(
            "possible_here", Type.TEXT, "could it be done here?", required=False, categories=POSSIBLE_HERE
        ),
        Column("would_have_to_change", Type.TEXT, "what would have to change", required=False),
        Column(
            "here",
            Type.COUNT,
            "how many in the room said that it could happen here",
            "people",
            required=False,
        ),
        Column("magic", Type.COUNT, "how many said that it is magic", "people", required=False),
        Column(
            "unsure",
            Type.COUNT,
            "how many were not sure; these three are empty where the room was not asked, or fewer than 5 answered",
            "people",
            required=False,
        ),
    ),
    key=("intervention",),
)

TABLES = (
    DECISIONS,
    RESPONSES,
    ROUNDS,
    RESULTS,
    ORDERS,
    REASONS,
    RESULTS_BY_ROLE,
    ROLE_BALLOTS,
    PATH,
    ATTENDANCE,
    STOPS,
    INTERVENTIONS,
)
TABLE_OF = {table.name: table for table in TABLES}
