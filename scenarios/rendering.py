"""A script together with the HTML of its scenes, rendered once, when a version is saved."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from scenario_app.kernel.markdown import clean_html
from scenarios.script.script import Script


@dataclass(frozen=True, slots=True)
class RenderedScript:
    """A script and the clean HTML of each of its scenes and endings, by key. Made by `render_script`."""

    script: Script
    html_by_scene: Mapping[str, str]


def forget_rendered() -> None:
    """Let go of the scripts that this process keeps rendered."""
    render_script.cache_clear()


@lru_cache(maxsize=32)
def render_script(script: Script) -> RenderedScript:
    """Return the script with its HTML. Starts a process, about 0.1 s; call it outside of every transaction.

    The same script gives the same HTML, so asking again costs nothing.

    :raises scenario_app.kernel.markdown.TooMuchMarkup: `Script.problems` says where
    :raises scenario_app.kernel.markdown.RenderingTooSlow: the renderer was stopped
    """
    places = {place.key: place for place in reversed(script.reading.places)}
    rendered = clean_html([place.body for place in places.values()])
    return RenderedScript(script, MappingProxyType(dict(zip(places, rendered, strict=True))))
