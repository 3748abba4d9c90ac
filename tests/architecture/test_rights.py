"""Who may see what: every route stands here with everybody who may, and a route without a row fails the build."""

import pytest

from scenario_app.accounts.access import EVERYBODY, access_of
from tests.application import client_of, make_app
from tests.makers import make_floor, make_town

ALL = "everybody"
FAC = "facilitator owner"
MOD = "moderator owner"
STE = "steward owner"
COM = "commissioner owner"
WRI = "moderator co-writer owner"

# method, route: who may
RIGHTS = {
    "GET /": ALL,
    "GET /about": ALL,
    "GET /help-now": ALL,
    "GET /privacy": ALL,
    "GET /accessibility": ALL,
    "GET /language/<code>": ALL,
    "GET /healthz": ALL,
    "GET /readyz": ALL,
    "GET /metrics": ALL,
    "GET /sign-in": ALL,
    "POST /sign-in": ALL,
    "GET /sign-in/code": ALL,
    "POST /sign-in/code": ALL,
    "POST /sign-out": ALL,
    "GET /scenarios": ALL,
    "GET /scenarios/<slug>": ALL,
    "GET /scenarios/<slug>.md": ALL,
    "GET /scenarios/<slug>.twee": ALL,
    "GET /api/v1/scenarios": ALL,
    "GET /api/v1/scenarios/<slug>": ALL,
    "GET /stories/new": ALL,
    "POST /stories/new": ALL,
    "GET /stories/new/<question>": ALL,
    "POST /stories/new/<question>": ALL,
    "GET /stories/new/check": ALL,
    "POST /stories/new/check": ALL,
    "GET /stories/new/sent": ALL,
    "GET /stories/return": ALL,
    "POST /stories/return": ALL,
    "GET /stories/mine": ALL,
    "POST /stories/mine/reply": ALL,
    "POST /stories/mine/uses": ALL,
    "POST /stories/letter": ALL,
    "GET /stories/leave": ALL,
    "GET /at/<code>/about-you": ALL,
    "POST /at/<code>/about-you": ALL,
    "PUT /api/v1/story/<question>": ALL,
    "POST /api/v1/drafts": MOD,
    "PUT /api/v1/drafts/<int:draft_id>": WRI,
    "GET /reviews": WRI,
    "GET /reviews/scripts/new": MOD,
    "POST /reviews/scripts/new": MOD,
    "POST /reviews/scripts/upload": MOD,
    "POST /reviews/scenarios/<slug>/edit": MOD,
    "GET /reviews/scripts/<int:draft_id>": WRI,
    "POST /reviews/scripts/<int:draft_id>": WRI,
    "POST /reviews/scripts/<int:draft_id>/publish": MOD,
    "POST /reviews/scripts/new/form": MOD,
    "GET /reviews/scripts/<int:draft_id>/form": WRI,
    "POST /reviews/scripts/<int:draft_id>/form": WRI,
    "GET /reviews/scripts/<int:draft_id>/form/<int:number>": WRI,
    "POST /reviews/scripts/<int:draft_id>/form/<int:number>": WRI,
    "GET /scenarios/<slug>/play": ALL,
    "GET /reviews/scripts/<int:draft_id>.md": WRI,
    "GET /reviews/scripts/<int:draft_id>/earlier/<int:revision>": WRI,
    "GET /reviews/scripts/<int:draft_id>/people": WRI,
    "POST /reviews/scripts/<int:draft_id>/invitations": MOD,
    "POST /reviews/scripts/<int:draft_id>/invitations/<int:invitation_id>/take-back": MOD,
    "POST /reviews/scripts/<int:draft_id>/people/<int:account_id>/remove": MOD,
    "POST /reviews/scripts/<int:draft_id>/credit": WRI,
    "GET /reviews/scripts/<int:draft_id>/history": WRI,
    "POST /reviews/scripts/<int:draft_id>/merge": WRI,
    "GET /reviews/scripts/<int:draft_id>/suggestions": WRI,
    "POST /reviews/scripts/<int:draft_id>/suggestions": WRI,
    "POST /reviews/scripts/<int:draft_id>/suggestions/<int:suggestion_id>": WRI,
    "POST /scenarios/<slug>/sense": ALL,
    "POST /reviews/stories/<int:story_id>/weave": MOD,
    "GET /reviews/scripts/<int:draft_id>/stories": WRI,
    "POST /reviews/scripts/<int:draft_id>/stories": MOD,
    "GET /reviews/sense-checks": MOD,
    "POST /reviews/sense-checks/<int:sense_check_id>": MOD,
    "GET /stories/mine/take-back": ALL,
    "POST /stories/mine/take-back": ALL,
    "GET /stories/taken-back": ALL,
    "GET /co-write/<token>": ALL,
    "POST /co-write/<token>": ALL,
    "GET /sign-in/words": ALL,
    "POST /sign-in/words": ALL,
    "GET /reviews/pathways/new": MOD,
    "POST /reviews/pathways/new": MOD,
    "GET /reviews/stories": MOD,
    "GET /reviews/stories/<int:story_id>": MOD,
    "POST /reviews/stories/<int:story_id>/claim": MOD,
    "POST /reviews/stories/<int:story_id>/hand-over": MOD,
    "POST /reviews/stories/<int:story_id>/edit": MOD,
    "POST /reviews/stories/<int:story_id>/approve": MOD,
    "POST /reviews/stories/<int:story_id>/second": MOD,
    "POST /reviews/stories/<int:story_id>/decline": MOD,
    "POST /reviews/stories/<int:story_id>/urgent": MOD,
    "POST /reviews/stories/<int:story_id>/take-urgent": MOD,
    "GET /reviews/danger-words": MOD,
    "POST /reviews/danger-words": MOD,
    "POST /reviews/danger-words/remove": MOD,
    "GET /moderation-log": ALL,
    "GET /evidence/public-key": ALL,
    "GET /evidence/verify": ALL,
    "GET /evidence/receipt": ALL,
    "POST /evidence/receipt": ALL,
    "GET /evidence/<reference>/workbook.xlsx": ALL,
    "GET /evidence/<reference>/report.pdf": ALL,
    "GET /events": ALL,
    "GET /events/<slug>": ALL,
    "GET /events/<slug>.ics": ALL,
    "GET /events/<slug>/<int:position>.ics": ALL,
    "GET /join": ALL,
    "GET /join/<code>": ALL,
    "POST /join/<code>": ALL,
    "GET /at/<code>": ALL,
    "POST /at/<code>": ALL,
    "POST /desk/events/<slug>/rehearse": FAC,
    "POST /desk/events/<slug>/end-rehearsal": FAC,
    "POST /desk/crowd/<code>": FAC,
    "GET /events/<slug>/alone": ALL,
    "GET /events/<slug>/alone/<int:performance_id>": ALL,
    "POST /events/<slug>/alone/<int:performance_id>": ALL,
    "POST /at/<code>/words": ALL,
    "POST /at/<code>/reason": ALL,
    "POST /at/<code>/suggestion": ALL,
    "POST /at/<code>/stop": ALL,
    "POST /at/<code>/hand-down": ALL,
    "POST /at/<code>/weigh": ALL,
    "GET /at/<code>/minute": ALL,
    "POST /at/<code>/minute": ALL,
    "POST /at/<code>/minute-over": ALL,
    "GET /at/<code>/leaving": ALL,
    "POST /at/<code>/leaving": ALL,
    "GET /screen/<code>": ALL,
    "GET /desk": FAC,
    "GET /desk/events/new": FAC,
    "POST /desk/events/new": FAC,
    "GET /desk/events/<slug>": FAC,
    "POST /desk/events/<slug>/close": FAC,
    "GET /desk/events/<slug>/edit": FAC,
    "POST /desk/events/<slug>/edit": FAC,
    "GET /desk/events/<slug>/copy": FAC,
    "GET /desk/events/<slug>/print": FAC,
    "GET /desk/events/<slug>/print/<kind>/<int:number>": FAC,
    "GET /desk/events/<slug>/print/<kind>/<int:number>.pdf": FAC,
    "POST /desk/events/<slug>/tickets": FAC,
    "POST /desk/events/<slug>/facilitators": FAC,
    "POST /desk/events/<slug>/facilitators/<int:account_id>": FAC,
    "GET /desk/sections/<code>": FAC,
    "POST /desk/sections/<code>/<name>": FAC,
    "GET /api/v1/doors/<code>": ALL,
    "POST /api/v1/doors/<code>/seats": ALL,
    "GET /api/v1/doors/<code>/cue": ALL,
    "POST /api/v1/rounds/<int:round_id>/ballots": ALL,
    "POST /api/v1/desk-tokens": ALL,
    "GET /api/v1/events": ALL,
    "GET /api/v1/events/<slug>": ALL,
    "GET /changes": ALL,
    "GET /changes.ics": ALL,
    "GET /changes.atom": ALL,
    "GET /evidence.atom": ALL,
    "GET /api/v1/commitments": ALL,
    "POST /stories/mine/letters": ALL,
    "POST /stories/mine/no-letters": ALL,
    "GET /stories/letters/<token>": ALL,
    "POST /stories/letters/<token>": ALL,
    "GET /chain/<kind>/<key>": ALL,
    "POST /chain/<kind>/<key>": STE,
    "GET /api/v1/chain/<kind>/<key>": ALL,
    "GET /evidence/answers": COM,
    "GET /evidence/answers/proposals/<int:proposal_id>": COM,
    "POST /evidence/answers/proposals/<int:proposal_id>": COM,
    "GET /evidence/answers/promises/<int:commitment_id>": COM,
    "POST /evidence/answers/promises/<int:commitment_id>": COM,
    "GET /reviews/claims": MOD,
    "POST /reviews/claims/<kind>/<int:claim_id>": MOD,
    "GET /evidence": ALL,
    "GET /evidence/across": ALL,
    "GET /evidence/across.csv": ALL,
    "GET /evidence/collection.zip": ALL,
    "GET /evidence/across/<slug>": ALL,
    "GET /api/v1/evidence/across": ALL,
    "GET /api/v1/openapi.json": ALL,
    "GET /evidence/<reference>": ALL,
    "GET /evidence/<reference>/pack.zip": ALL,
    "GET /evidence/<reference>/tables/<name>.csv": ALL,
    "GET /evidence/<reference>/documents/<name>": ALL,
    "GET /evidence/publish": STE,
    "POST /evidence/publish": STE,
    "GET /evidence/publish/<int:job_id>": STE,
    "GET /api/v1/evidence": ALL,
    "GET /api/v1/evidence/<reference>": ALL,
}
DUTY_OF = {
    "fay": "facilitator",
    "mo": "moderator",
    "cora": "co-writer",
    "cleo": "commissioner",
    "stella": "steward",
    "olu": "owner",
}


