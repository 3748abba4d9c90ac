"""The tables of what was said and tried beside the votes, and of what came of it."""

from evidence.columns import Column, Reference, Table, Type
from evidence.equality.rules import EQUALITY_ANSWERS, EQUALITY_QUESTIONS
from evidence.keys import COMMITMENT, PERFORMANCE, PROPOSAL, ROLE_GROUPS, SCENARIO, SECTION, VERSION
from live.disclosure import HIDDEN

PROPOSAL_STATES = {
    "open": "not voted on yet",
    "adopted": "adopted by the room",
    "not_adopted": "not adopted by the room",
    "withdrawn": "taken back in the room",
}
PASSING_RULES = {
    "majority": "more yes than no",
    "two_thirds": "twice as many yes as no, or more",
    "consent": "nobody says no",
}
OFFICIAL_ANSWERS = {
    "influenced": "it influenced what is done; shown after a moderator checked it",
    "not_changed": "nothing is changed, for the reason given",
}
PUBLIC_QUESTIONS = {
    "heard_before": "Have we heard this before?",
    "excites": "What excites us about it?",
    "worries": "What worries us about it?",
    "steps": "What steps would it take?",
}
STATUSES = {
    "promised": "promised",
    "under_way": "under way",
    "done": "done; a moderator checked it",
    "not_done": "will not be done, for the reason given",
}
TOLD_FOR = {
    "self": "the teller's own",
    "somebody_who_knows": "somebody else's, who knows that it was told",
    "somebody_unasked": "somebody else's, who could not be asked; nothing is done with it until they are",
}
SENSES = {
    "here": "this happens here too",
    "not_here": "not here",
    "differently": "it happens here differently",
}
MODERATED = {
    "story": "a story that was woven into a scenario",
    "reason": "a reason for a vote",
    "response": "a response suggested from the room",
    "proposal": "a proposal",
    "amendment": "other words for a proposal",
    "heard_before": "an answer about a proposal: heard before?",
    "excites": "an answer about a proposal: what excites us",
    "worries": "an answer about a proposal: what worries us",
    "steps": "an answer about a proposal: what steps",
}
MODERATION = {
    "shown": "read by a facilitator, and shown",
    "declined": "read by a facilitator, and not shown",
    "edited": "changed so that nobody can be known by it",
}
EDIT_KINDS = {
    "name": "a name",
    "place": "a place",
    "date": "a date",
    "age": "an age",
    "service": "the name of a service",
    "other": "another detail",
}

STOP_STATES = {
    "waiting": "nobody came to it",
    "in": "its person was asked in last",
    "done": "its person was asked in",
    "passed": "the facilitator let it go",
}
POSSIBLE_HERE = {"yes": "yes", "no": "no", "unsure": "not sure"}

ATTEMPT = Column("attempt", Type.COUNT, "1 for the first playing; each replay from a scene begins the next")
AT_LINE = Column(
    "line", Type.COUNT, "the line of the scene, from 1; empty where none was named", required=False
)
SCENE_TITLE = Column("scene_title", Type.TEXT, "what the scene is called", required=False)
SAYS = Column("says", Type.TEXT, "the words of the line", required=False)
STOPS = Table(
    name="stops",
    a_row_is="one hand that somebody raised to stop the play; hands that were taken back are left out",
    columns=(
        Column(
            "stop", Type.COUNT, "the hand's number, unique on the site, in the order in which hands went up"
        ),
        SECTION,
        PERFORMANCE,
        SCENARIO,
        VERSION,
        ATTEMPT,
        Column("scene", Type.TEXT, "the scene it was raised at"),
        AT_LINE,
        Column("state", Type.TEXT, "what became of it", categories=STOP_STATES),
        SCENE_TITLE,
        SAYS,
    ),
    key=("stop",),
)
INTERVENTIONS = Table(
    name="interventions",
    a_row_is="one thing that somebody from the room tried on the floor, as the facilitator wrote it down",
    columns=(
        Column("intervention", Type.COUNT, "the intervention's number, unique on the site"),
        SECTION,
        PERFORMANCE,
        SCENARIO,
        VERSION,
        ATTEMPT,
        Column("scene", Type.TEXT, "the scene it was tried in"),
        AT_LINE,
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
        SCENE_TITLE,
        SAYS,
    ),
    key=("intervention",),
)

