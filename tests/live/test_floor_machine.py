"""Anything that desks and phones can say, in any order, twice, late and after a restart: only what the rules allow."""

import itertools
import shutil
from collections import Counter
from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import inspect, select, text

from live import messages
from live.acts import ACTS, perform
from live.ballot_box import Counted, write_ballots
from live.choices import choice_from
from live.cues import cue_of
from live.hearing import HEARD, hear
from live.messages.reading import Parsed
from live.models import Performance, Round, Step
from live.performance import as_it_happened
from live.queries import section_by_id
from live.rules import Cast, digest_of
from live.talk.models import FloorText
from live.voting import SeatHolder
from scenario_app.kernel.config import Config
from scenario_app.kernel.database import Database
from scenario_app.kernel.errors import DomainError
from scenarios.queries import script_of_version
from scenarios.script.parts import Scene
from tests.makers import make_floor, make_town

NUMBERS = st.integers(1, 6)
WORDS = st.sampled_from(["A quiet room", "Ask her first", "It is not done here"])
KEYS = st.sampled_from(["a", "b", "c", "f1", "yes", "no", "z"])
# What a field can hold: mostly what could be right, sometimes what is not.
VALUES = {
    "kind": st.sampled_from(["choose_one", "approve", "scale", "rank", "proposal", "worries", "amendment"]),
    "about": st.sampled_from(["decision", "decision", "believable", "scale", "proposal"]),
    "tie_rule": st.sampled_from([None, "first_listed", "as_it_happened", "joker_decides"]),
    "passing_rule": st.sampled_from(["majority", "two_thirds", "consent"]),
    "decision": st.sampled_from([None, None, "d1", "nowhere"]),
    "response": KEYS,
    "merge_into": st.sampled_from([None, "a", "f1"]),
    "verdict": st.sampled_from(["here", "magic", "unsure", "approve", "decline"]),
    "what": st.sampled_from(
        ["result", "roles", "path", "reasons", "proposals", "commitments", "blank", "no"]
    ),
    "question": st.sampled_from(["heard_before", "excites", "worries", "steps"]),
    "means": st.sampled_from(["hands", "paper"]),
    "votes": st.dictionaries(KEYS, st.integers(0, 40), min_size=1, max_size=3),
    "heads": st.integers(0, 200),
    "part": st.sampled_from([None, "Ada", "The officer"]),
    "role": st.sampled_from([None, "carer", "police", "nobody"]),
    "possible_here": st.sampled_from([None, "yes", "no", "unsure"]),
    "owner": st.sampled_from([None, "Cleo"]),
    "why": st.sampled_from([None, "There is no money"]),
    "line": st.sampled_from([None, 1, 2, 99]),
    "where": st.sampled_from([None, "row F"]),
    "digest": st.just("0" * 32),
    "leads_to": st.none(),
}


