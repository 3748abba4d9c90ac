"""Build the application: the only module that knows every package."""

from pathlib import Path

from flask import Flask
from jinja2 import StrictUndefined

import evidence.across.views
import evidence.answer_views
import evidence.api
import evidence.catalogue_views
import evidence.chain_views
import evidence.change_views
import evidence.check_views
import evidence.collection_views
import evidence.equality.views
import evidence.letter_views
import evidence.publish_views
import evidence.story_views
import live.wiring
import scenarios.api
import scenarios.form_views
import scenarios.stories.return_views
import scenarios.stories.review_views
import scenarios.stories.views
import scenarios.together.sense_views
import scenarios.together.suggestion_views
import scenarios.together.views
import scenarios.together.weave_views
import scenarios.views
from evidence.key_file import signing_key
from evidence.letter_watch import LetterWatch
from evidence.packer import Packer
from scenario_app import openapi, pages
from scenario_app.accounts import access
from scenario_app.accounts import views as accounts_views
from scenario_app.kernel import http, language, local_network, public_json, security
from scenario_app.kernel.clock import Clock, utc_now
from scenario_app.kernel.config import Config
from scenario_app.kernel.context import House, furnish
from scenario_app.kernel.database import Database
from scenario_app.kernel.static_files import StaticFiles
from scenarios.stories.watch import UrgentWatch

HERE = Path(__file__).parent
# A page about the weather: what somebody might plausibly be looking at.
LEAVE_URL = "https://www.bbc.co.uk/weather"


def create_app(config: Config, *, database: Database | None = None, clock: Clock = utc_now) -> Flask:
    """Return the whole application on one configuration.

    Touches no table and opens no connection: `scenario-app migrate` comes before it.
    """
    app = Flask(__name__, template_folder="templates", static_folder=None)
    signing_key(config)  # one that cannot be used stops us now, not somebody who takes a story back
    house = House(config=config, database=database or Database(config.database_url), clock=clock)
    furnish(app, house)
    security.secure(app, config)
    local_network.fence(app, config)
    http.answer_refusals(app)
    public_json.open_to_reading(app)
    access.guard(app)
    _templates(app, config)
    for feature in (
        pages,
        openapi,
        accounts_views,
        scenarios.views,
        scenarios.form_views,  # with the pages of review_views, whose room it shares
        scenarios.together.views,
        scenarios.together.suggestion_views,
        scenarios.together.sense_views,
        scenarios.together.weave_views,
        scenarios.stories.views,
        scenarios.stories.return_views,
        scenarios.stories.review_views,
        scenarios.api,
        evidence.equality.views,
        evidence.catalogue_views,  # with collection_views, publish_views and api: the pages of views
        evidence.story_views,
        evidence.answer_views,
        evidence.change_views,
        evidence.chain_views,
        evidence.letter_views,
        evidence.across.views,
        evidence.check_views,
    ):
        app.register_blueprint(feature.blueprint)
    live.wiring.install(app, house)
    app.extensions["packer"] = Packer(
        house.database, clock=clock, threshold=config.suppress_below, key=lambda: signing_key(config)
    )
    UrgentWatch(app, house.database, config, clock).serve()
    LetterWatch(app, house.database, config, clock).serve()
    app.wsgi_app = security.Headers(app.wsgi_app)  # type: ignore[method-assign]
    security.trust_proxies(app, config)
    return app


def _templates(app: Flask, config: Config) -> None:
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    files = StaticFiles(HERE.parent / "static", config.data_dir / "static")
    app.wsgi_app = files.serve(app.wsgi_app)  # type: ignore[method-assign]
    app.extensions["catalogues"] = HERE / "translations"
    language.speak(
        app,
        catalogues=HERE / "translations",
        compiled=config.data_dir / "translations",
        time_zone=config.time_zone,
    )
    app.jinja_env.globals.update(
        static=files.address,
        menu=pages.menu,
        site_name=config.site_name,
        # Without internet, another site would be an error page: an empty one is as quick and as plain.
        leave_url="about:blank" if config.lan else LEAVE_URL,
        help_lines=config.help_lines,
        signed_in=access.current_account,
        staff_menu=pages.staff_menu,
        urgent_stories=pages.urgent_stories,
        story_trail=evidence.story_views.trail_here,
        story_came_of=evidence.story_views.came_of_here,
        story_letters=evidence.letter_views.letters_here,
    )
