"""The desk of a section. Everything works as plain forms; scripts only make it quicker."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from live.assembly_views import AssemblyPanel, assembly_panel
from live.floor import DESK_TOKEN, desk_rights, floor, may_desk, public_address, section_at
from live.forms import desk_action
from live.messages import DESK_ACTIONS
from live.moment import is_improvised
from live.performance import as_it_happened, replayable
from live.preparing.readiness import Lacking, NotReady
from live.preparing.running_order import OrderPanel, order_panel
from live.queries import (
    SectionView,
    leads,
    seats_in,
)
from live.rules import NotAllowed, Right, StaleCue
from live.talk_views import TalkPanel, talk_panel
from live.undoing import last_undoable
from live.vote_views import DeskVotes, desk_votes
from live.vote_words import in_own_words
from live.words import action_words, group_labels, tie_rule_words
from scenario_app.accounts.access import needs, require_account
from scenario_app.accounts.rules import Duty
from scenario_app.kernel.context import config, now, reading
from scenario_app.kernel.errors import Invalid
from scenario_app.kernel.tokens import shown_door_code, signed
from scenarios.queries import script_of, version
from scenarios.script.script import Script

blueprint = Blueprint("desk", __name__, template_folder="templates", url_prefix="/desk")


@dataclass(frozen=True, slots=True)
class DeskPage:
    """One section being run."""

    section: SectionView
    shown_code: str
    cue: Mapping[str, object]
    order: OrderPanel
    may: frozenset[str]
    lacking: Sequence[Lacking]
    decides: str
    may_play_as_it_happened: bool
    replayable: Sequence[tuple[str, str]]
    tie_words: str
    token: str
    seats: int
    screen_address: str
    tie_rules: Mapping[str, str]
    groups: Mapping[str, str]
    problem: str
    rights: frozenset[Right]
    leads: bool
    undo: str
    talk: TalkPanel
    assembly: AssemblyPanel
    votes: DeskVotes


@blueprint.get("/sections/<code>")
@needs(Duty.FACILITATOR)
def section(code: str) -> str:
    """Show the desk of a section."""
    return _desk(_section(code))


@blueprint.post("/sections/<code>/<name>")
@needs(Duty.FACILITATOR)
def act(code: str, name: str) -> Response | tuple[str, int]:
    """Do one desk action that came by plain form: the same call as on the socket."""
    found = _section(code)
    try:
        floor().act(
            section_id=found.id, action=desk_action(name, request.form), account_id=require_account().id
        )
    except StaleCue:
        flash(
            _("Another desk acted first. Nothing was done twice: this is where the performance stands now.")
        )
    except NotReady as refusal:
        return _desk(found, problem=refusal.code, lacking=refusal.reasons), refusal.status
    except (NotAllowed, Invalid) as refusal:
        return _desk(found, problem=refusal.code), refusal.status
    return redirect(url_for(".section", code=found.code))


# --- what the pages share -------------------------------------------------------------------------------


def _desk(found: SectionView, problem: str = "", lacking: Sequence[Lacking] = ()) -> str:
    account = require_account()
    token = signed(
        {"account": account.id, "epoch": account.epoch, "section": found.code},
        key=config().secret_key,
        purpose=DESK_TOKEN,
    )
    cue = in_own_words(floor().announcer.cue(found.id))
    with reading() as session:
        playing = found.current or (found.performances[0] if found.performances else None)
        script = script_of(version(session, playing.version_id)) if playing else None
        seats = seats_in(session, found.id)
        rights = desk_rights(session, account, found)
        leading = account.has(Duty.OWNER) or leads(session, event_id=found.event_id, account_id=account.id)
        again = replayable(session, playing.id) if playing and playing.scene else []
        undo = last_undoable(session, section_id=found.id, seq=found.cue_seq, held=rights, now=now())
        talk = talk_panel(session, found, cue)
        assembly = assembly_panel(session, found.id)
        votes = desk_votes(session, section_id=found.id, performance=playing, script=script)
        order = order_panel(session, found, now=now())
    page = DeskPage(
        section=found,
        shown_code=shown_door_code(found.code),
        cue=cue,
        order=order,
        may=frozenset(action.name for action in DESK_ACTIONS if action.right in rights),
        lacking=lacking,
        decides=votes.decides,
        replayable=again,
        may_play_as_it_happened=bool(
            script and playing and playing.scene and playing.attempt == 1 and _happened(script, playing.scene)
        ),
        tie_words=tie_rule_words()[playing.tie_rule] if playing else "",
        token=token,
        seats=seats,
        screen_address=screen_address(found),
        tie_rules=tie_rule_words(),
        groups=group_labels(),
        problem=problem,
        rights=rights,
        leads=leading,
        undo=action_words().get(undo, undo) if undo else "",
        talk=talk,
        assembly=assembly,
        votes=votes,
    )
    return render_template("live/desk.html", page=page)


def _happened(script: Script, scene: str) -> bool:
    return not is_improvised(scene) and as_it_happened(script.at(scene)) is not None


def screen_address(section: SectionView) -> str:
    """Return the link that lets its holder watch what the hall sees."""
    return public_address(url_for("live.screen", code=section.code, key=section.screen_key))


def _section(code: str) -> SectionView:
    found = section_at(code)
    with reading() as session:
        if not may_desk(session, require_account(), found):
            raise NotAllowed
    return found