@pytest.fixture
def town(database, config, clock):
    return make_town(database, config, now=clock())


@pytest.fixture
def app(town, database, config, clock):
    return make_app(config, database, clock)


def routes(app) -> dict[str, str]:
    found = {}
    for rule in app.url_map.iter_rules():
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            access = access_of(app.view_functions[rule.endpoint])
            assert access is not None, f"{rule} does not say who may see it"
            found[f"{method} {rule}"] = ALL if access == EVERYBODY else " ".join(sorted(access))
    return found


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_route_says_who_may_see_it_and_stands_in_the_table(app):
    wanted = {route: " ".join(sorted(who.split())) for route, who in RIGHTS.items()}

    assert routes(app) == wanted


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nobody_gets_further_than_their_duty(app, town, clock):
    floor = make_floor(town, now=clock(), slug="an-evening")
    code = floor.section.code
    fill = {
        "<slug>": "an-evening",
        "<code>": code,
        "<name>": "set_door",
        "<int:draft_id>": "999",
        "<int:revision>": "1",
        "<int:number>": "1",
        "<kind>": "script",
        "<int:position>": "1",
        "<reference>": "none-v1",
        "<int:round_id>": "999",
        "<int:invitation_id>": "999",
        "<int:account_id>": "999",
        "<token>": "none",
        "<int:story_id>": "999",
        "<int:suggestion_id>": "999",
        "<int:sense_check_id>": "999",
        "<int:proposal_id>": "999",
        "<int:commitment_id>": "999",
        "<int:claim_id>": "999",
        "<int:job_id>": "999",
        "<key>": "999",
    }
    for route, who in routes(app).items():
        method, _space, address = route.partition(" ")
        for part, value in fill.items():
            address = address.replace(part, value)
        for name, account in {"nobody": None, **town.people}.items():
            status = client_of(app, account).open(address, method=method, data={}).status_code
            assert status < 500, (route, name, status)
            if who != ALL and DUTY_OF.get(name) not in who.split():
                refused = 302 if name == "nobody" and method == "GET" and "/api/" not in route else 403
                assert status == refused, (route, name, status)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_facilitator_of_another_event_cannot_open_this_desk(app, town, clock, database):
    from scenario_app.accounts.rules import Duty
    from scenario_app.accounts.service import add_account

    floor = make_floor(town, now=clock(), slug="an-evening")
    with database.transaction() as session:
        other = add_account(
            session, email="finn@eastmere.example", name="Finn", duties=[Duty.FACILITATOR], now=clock()
        )
    finn = client_of(app, other)

    assert finn.get("/desk/events/an-evening").status_code == 403
    assert finn.get(f"/desk/sections/{floor.section.code}").status_code == 403
    opened = finn.post(
        f"/desk/sections/{floor.section.code}/set_door",
        data={"open": "true", "expects": floor.section.cue_seq},
    )
    assert opened.status_code == 403
    assert floor.section.door_open is False