class FloorMachine(RuleBasedStateMachine):
    """One section, two desks and some phones; beside it a plain model of what was acknowledged."""

    base = Path()
    base_town = None
    now = None

    @initialize()
    def begin(self) -> None:
        # A file of its own for each example, so that the same choices always meet the same numbers.
        file = self.base.with_name(f"example-{next(SERIAL)}.db")
        shutil.copy(self.base, file)
        self.database_url = f"sqlite:///{file}"
        self.database = Database(self.database_url)
        self.town = replace(self.base_town, database=self.database)
        self.floor = make_floor(self.town, now=type(self).now)
        self.floor.act(messages.SetDoor, open=True)
        self.seats = self.floor.sit(None, "carer", "police", None)
        self.scenes = self._script().scenes
        self.acknowledged: dict[int, dict[int, tuple[int, str]]] = {}
        self.sent: list[Cast] = []
        self.taps = itertools.count(1)
        self.looked = self._section().cue_seq

    # --- desks ------------------------------------------------------------------------------------------

    @rule(data=st.data(), kind=st.sampled_from(sorted([*ACTS, messages.Undo], key=lambda it: it.name)))
    def a_desk_does_anything(self, data, kind) -> None:
        values = {
            field.name: data.draw(self._value(field.name, field), label=field.name)
            for field in fields(kind)
            if field.name != "expects"
        }
        self._act(kind, self._section().cue_seq, values)

    @rule(kind=st.sampled_from([messages.GoOn, messages.OpenRound, messages.EndPerformance]))
    def another_desk_acts_on_what_it_saw_a_while_ago(self, kind) -> None:
        before, seen = self._everything(), self.looked
        if seen == self._section().cue_seq:
            return
        with pytest.raises(DomainError):
            self._perform(kind(expects=seen))
        assert self._everything() == before

    @rule()
    def the_other_desk_looks(self) -> None:
        self.looked = self._section().cue_seq

    @rule(kind=st.sampled_from(["choose_one", "approve", "rank"]))
    def the_evening_goes_on(self, kind) -> None:
        """What a facilitator would do next: without it, a machine of accidents never gets past the first scene."""
        section = self._section()
        current = section.current
        action, fields_ = {
            "waiting": (messages.StartPerformance, {"performance_id": section.performances[0].id}),
            "playing": (messages.OpenRound, {"kind": kind}),
            "interventions": (messages.OpenRound, {"kind": kind}),
            "deciding": (messages.CloseRound, {"round_id": current and current.round_id}),
            "closed": (messages.Reveal, {"round_id": current and current.round_id}),
            "revealed": (messages.TakeBranch, {"round_id": current and current.round_id}),
            "ended": (messages.ReplayFrom, {"scene": self.scenes[0].key, "stops": True}),
        }[self._state()]
        if self._state() == "deciding":
            for seat, response in zip(self.seats, RIGHT[self._kind()], strict=True):
                cast = Cast(
                    seat.id,
                    seat.section_id,
                    current.round_id,
                    response,
                    f"tap-{next(self.taps):06}",
                    5,
                )
                self.sent.append(cast)
                self._cast(cast)
        self._act(action, section.cue_seq, fields_)

    @rule(kind=st.sampled_from(["choose_one", "choose_one", "approve"]))
    def and_on(self, kind) -> None:
        self.the_evening_goes_on(kind)

    @rule()
    def and_on_from_scene_to_scene(self) -> None:
        self._act(messages.GoOn, self._section().cue_seq, {})
        self.the_evening_goes_on("choose_one")

    # --- phones -----------------------------------------------------------------------------------------

    @rule(
        seat=st.integers(0, 3),
        response=st.sampled_from(["a", "b", "c", "+a+b", "+", "=3", ">b>a", "yes", "f1", "z"]),
        rev=st.integers(1, 3),
    )
    def a_phone_votes(self, seat, response, rev) -> None:
        round_id = self._last_round()
        if round_id is None:
            return
        holder = self.seats[seat]
        cast = Cast(holder.id, holder.section_id, round_id, response, f"tap-{next(self.taps):06}", rev)
        self.sent.append(cast)
        self._cast(cast)

    @precondition(lambda self: bool(self.sent))
    @rule(data=st.data())
    def a_phone_says_the_same_again(self, data) -> None:
        self._cast(data.draw(st.sampled_from(self.sent)))

    @rule(data=st.data(), seat=st.integers(0, 3), kind=st.sampled_from(sorted(HEARD, key=lambda it: it.name)))
    def a_phone_says_anything_twice(self, data, seat, kind) -> None:
        holder = self.seats[seat]
        values = {
            field.name: data.draw(self._value(field.name, field), label=field.name)
            for field in fields(kind)
            if field.name != "key"
        }
        message = kind(key=f"say-{next(self.taps):06}", **values)
        cue = self._section().cue_seq
        who = SeatHolder(holder.id, holder.section_id, holder.code, holder.role)
        for _time in range(2):
            before = self._everything()
            try:
                with self.database.transaction() as session:
                    hear(session, seat=who, message=message, now=self.floor.now)
            except DomainError:
                assert self._everything() == before
            else:
                DONE[kind.name] += 1
        assert self._section().cue_seq == cue, "nothing that a phone says moves the play"

    @rule()
    def the_server_starts_again(self) -> None:
        self.database.close()
        self.database = self.town.database = Database(self.database_url)

    # --- what must always hold --------------------------------------------------------------------------

    @invariant()
    def every_acknowledged_ballot_is_there_once(self) -> None:
        if not hasattr(self, "acknowledged"):
            return
        with self.database.reading() as session:
            for round_id, ballots in self.acknowledged.items():
                rows = session.execute(
                    text("SELECT seat_id, rev, response FROM ballot WHERE round_id = :round"),
                    {"round": round_id},
                ).all()
                assert {row.seat_id: (row.rev, row.response) for row in rows} == ballots

    @invariant()
    def the_path_is_the_one_that_ballots_and_reasons_lead_to(self) -> None:
        if not hasattr(self, "floor"):
            return
        with self.database.reading() as session:
            for played in session.scalars(
                select(Performance).where(Performance.section_id == self.floor.section_id)
            ):
                self._check_path(session, played)

    @invariant()
    def the_cue_can_be_drawn_and_says_nothing_before_the_reveal(self) -> None:
        if not hasattr(self, "floor"):
            return
        with self.database.reading() as session:
            cue = cue_of(session, self.floor.section_id)
            open_rounds = session.scalars(
                select(Round)
                .join(Performance, Performance.id == Round.performance_id)
                .where(Performance.section_id == self.floor.section_id, Round.closed_at.is_(None))
            ).all()
        assert len(open_rounds) <= 1
        assert (cue.result is not None) == (cue.round is not None and cue.round.state == "revealed")
        if cue.performance is not None and cue.performance.state == "deciding":
            assert cue.round is not None
            assert cue.round.state == "open"

    def teardown(self) -> None:
        if hasattr(self, "database"):
            self.database.close()

    # --- how it is done ---------------------------------------------------------------------------------

    def _value(self, name, field):
        if name in VALUES:
            return VALUES[name]
        if name == "scene" or name == "to":
            return st.sampled_from([scene.key for scene in self.scenes] + ["nowhere"])
        if name == "performance_id":
            return st.sampled_from([p.id for p in self._section().performances] + [9999])
        if name == "round_id":
            last = self._last_round()
            return st.sampled_from([9999] if last is None else [last, last, last, 9999])
        if name == "due":
            return st.sampled_from([None, (type(self).now + timedelta(days=90)).date()])
        if field.type in (bool, "bool"):
            return st.booleans()
        if name in TABLES:
            with self.database.reading() as session:
                found = list(session.scalars(text(f"SELECT id FROM {TABLES[name]} ORDER BY id DESC LIMIT 6")))
            there = st.sampled_from([*found, *found, 9999])
            return st.one_of(there, st.none()) if field.default is None else there
        if name.endswith("_id"):
            return st.one_of(NUMBERS, st.none()) if field.default is None else NUMBERS
        return st.one_of(WORDS, st.none()) if field.default is None else WORDS

    def _act(self, kind, expects, values) -> None:
        before = self._everything()
        if "digest" in values:
            with self.database.reading() as session:
                words = session.scalar(select(FloorText.text).where(FloorText.id == values["text_id"]))
            values["digest"] = digest_of(words or "")
        try:
            seq = self._perform(kind(expects=expects, **values))
        except DomainError:
            assert self._everything() == before, f"{kind.name} was refused and changed something"
            return
        DONE[kind.name] += 1
        if seq == expects:
            return
        if kind is not messages.Undo:
            self._undo_once_in_a_while(before, seq)

    def _undo_once_in_a_while(self, before, seq) -> None:
        """Every seventh time, take it back at once: if that is allowed, everything is as it was."""
        if seq % 7:
            return
        try:
            self._perform(messages.Undo(expects=seq))
        except DomainError:
            return
        DONE[messages.Undo.name] += 1
        assert self._everything() == before

    def _perform(self, action: Parsed) -> int:
        with self.database.transaction() as session:
            return perform(
                session,
                section_id=self.floor.section_id,
                action=action,
                account_id=self.town.account("fay").id,
                now=self.floor.now,
                threshold=8,
            )

    def _cast(self, cast: Cast) -> None:
        with self.database.transaction() as session:
            (outcome,) = write_ballots(session, [cast], key=self.town.config.secret_key)
        kept = self.acknowledged.setdefault(cast.round_id, {})
        if not isinstance(outcome, Counted):
            return
        there = kept.get(cast.seat_id)
        if there is None or cast.rev > there[0]:
            with self.database.reading() as session:
                round_ = session.get_one(Round, cast.round_id)
                assert round_.closed_at is None, "no ballot is taken after the close"
                assert choice_from(cast.response).fits(round_.kind, round_.responses)
            kept[cast.seat_id] = (cast.rev, cast.response)
        else:
            # The same tap once more: it was counted before, and is what it was.
            assert cast in self.sent

    def _check_path(self, session, played) -> None:
        script = script_of_version(session, played.version_id)
        steps = session.scalars(
            select(Step)
            .where(Step.performance_id == played.id, Step.attempt == played.attempt)
            .order_by(Step.position)
        ).all()
        at = script.start
        for position, step in enumerate(steps, 1):
            assert step.position == position
            assert step.scene in self._straight_on(script, at, played.attempt)
            round_ = session.get_one(Round, step.round_id)
            assert round_.closed_at is not None
            assert not round_.practice
            assert (round_.decision, round_.performance_id) == (step.decision, played.id)
            if step.overruled:
                assert step.reason
            else:
                assert step.response == round_.winner
            place = script.at(step.scene)
            assert isinstance(place, Scene)
            if not step.leads_to.startswith("~"):
                wanted = place.decision.response(step.response) if place.decision else None
                assert wanted is None or wanted.target == step.leads_to
            at = step.leads_to
        if played.scene is not None:
            assert played.scene in self._straight_on(script, at, played.attempt)

    def _straight_on(self, script, scene, attempt) -> set[str]:
        """Every place that can be come to from here without a vote; the first time, as it happened."""
        if scene.startswith("~"):
            # After an improvised scene the play goes on wherever the joker says.
            return {scene, *(one.key for one in script.scenes), *(one.key for one in script.endings)}
        found = {scene}
        while isinstance(place := script.at(scene), Scene):
            happened = as_it_happened(place) if attempt == 1 else None
            onward = place.arrow.target if place.arrow is not None else happened
            if onward is None:
                break
            scene = onward
            found.add(scene)
        return found

    def _script(self):
        with self.database.reading() as session:
            section = section_by_id(session, self.floor.section_id)
            return script_of_version(session, section.performances[0].version_id)

    def _section(self):
        with self.database.reading() as session:
            return section_by_id(session, self.floor.section_id)

    def _state(self) -> str:
        current = self._section().current
        return current.state if current else "waiting"

    def _kind(self) -> str:
        with self.database.reading() as session:
            return session.get_one(Round, self._last_round()).kind

    def _last_round(self) -> int | None:
        with self.database.reading() as session:
            return session.scalar(
                select(Round.id)
                .join(Performance, Performance.id == Round.performance_id)
                .where(Performance.section_id == self.floor.section_id)
                .order_by(Round.id.desc())
                .limit(1)
            )

    def _everything(self) -> dict[str, list[str]]:
        with self.database.reading() as session:
            tables = set(inspect(session.connection()).get_table_names())
            tables -= {"audit_entry", "undoable", "alembic_version"}
            return {
                name: sorted(
                    str({key: value for key, value in row.items() if key not in ("cue_seq", "talk_seq")})
                    for row in session.execute(text(f"SELECT * FROM {name}")).mappings()
                )
                for name in sorted(tables)
                if name not in UNTOUCHED
            }


