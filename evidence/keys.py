"""Columns that several tables of a pack share, and every value that may stand in them, with what it means."""

from evidence.columns import Column, Type
from live.choices import RoundKind
from live.disclosure import NO_ROLE, OTHER_ROLES
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


SCENARIO = Column(
    "scenario", Type.TEXT, "the scenario's short name; its text is scripts/SCENARIO-vVERSION.md"
)
VERSION = Column("version", Type.COUNT, "which published version of the scenario was played")
DECISION = Column("decision", Type.TEXT, "the decision's key in the script")
ASKED_ABOUT = Column("about", Type.TEXT, "what was asked", categories=ABOUT)
RESPONSE = Column(
    "response", Type.TEXT, "the response's key: the script's letter in lower case; f1, f2 ... from the room"
)
ROUND = Column("round", Type.COUNT, "the round's number, unique on the site")
SECTION = Column("section", Type.COUNT, "the section of the event: 1 is the first of the day")
PERFORMANCE = Column("performance", Type.COUNT, "the performance's number, unique on the site")
LETTER = ("scenario", "version", "decision")

ROLE_GROUP = Column(
    "role_group",
    Type.TEXT,
    "people who described themselves so, or all others together",
    categories=ROLE_GROUPS,
)
PROPOSAL = Column("proposal", Type.COUNT, "the proposal's number, unique on the site")
COMMITMENT = Column("commitment", Type.COUNT, "the commitment's number, unique on the site")