PROPOSALS = Table(
    name="proposals",
    a_row_is="one proposal of the room, in its last words",
    columns=(
        PROPOSAL,
        SECTION,
        Column("number", Type.COUNT, "1 for the first proposal of the section"),
        Column(
            "intervention",
            Type.COUNT,
            "what it grew from, in interventions; empty where nothing was tried",
            required=False,
        ),
        Column("wording", Type.TEXT, "its words, as amended"),
        Column("state", Type.TEXT, "what became of it in the room", categories=PROPOSAL_STATES),
        Column("round", Type.COUNT, "the last vote on it, in rounds; empty without one", required=False),
        Column(
            "passing_rule",
            Type.TEXT,
            "what it needed to be adopted, said before the vote",
            required=False,
            categories=PASSING_RULES,
        ),
        Column(
            "official_answer",
            Type.TEXT,
            "what those who decide answered, when this was published; empty: nothing yet",
            required=False,
            categories=OFFICIAL_ANSWERS,
        ),
        Column("because", Type.TEXT, "why, in their words", required=False),
        Column("answered_by", Type.TEXT, "who answered, as they are named in public", required=False),
        Column("answered_at", Type.MOMENT, "when", unit="UTC", required=False),
    ),
    key=("proposal",),
    references=(Reference(("section",), "attendance", ("section",)),),
)
AMENDMENTS = Table(
    name="amendments",
    a_row_is="one change to the words of a proposal, made in the open",
    columns=(
        PROPOSAL,
        Column("number", Type.COUNT, "1 for the first change"),
        Column("before", Type.TEXT, "the words before"),
        Column("after", Type.TEXT, "the words after"),
    ),
    key=("proposal", "number"),
    references=(Reference(("proposal",), "proposals", ("proposal",)),),
)
PUBLIC_ANSWERS = Table(
    name="public_answers",
    a_row_is="one thing that was said of a proposal in public, before the vote",
    columns=(
        PROPOSAL,
        Column("question", Type.TEXT, "which of the four questions", categories=PUBLIC_QUESTIONS),
        Column("number", Type.COUNT, "1 for the first answer to the question"),
        Column("text", Type.TEXT, "what was said"),
    ),
    key=("proposal", "question", "number"),
    references=(Reference(("proposal",), "proposals", ("proposal",)),),
)
COMMITMENTS = Table(
    name="commitments",
    a_row_is="one promise that was made in the room, or one thing that was not promised, and why",
    columns=(
        COMMITMENT,
        SECTION,
        Column("proposal", Type.COUNT, "the proposal it answers; empty without one", required=False),
        Column("promised", Type.FLAG, "false where it is not promised"),
        Column("what", Type.TEXT, "what"),
        Column("owner", Type.TEXT, "who will do it", required=False),
        Column("due", Type.DAY, "by which day", required=False),
        Column("why_not", Type.TEXT, "why it is not promised", required=False),
        Column("read_back", Type.FLAG, "true where the room saw exactly these words on the screen"),
        Column(
            "status",
            Type.TEXT,
            "what was said of it last, when this was published; empty where it is not promised",
            required=False,
            categories=STATUSES,
        ),
    ),
    key=("commitment",),
    references=(Reference(("section",), "attendance", ("section",)),),
)
UPDATES = Table(
    name="updates",
    a_row_is="what was said later of a promise, and checked by a moderator before it was shown",
    columns=(
        COMMITMENT,
        Column("number", Type.COUNT, "1 for the first"),
        Column("status", Type.TEXT, "what it says", categories=STATUSES),
        Column("words", Type.TEXT, "in their words", required=False),
        Column("evidence", Type.TEXT, "the address of what shows it", required=False),
        Column("new_day", Type.DAY, "another day that was named for it", required=False),
        Column("said_by", Type.TEXT, "who said it, as they are named in public"),
        Column("said_at", Type.MOMENT, "when", unit="UTC"),
    ),
    key=("commitment", "number"),
    references=(Reference(("commitment",), "commitments", ("commitment",)),),
)
# What a teller allows can change any day, and a published pack cannot: so no row says it.
STORIES = Table(
    name="stories",
    a_row_is="one story that a scenario was woven from; never its words",
    columns=(
        SCENARIO,
        VERSION,
        Column(
            "story", Type.COUNT, "1 for the first of the scenario; it is not the story's number elsewhere"
        ),
        Column("told_for", Type.TEXT, "whose story it is", categories=TOLD_FOR),
        Column(
            "edits",
            Type.COUNT,
            "passages that were changed so that nobody can be known by them",
            unit="edits",
        ),
    ),
    key=("scenario", "version", "story"),
    no_longer=("may_be_quoted",),
)
SENSE_CHECKS = Table(
    name="sense_checks",
    a_row_is="how many readers of a scenario on the site said this of it; counted apart from all votes",
    columns=(
        SCENARIO,
        Column("verdict", Type.TEXT, "what they said", categories=SENSES),
        Column("readers", Type.COUNT, "how many; one browser counts once", unit="browsers"),
    ),
    key=("scenario", "verdict"),
)
EQUALITY_SUMMARY = Table(
    name="equality_summary",
    a_row_is=(
        "how many people gave one answer on the equality form, protected: see README.md, small numbers; "
        "every question could be skipped, and nothing ties an answer to a seat or to another answer"
    ),
    columns=(
        Column("question", Type.TEXT, "what was asked", categories=EQUALITY_QUESTIONS),
        Column("answer", Type.TEXT, "what was answered", categories=EQUALITY_ANSWERS),
        Column(
            "people",
            Type.COUNT,
            f"people to the nearest 5; 0 is exact; {HIDDEN} is a small number that is hidden",
            unit="people",
            required=False,
            absent=HIDDEN,
        ),
    ),
    key=("question", "answer"),
)
MODERATION_LOG = Table(
    name="moderation_log",
    a_row_is="what was done with words of one kind before anybody else saw them; never the words",
    columns=(
        Column("entry", Type.COUNT, "1 for the first row"),
        Column("of", Type.TEXT, "what kind of words", categories=MODERATED),
        Column("section", Type.COUNT, "the section they were said in; 0 for a story"),
        Column("scenario", Type.TEXT, "the scenario that the story was woven into", required=False),
        Column("action", Type.TEXT, "what was done", categories=MODERATION),
        Column("kind", Type.TEXT, "of an edit, what was taken out", required=False, categories=EDIT_KINDS),
        Column("times", Type.COUNT, "how often"),
    ),
    key=("entry",),
)