SERIAL = itertools.count(1)
# Four ballots that a round of each kind can take.
RIGHT = {
    "choose_one": ["a", "b", "b", "c"],
    "approve": ["+a", "+a+b", "+", "+b"],
    "rank": [">a>b", ">b", ">b>a", ">c>a"],
    "scale": ["=1", "=4", "=4", "=5"],
}
# Where a number in a message is looked up.
TABLES = {
    "proposal_id": "proposal",
    "commitment_id": "commitment",
    "intervention_id": "intervention",
    "stop_id": "stop",
    "minute_id": "minute_call",
    "text_id": "floor_text",
}
# How often each action was done and not refused: a machine that is always refused proves nothing.
DONE: Counter[str] = Counter()
# Tables of other packages, which no desk and no phone can reach.
UNTOUCHED = {"scenario_version", "scenario", "draft", "pathway", "stage", "story", "story_revision"}


@pytest.mark.slow
def test_whatever_is_said_on_the_floor_only_what_the_rules_allow_comes_of_it(
    tmp_path, migrated_sqlite, clock
):
    config = Config(data_dir=tmp_path, secret_key="a-secret-that-only-the-tests-know-0123456789")
    file = tmp_path / "machine.db"
    shutil.copy(migrated_sqlite, file)
    database = Database(f"sqlite:///{file}")
    town = make_town(database, config, now=clock())
    database.close()

    class Machine(FloorMachine):
        base = file
        base_town = town
        now = clock()

    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=16,
            stateful_step_count=50,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        ),
    )
    assert {"start_performance", "open_round", "close_round", "reveal", "take_branch", "undo"} <= set(DONE)
