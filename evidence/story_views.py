"""A teller sees what became of a story, and takes it back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from evidence.key_file import signing_key
from evidence.loop.tracker import PromiseTold, ProposalTold
from evidence.loop_words import standing_words, verdict_words
from evidence.trail import Woven, came_of, trail_of
from evidence.withdrawal import withdraw_story
from scenario_app.accounts.access import open_to_all
from scenario_app.kernel.context import config, house, now, reading
from scenario_app.kernel.database import StorageUnavailable
from scenarios.stories.rules import StoryClosed, StoryState
from scenarios.stories.this_browser import require_story

blueprint = Blueprint("story_ends", __name__, template_folder="templates")


@dataclass(frozen=True, slots=True)
class TakeBackPage:
    """What taking a story back would touch; `unsure` after a sending without the tick."""

    trail: list[Woven]
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class CameOfPage:
    """What was promised and proposed after a story was played, with the words for it; `key` names it in the chain."""

    key: str
    promises: Sequence[PromiseTold]
    proposals: Sequence[ProposalTold]
    standings: Mapping[str, str]
    verdicts: Mapping[str, str]


def came_of_here(story_id: int) -> CameOfPage | None:
    """Return what came of a story, for the teller's own page; None while it is in no play."""
    with reading() as session:
        came = came_of(session, story_id, key=config().secret_key, today=now().date())
    return (
        CameOfPage(came.key, came.promises, came.proposals, standing_words(), verdict_words())
        if came
        else None
    )


def trail_here(story_id: int) -> list[Woven]:
    """Return what became of a story, for the teller's own page."""
    with reading() as session:
        return trail_of(session, story_id)


@blueprint.get("/stories/mine/take-back")
@open_to_all
def ask() -> str | Response:
    """Say what taking the story back does, and what it cannot do."""
    with reading() as session:
        story = require_story(session)
        trail = trail_of(session, story.id)
    if story.state is StoryState.WITHDRAWN:
        return redirect(url_for("story_returns.mine"))
    return render_template("evidence/take_back.html", page=TakeBackPage(trail))


@blueprint.post("/stories/mine/take-back")
@open_to_all
def take_back() -> Response | tuple[str, int]:
    """Take the story back."""
    with reading() as session:
        story = require_story(session)
        trail = trail_of(session, story.id)
    if request.form.get("sure") != "yes":
        return render_template("evidence/take_back.html", page=TakeBackPage(trail, unsure=True)), 422
    if story.state is not StoryState.WITHDRAWN:
        try:
            withdraw_story(house().database, story_id=story.id, now=now(), key=partial(signing_key, config()))
        except StoryClosed:
            pass  # taken back at the same moment, with another tap: it is done
        except StorageUnavailable:
            # Nothing was changed, or everything was but the folding of the log, which the next purge repeats.
            with reading() as session:
                if require_story(session).state is not StoryState.WITHDRAWN:
                    raise
            current_app.logger.warning("deleted words are still in the database's log; purge folds it")
    return redirect(url_for("story_returns.taken_back"))
