"""One small event, made by hand: two sections, a vote held twice, a tie, an overruling, a vote of four people."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

from evidence.floor_material import (
    CommitmentMade,
    FloorMaterial,
    OfficialAnswerTold,
    PlayedIntervention,
    PlayedStop,
    PlayMoment,
    ProposalMade,
    SenseSaid,
    StoryWoven,
    UpdateTold,
    WordsModerated,
)
from evidence.material import (
    AuditHead,
    Material,
    PlayedRound,
    PlayedScenario,
    PlayedSection,
    PlayedStep,
)
from live.disclosure import protect
from scenarios.script import Script

NOON = datetime(2026, 10, 10, 12, tzinfo=UTC)
Votes = Mapping[str | None, Mapping[str, int]]
SAMPLES = Path(__file__).parents[2] / "scenarios" / "samples"

FIRST = {
    "carer": {"a": 14, "b": 9, "c": 4, "d": 3},
    "police": {"a": 12, "b": 2, "c": 0, "d": 1},
    "mental_health_staff": {"a": 3, "b": 9, "c": 2, "d": 8},
    "commissioner": {"a": 1, "b": 1, "c": 0, "d": 1},
    None: {"a": 2, "b": 5, "c": 3, "d": 4},
}
SECOND = {
    "carer": {"a": 4, "b": 9, "c": 5, "d": 13},
    "police": {"a": 6, "b": 2, "c": 0, "d": 8},
    "mental_health_staff": {"a": 1, "b": 5, "c": 2, "d": 14},
    "commissioner": {"a": 0, "b": 1, "c": 1, "d": 1},
    None: {"a": 2, "b": 3, "c": 2, "d": 7},
}


@cache
def script(name: str) -> Script:
    return Script.parse((SAMPLES / name).read_text(encoding="utf-8"))


def an_event(*, reason: str = "The room wanted B, but the actor who plays Jo had gone.") -> Material:
    """Return the event's material; the same each time."""
    shelter = PlayedScenario("bus-shelter", 1, script("01-the-bus-shelter-at-ten-to-three.md"))
    farida = PlayedScenario("farida-rings-999", 3, script("02-farida-rings-999.md"))
    before = protect(FIRST, threshold=8)
    return Material(
        event="spring-rehearsal",
        title="Spring rehearsal: who comes when you call?",
        place="Corn Exchange, Eastmere",
        starts_at=NOON,
        decision_statement="The board decides in January 2027 and answers every proposal in public.",
        suppress_below=8,
        sections=(PlayedSection(1, "Ten to three", 90, 1), PlayedSection(2, "=Nine, nine, nine", 12, 0)),
        scenarios=(farida, shelter),
        rounds=(
            _round(3, "d1", 1, FIRST, by_role=before, winner="a"),
            _round(
                5, "d1", 2, SECOND, by_role=protect(SECOND, threshold=8, before=before), winner="d", taken="d"
            ),
            _round(
                6,
                "d2",
                1,
                {"carer": {"a": 20, "b": 20, "c": 2, "d": 12}},
                winner="a",
                taken="c",
                overruled=True,
                overrule_reason=reason,
            ),
            _round(
                9, "d1", 1, {None: {"a": 3, "b": 1, "c": 0}}, of=farida, section=2, performance=4, winner="a"
            ),
        ),
        steps=(
            PlayedStep(1, 1, "shelter", "d1", "d", "cafe-door", 5, overruled=False),
            PlayedStep(1, 2, "in-the-car", "d2", "c", "long-road", 6, overruled=True),
        ),
        audit=AuditHead(
            "event:spring-rehearsal", 17, "ab" * 32, (*(f"{row:064x}" for row in range(16)), "ab" * 32)
        ),
        floor=THE_FLOOR,
    )


def _tried(id: int, *, stop: int | None, tried: str, possible_here: str | None, said) -> PlayedIntervention:
    return PlayedIntervention(
        id=id,
        at=PlayMoment(1, 1, "bus-shelter", 1, 2, "shelter", 3 if stop else None),
        stop=stop,
        part="PC Adeyemi",
        role="police" if stop else None,
        tried=tried,
        others_did="Jo sits down.",
        happened="",
        possible_here=possible_here,
        would_have_to_change="Somewhere to sit",
        verdicts=dict(zip(("here", "magic", "unsure"), said, strict=True)),
    )


def _round(id: int, decision: str, number: int, ballots: Votes, **more) -> PlayedRound:
    of = more.pop("of", None)
    values = {
        "section": 1,
        "performance": 1,
        "by_role": None,
        "winner": None,
        "taken": None,
        "overruled": False,
        "overrule_reason": None,
        **more,
    }
    return PlayedRound(
        id=id,
        scenario=of.slug if of else "bus-shelter",
        version=of.version if of else 1,
        decision=decision,
        number=number,
        kind="choose_one",
        channel="room",
        opened_at=NOON + timedelta(minutes=id),
        closed_at=NOON + timedelta(minutes=id, seconds=50),
        seats=90 if values["section"] == 1 else 12,
        votes={
            key: sum(of_role[key] for of_role in ballots.values()) for key in next(iter(ballots.values()))
        },
        hands={},
        tie_rule="first_listed",
        **values,
    )


THE_FLOOR = FloorMaterial(
    stops=(
        PlayedStop(4, PlayMoment(1, 1, "bus-shelter", 1, 2, "shelter", 3), "done"),
        PlayedStop(5, PlayMoment(1, 1, "bus-shelter", 1, 2, "shelter", None), "passed"),
    ),
    interventions=(
        _tried(2, stop=4, tried="=She waits, and says so.", possible_here="unsure", said=(6, 2, 1)),
        _tried(3, stop=None, tried="", possible_here=None, said=(3, 1, 0)),
    ),
    proposals=(
        ProposalMade(
            8,
            section=1,
            number=1,
            intervention=2,
            wording="+A bench, and a light, at the shelter",
            state="adopted",
            amendments=[
                ("A bench", "A bench at the shelter"),
                ("A bench at the shelter", "A bench, and a light"),
            ],
            said={"worries": ["Who mends it?", "@night"], "steps": ["Ask the council"]},
            official=OfficialAnswerTold(
                "influenced", "-The bench is in the plan.", "Cleo Marsh, board", NOON
            ),
        ),
        ProposalMade(9, section=2, number=1, intervention=None, wording="Call back in an hour", state="open"),
    ),
    commitments=(
        CommitmentMade(
            3,
            section=1,
            proposal=8,
            promised=True,
            what="A bench",
            owner="The council",
            due=date(2027, 3, 1),
            why_not="",
            read_back=True,
            status="under_way",
            updates=[
                UpdateTold("under_way", "Ordered", "https://example.org/bench", "Cleo Marsh, board", NOON)
            ],
        ),
        CommitmentMade(4, 1, None, False, "A night bus", "", None, "=No driver", read_back=False),
    ),
    stories=(
        StoryWoven("bus-shelter", 1, "self", {"name": 2, "place": 1}),
        StoryWoven("bus-shelter", 1, "somebody_who_knows", {"name": 1}),
    ),
    senses=(SenseSaid("bus-shelter", "here", 11), SenseSaid("bus-shelter", "not_here", 2)),
    equality={"gender": {"woman": 20, "man": 15, "other_gender": None}},
    moderated=(WordsModerated(1, "reason", True, 3), WordsModerated(1, "reason", False, 1)),
)
