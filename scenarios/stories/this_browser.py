"""Which story this browser may write on: a sealed cookie, good for twelve hours, that nobody can read or guess."""

from flask import request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from scenario_app.kernel.context import config
from scenario_app.kernel.tokens import sealed, unsealed
from scenarios.stories.queries import NoSuchStory, StoryView, story_by_code

COOKIE = "story"
COOKIE_SECONDS = 12 * 3600


class NoStoryHere(NoSuchStory):
    """This browser has no story open: the six words bring it back."""

    code = "no_story_here"


def code_here() -> str | None:
    """Return the six words of the story that this browser has open."""
    token = request.cookies.get(COOKIE, "")[:600]
    if not token:
        return None
    return unsealed(token, key=config().secret_key, purpose=COOKIE, max_age_seconds=COOKIE_SECONDS)


def story_here(session: Session) -> StoryView | None:
    """Return the story that this browser has open, if it is still there."""
    code = code_here()
    if code is None:
        return None
    try:
        return story_by_code(session, code=code, key=config().secret_key)
    except NoSuchStory:  # a draft that nobody came back to is erased
        return None


def require_story(session: Session) -> StoryView:
    """Return the story that this browser has open.

    :raises NoStoryHere: it has none
    """
    found = story_here(session)
    if found is None:
        raise NoStoryHere
    return found


def remember(response: Response, code: str) -> None:
    """Let this browser write on the story of this code, for twelve hours from now."""
    response.set_cookie(
        COOKIE,
        sealed(code, key=config().secret_key, purpose=COOKIE),
        max_age=COOKIE_SECONDS,
        httponly=True,
        secure=request.is_secure,
        samesite="Lax",
    )


def forget(response: Response) -> None:
    """Close the story on this browser."""
    response.delete_cookie(COOKIE, httponly=True, secure=request.is_secure, samesite="Lax")
