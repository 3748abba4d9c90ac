"""The day before and the door: programme, change, copy, appoint, ready or not, tickets."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from live import messages
from live.acts import perform
from live.preparing.appointing import LastLeader, appoint_facilitator, dismiss_facilitator
from live.preparing.editing import edit_event
from live.preparing.printing import printed_script
from live.preparing.queries import joins_of
from live.preparing.readiness import NotReady, Surroundings
from live.preparing.running_order import order_panel
from live.preparing.tickets import TicketNeeded, TicketUsed, make_tickets
from live.programme import EventPlan, SectionPlan, close_event
from live.queries import event_by_slug, events, open_doors, rights_of
from live.rules import DoorFrozen, NotAllowed, Right, SectionFull, StaleCue
from live.voting import erase_secrets, take_seat
from scenario_app.accounts.rules import Duty
from scenario_app.accounts.service import add_account
from scenario_app.kernel import audit
from scenario_app.seed import PATHWAY
from scenarios.queries import versions
from scenarios.script.script import Script
from tests.application import client_of, make_app
from tests.makers import SHORT_SCRIPT, make_floor, make_town

HOUR = timedelta(hours=1)
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def floor(database, config, clock):
    town = make_town(database, config, now=clock())
    noise = make_floor(town, now=clock(), slug="another-evening")
    noise.start()
    noise.sit("carer", None)
    return make_floor(town, now=clock())


@pytest.fixture
def app(floor, database, config, clock):
    return make_app(config, database, clock)


@pytest.fixture
def fay(app, floor):
    return client_of(app, floor.town.account("fay"))


def plan_of(floor, *sections, **changes):
    first = SectionPlan(
        "The first section",
        floor.now + HOUR,
        floor.now + 2 * HOUR,
        ["two-doors"],
        position=1,
        place="Room 2",
        size_cap=80,
    )
    day = {"title": "An evening", "place": "Willow House", "supporter": "Dev"}
    return EventPlan(slug="an-evening", pathway=PATHWAY, sections=sections or [first], **{**day, **changes})


def edit(floor, plan):
    with floor.town.database.transaction() as session:
        edit_event(session, plan, account_id=floor.town.account("fay").id, now=floor.now)


def the_event(floor, slug="an-evening"):
    with floor.town.database.reading() as session:
        return event_by_slug(session, slug)


# --- programme, change, copy ----------------------------------------------------------------------------


def test_an_event_is_changed_and_its_codes_and_links_stay(floor):
    before = floor.section

    edit(floor, plan_of(floor))

    after = floor.section
    assert (after.code, after.screen_key) == (before.code, before.screen_key)
    assert (after.place, after.starts_at) == ("Room 2", floor.now + HOUR)
    assert the_event(floor).place == "Willow House"
    assert the_event(floor).supporter == "Dev"
    assert [played.slug for played in after.performances] == ["two-doors"]


def test_a_section_that_has_begun_stays_as_it_was(floor):
    floor.start()
    before = floor.section

    edit(
        floor,
        plan_of(floor, SectionPlan("Another name", floor.now, floor.now + HOUR, ["two-doors"], position=1)),
    )

    after = floor.section
    assert (after.title, after.performances, after.ends_at) == (
        before.title,
        before.performances,
        before.ends_at,
    )


def test_sections_come_and_go_but_not_one_that_somebody_is_in(floor):
    later = SectionPlan("Later", floor.now + HOUR, floor.now + 2 * HOUR, ["two-doors"])
    edit(floor, plan_of(floor, *plan_of(floor).sections, later))
    assert [section.title for section in the_event(floor).sections] == ["The first section", "Later"]
    floor.act(messages.SetDoor, open=True)
    floor.sit(None)
    second = SectionPlan("Later", floor.now + HOUR, floor.now + 2 * HOUR, ["two-doors"], position=2)

    with pytest.raises(NotAllowed):
        edit(floor, plan_of(floor, second))
    edit(floor, plan_of(floor))

    assert [section.title for section in the_event(floor).sections] == ["The first section"]


def test_a_closed_event_is_not_changed(floor):
    with floor.town.database.transaction() as session:
        close_event(session, event_slug="an-evening", account_id=floor.town.account("fay").id, now=floor.now)

    with pytest.raises(NotAllowed):
        edit(floor, plan_of(floor))


def form(**changes):
    fields = {
        "title": "A day of doors",
        "place": "Corn Exchange",
        "pathway": PATHWAY,
        "supporter": "Stella Marsh",
        "title-1": "Late",
        "date-1": "2026-03-09",
        "starts-1": "23:30",
        "ends-1": "00:30",
        "scenarios-1": "two-doors",
        "minutes-1-two-doors": "35",
        "size_cap-1": "80",
        "audience-1": "Carers",
    }
    return {**fields, **changes}


@on_sqlite
def test_the_form_makes_an_event_and_shows_again_what_it_cannot_take(fay, floor):
    wrong = fay.post("/desk/events/new", data=form(**{"size_cap-1": "many", "ground_rules": "Mind the cat"}))
    made = fay.post("/desk/events/new", data=form())

    assert wrong.status_code == 422
    assert "many" in wrong.text
    assert "Mind the cat" in wrong.text
    assert made.status_code == 302
    [section] = the_event(floor, "a-day-of-doors").sections
    assert (section.size_cap, section.audience) == (80, "Carers")
    assert section.ends_at - section.starts_at == HOUR
    assert section.performances[0].minutes_planned == 35


@on_sqlite
def test_an_event_is_copied_with_its_people_and_nothing_of_what_was_performed(fay, floor, database):
    floor.start()
    floor.open_round()
    floor.vote(a=3)
    with database.transaction() as session:
        appoint_facilitator(
            session,
            event_slug="an-evening",
            account_id=floor.town.account("olu").id,
            rights=[Right.NOTE],
            appointed_by=floor.town.account("fay").id,
            now=floor.now,
        )
    shown = fay.get("/desk/events/an-evening/copy").text
    event = the_event(floor)

    made = fay.post("/desk/events/new", data={**form(title="Another"), "copied": "an-evening"})

    assert 'value="An Evening, again"' in shown
    assert 'value="2026-03-02"' in shown
    assert made.status_code == 302
    another = the_event(floor, "another")
    assert another.sections[0].code != event.sections[0].code
    assert [played.state for played in another.sections[0].performances] == ["waiting"]
    with database.reading() as session:
        assert rights_of(session, event_id=another.id, account_id=floor.town.account("olu").id) == {
            Right.NOTE
        }


# --- the public programme -------------------------------------------------------------------------------


@on_sqlite
def test_the_programme_and_its_calendar_say_when_where_and_for_whom_and_no_secret(app, floor):
    edit(floor, plan_of(floor, access="Step-free"))
    anybody, section = client_of(app), floor.section

    page = anybody.get("/events/an-evening").text
    day = anybody.get("/events/an-evening.ics")
    one = anybody.get("/events/an-evening/1.ics")

    assert all(words in page for words in ("Room 2", "Step-free", 'id="section-1"', "Room for 80 people"))
    assert day.mimetype == "text/calendar"
    assert day.text == one.text
    assert "LOCATION:Room 2\r\n" in one.text
    assert "UID:an-evening-1@scenario-app\r\n" in one.text
    for secret in (section.code, section.screen_key):
        assert secret not in page + day.text
    assert anybody.get("/events/an-evening/2.ics").status_code == 404


@on_sqlite
def test_a_rehearsal_is_on_no_public_page_or_list(app, fay, floor, database):
    floor.act(messages.SetDoor, open=True)
    with database.transaction() as session:
        session.execute(text("UPDATE event SET rehearsal_of = 1 WHERE slug = 'an-evening'"))
    anybody = client_of(app)

    with database.reading() as session:
        assert [event.slug for event in events(session)] == ["another-evening"]
        assert [door.event_slug for door in open_doors(session, now=floor.now)] == ["another-evening"]
    for path in ("/events/an-evening", "/events/an-evening.ics", "/api/v1/events/an-evening"):
        assert anybody.get(path).status_code == 404
    for path in ("/events", "/api/v1/events", "/"):
        assert "an-evening" not in anybody.get(path).text.replace("another-evening", "")
    assert fay.get("/desk/events/an-evening").status_code == 200


@on_sqlite
def test_nothing_written_for_the_facilitator_leaves_the_desk(app, fay, floor):
    note = "PLANTED-FACILITATOR-NOTE"
    floor.start()
    [seat] = floor.sit(None)
    section, anybody = floor.section, client_of(app)
    anybody.set_cookie(f"seat-{section.code}", seat.secret)
    paths = [f"/at/{section.code}", f"/screen/{section.code}?key={section.screen_key}", "/events/an-evening"]
    paths += [
        "/events/an-evening.ics",
        "/scenarios/two-doors",
        "/scenarios/two-doors.md",
        "/scenarios/two-doors/play",
    ]
    paths += [f"/api/v1/doors/{section.code}/cue", "/api/v1/scenarios/two-doors", "/api/v1/events/an-evening"]

    for path in paths:
        answer = anybody.get(path)
        assert answer.status_code == 200, path
        assert note not in answer.text, path
    assert note in fay.get(f"/desk/sections/{section.code}").text


# --- who may do what ------------------------------------------------------------------------------------


def appoint(floor, who, *rights, leads=False):
    with floor.town.database.transaction() as session:
        appoint_facilitator(
            session,
            event_slug="an-evening",
            account_id=floor.town.account(who).id,
            rights=rights,
            leads=leads,
            appointed_by=floor.town.account("fay").id,
            now=floor.now,
        )


def test_rights_are_given_changed_and_taken_but_somebody_always_leads(floor, database):
    event, cleo = the_event(floor), floor.town.account("cleo").id
    fay = floor.town.account("fay").id

    def rights():
        with database.reading() as session:
            return rights_of(session, event_id=event.id, account_id=cleo)

    appoint(floor, "cleo", Right.COUNT)
    assert rights() == {Right.COUNT}
    with pytest.raises(LastLeader):
        appoint(floor, "fay", Right.RUN)
    with database.transaction() as session, pytest.raises(LastLeader):
        dismiss_facilitator(session, event_slug="an-evening", account_id=fay, dismissed_by=fay, now=floor.now)
    appoint(floor, "cleo", leads=True)
    assert rights() == set(Right)
    with database.transaction() as session:
        dismiss_facilitator(
            session, event_slug="an-evening", account_id=fay, dismissed_by=cleo, now=floor.now
        )
        dismissed = audit.acts_of(session, "event:an-evening", action="facilitator_dismissed")
    assert [act.account_id for act in dismissed] == [cleo]


@on_sqlite
def test_who_does_not_lead_sits_at_the_desk_with_their_rights_and_prepares_nothing(app, floor, clock):
    with floor.town.database.transaction() as session:
        finn = add_account(
            session, email="finn@eastmere.example", name="Finn", duties=[Duty.FACILITATOR], now=clock()
        )
    floor.town.people["finn"] = finn
    appoint(floor, "finn", Right.COUNT)
    his, desk = client_of(app, finn), f"/desk/sections/{floor.section.code}"
    expects = floor.section.cue_seq

    refused = [
        *(his.get(f"/desk/events/an-evening/{page}").status_code for page in ("edit", "copy")),
        *(
            his.post(f"/desk/events/an-evening/{page}", data=form()).status_code
            for page in ("edit", "close", "facilitators", f"facilitators/{finn.id}")
        ),
        his.post(f"{desk}/set_door", data={"open": "true", "expects": expects}).status_code,
    ]
    counted = his.post(f"{desk}/set_heads", data={"heads": "12", "expects": expects}).status_code
    page, event = his.get(desk).text, his.get("/desk/events/an-evening").text

    assert set(refused) == {403}
    assert counted == 302
    assert floor.section.heads == 12
    assert "set_heads" in page
    assert set(re.findall(r'data-action="(\w+)"', page)) == {"set_heads"}
    assert not re.search(r"/edit|/copy|/close|/facilitators", event)


@on_sqlite
def test_each_desk_action_is_done_with_its_right_and_refused_without(app, floor, clock):
    with floor.town.database.transaction() as session:
        finn = add_account(
            session, email="finn@eastmere.example", name="Finn", duties=[Duty.FACILITATOR], now=clock()
        )
    floor.town.people["finn"] = finn
    room = app.extensions["live"]
    told = {}
    for right in [None, *Right]:
        appoint(floor, "finn", *([right] if right else []))
        for kind in messages.DESK_ACTIONS:
            if kind is messages.AnswerMinute:  # waits for no cue
                continue
            # An action that is stale is refused after the right was looked at, before anything is done.
            action = object.__new__(kind)
            object.__setattr__(action, "expects", 0)
            if hasattr(kind, "text_id"):  # with words of a phone, it takes another right as well
                object.__setattr__(action, "text_id", None)
            with pytest.raises((StaleCue, NotAllowed)) as refusal:
                room.act(section_id=floor.section_id, action=action, account_id=finn.id)
            told[kind.name, right] = refusal.type is StaleCue

    wanted = {
        (kind.name, right): kind.right is right for kind in messages.DESK_ACTIONS for right in [None, *Right]
    }
    assert told == {key: wanted[key] for key in told}
    assert len(told) == 5 * (len(messages.DESK_ACTIONS) - 1)


@on_sqlite
def test_a_facilitator_is_appointed_by_address_from_the_event_s_page(fay, floor, database):
    event, olu = the_event(floor), floor.town.account("olu").id

    unknown = fay.post(
        "/desk/events/an-evening/facilitators", data={"email": "stu@eastmere.example"}, follow_redirects=True
    )
    fay.post(
        "/desk/events/an-evening/facilitators",
        data={"email": "Olu@eastmere.example", "rights": ["note", "moderate"]},
    )

    assert "No facilitator has this address" in unknown.text
    with database.reading() as session:
        assert rights_of(session, event_id=event.id, account_id=olu) == {Right.NOTE, Right.MODERATE}


# --- ready or not ---------------------------------------------------------------------------------------


def open_with(floor, around, now=None):
    with floor.town.database.transaction() as session:
        perform(
            session,
            section_id=floor.section_id,
            action=messages.SetDoor(expects=floor.section.cue_seq, open=True),
            account_id=floor.town.account("fay").id,
            now=now or floor.now,
            threshold=8,
            around=around,
        )


def test_no_door_opens_before_all_is_there_and_it_says_what_is_missing(floor):
    edit(floor, plan_of(floor, supporter=" "))

    with pytest.raises(NotReady) as refusal:
        open_with(floor, Surroundings(free_bytes=499_999_999, help_numbers=False), floor.now - 2 * HOUR)
    assert refusal.value.details == {"reasons": ["help_numbers", "supporter", "disk", "clock"]}
    assert floor.section.door_open is False

    edit(floor, plan_of(floor))
    open_with(floor, Surroundings(free_bytes=500_000_000, help_numbers=True))
    assert floor.section.door_open is True


def test_a_script_with_errors_keeps_the_door_shut(floor, monkeypatch):
    def broken(session, ids):
        return {
            key: replace(version, text=version.text.replace("-> hall", "-> nowhere"))
            for key, version in versions(session, ids).items()
        }

    monkeypatch.setattr("live.preparing.queries.scenarios.versions", broken)

    with pytest.raises(NotReady) as refusal:
        floor.act(messages.SetDoor, open=True)

    assert refusal.value.details == {"reasons": ["script"]}


@on_sqlite
def test_the_event_s_page_says_what_is_missing_and_the_desk_says_why_the_door_stays_shut(fay, floor):
    edit(floor, plan_of(floor, supporter=""))

    page = fay.get("/desk/events/an-evening").text
    refused = fay.post(
        f"/desk/sections/{floor.section.code}/set_door",
        data={"open": "true", "expects": floor.section.cue_seq},
    )

    assert "No supporter is named" in page
    assert refused.status_code == 409
    assert "No supporter is named" in refused.text


# --- the door -------------------------------------------------------------------------------------------


def test_a_frozen_door_takes_nobody_new_and_sends_nobody_away(floor, app):
    floor.act(messages.SetDoor, open=True)
    [seat] = floor.sit(None)
    floor.act(messages.SetDoor, open=True, frozen=True)
    code, back = floor.section.code, client_of(app)
    back.set_cookie(f"seat-{code}", seat.secret)

    with pytest.raises(DoorFrozen):
        floor.sit(None)

    assert client_of(app).get(f"/join/{code}").status_code == 409
    assert back.get(f"/join/{code}").location.endswith(f"/at/{code}")


def test_joins_are_counted_by_the_minute_and_forgotten_with_the_secrets(floor, database):
    floor.act(messages.SetDoor, open=True)
    floor.sit(None, None)
    floor.now += timedelta(minutes=3)
    floor.sit("carer")

    with database.reading() as session:
        assert [join.joins for join in joins_of(session, floor.section_id)] == [2, 1]
    with database.transaction() as session:
        erase_secrets(session, retention=HOUR, now=floor.now + timedelta(days=3))
        assert joins_of(session, floor.section_id) == []


@on_sqlite
def test_the_desk_says_when_there_are_more_seats_than_heads(fay, floor):
    floor.act(messages.SetDoor, open=True)
    floor.sit(None, None, None)
    floor.act(messages.SetHeads, heads=2)

    assert (
        "More seats than heads: 3 phones came in, 2 people were counted."
        in fay.get(f"/desk/sections/{floor.section.code}").text
    )


def test_the_running_order_says_the_minutes_planned_and_spent(floor, database):
    edit(
        floor,
        plan_of(
            floor,
            SectionPlan(
                "One", floor.now, floor.now + HOUR, ["two-doors"], minutes={"two-doors": 9}, position=1
            ),
        ),
    )
    floor.start()
    began = floor.now

    with database.reading() as session:
        panel = order_panel(session, floor.section, now=began + timedelta(minutes=7))

    [item] = panel.items
    assert (item.planned, item.spent, [scene.title for scene in item.scenes]) == (9, 7, ["The landing"])


# --- tickets --------------------------------------------------------------------------------------------


@pytest.fixture
def strict(floor):
    """A section that only lets in who holds a ticket, open."""
    plan = SectionPlan(
        "Strict", floor.now, floor.now + HOUR, ["two-doors"], strict=True, size_cap=3, position=1
    )
    edit(floor, plan_of(floor, plan))
    floor.act(messages.SetDoor, open=True)
    return floor


def tickets(floor, count):
    with floor.town.database.transaction() as session:
        return make_tickets(
            session,
            section_id=floor.section_id,
            count=count,
            account_id=floor.town.account("fay").id,
            now=floor.now,
            key=floor.town.config.secret_key,
        )


def come(floor, ticket):
    with floor.town.database.transaction() as session:
        return take_seat(
            session,
            code=floor.section.code,
            role=None,
            key=floor.town.config.secret_key,
            now=floor.now,
            ticket=ticket,
        )


def test_only_a_ticket_gives_a_seat_and_only_once_however_it_is_typed(strict):
    first, second = tickets(strict, 2)

    with pytest.raises(TicketNeeded):
        come(strict, "")
    with pytest.raises(TicketNeeded):
        come(strict, "ZZZZ ZZZZ")
    come(strict, f" {first[:4].lower()}-{first[4:]}")
    with pytest.raises(TicketUsed):
        come(strict, first)
    come(strict, second)


def test_a_ticket_that_meets_a_full_section_is_not_used_up(strict):
    one, two, three, four = tickets(strict, 4)
    for ticket in (one, two, three):
        come(strict, ticket)

    with pytest.raises(SectionFull):
        come(strict, four)

    strict.act(messages.SetHeads, heads=3)
    with strict.town.database.transaction() as session:
        session.execute(text("UPDATE section SET size_cap = 4 WHERE id = :id"), {"id": strict.section_id})
    come(strict, four)


def test_one_ticket_in_fifty_hands_gives_one_seat(strict):
    [ticket] = tickets(strict, 1)

    def hand(_number):
        try:
            return come(strict, ticket).id
        except (TicketUsed, SectionFull) as refusal:
            return refusal.code

    with ThreadPoolExecutor(50) as hands:
        told = list(hands.map(hand, range(50)))

    assert sorted(map(str, told))[1:] == ["ticket_used"] * 49


@on_sqlite
def test_a_ticket_works_on_the_page_and_over_the_api(strict, app):
    first, second = tickets(strict, 2)
    anybody, code = client_of(app), strict.section.code

    shown = anybody.get(f"/join/{code}?ticket={first}").text
    without = anybody.post(f"/join/{code}", data={"role": "carer"})
    came = anybody.post(f"/join/{code}", data={"role": "carer", "ticket": first})
    by_program = anybody.post(f"/api/v1/doors/{code}/seats", json={"ticket": second})
    again = anybody.post(f"/api/v1/doors/{code}/seats", json={"ticket": second})

    assert f'value="{first}"' in shown
    assert without.status_code == 403
    assert 'value="carer" checked' in without.text
    assert came.location.endswith(f"/at/{code}")
    assert by_program.status_code == 201
    assert (again.status_code, again.json["code"]) == (409, "ticket_used")


@on_sqlite
def test_the_door_says_the_rules_the_supporter_and_what_to_take_care_of(app, floor):
    edit(
        floor,
        plan_of(floor, ground_rules="Mind the cat", access="Hearing loop", supporter_where="green scarf"),
    )
    floor.act(messages.SetDoor, open=True)

    page = client_of(app).get(f"/join/{floor.section.code}").text

    for words in ("Mind the cat", "Hearing loop", "Dev", "green scarf", "Who decides what with the result"):
        assert words in page
    assert "nobody asks why" not in page


# --- on paper -------------------------------------------------------------------------------------------


def test_an_actor_s_script_marks_their_lines_and_their_cues():
    version = SimpleNamespace(
        script=Script.parse(SHORT_SCRIPT),
        title="Two doors",
        number=1,
        question="Which door?",
        content_notes="none",
    )

    printed = printed_script(version, "ann")

    landing, hall, _garden, _stairs = printed.scenes
    assert [(line.who, line.mine, line.cue) for line in landing.lines] == [
        ("", False, True),
        ("Ann", True, False),
    ]
    assert landing.decision.responses[0].leads_to == "2, The hall"
    assert hall.leads_to == "3, The garden"
    assert "PLANTED" not in repr(printed)


@on_sqlite
def test_everything_is_printed_as_a_page_and_as_pdf_and_no_word_is_markup(fay, floor):
    edit(floor, plan_of(floor, title='#panic("read as markup") *<b>&'))
    number = floor.section.performances[0].version_id
    things = ["poster/1", f"ballots/{number}", f"script/{number}", f"script/{number}"]

    pack = fay.get("/desk/events/an-evening/print")
    for thing, asked in zip(things, ["", "", "?large=1", "?character=ann"], strict=True):
        page = fay.get(f"/desk/events/an-evening/print/{thing}{asked}")
        pdf = fay.get(f"/desk/events/an-evening/print/{thing}.pdf{asked}")

        assert page.status_code == 200, thing
        assert "PLANTED" not in page.text, thing
        assert pdf.data.startswith(b"%PDF-"), thing
    assert pack.status_code == 200
    assert fay.get("/desk/events/an-evening/print/script/999").status_code == 404
    assert fay.get("/desk/events/an-evening/print/secrets/1").status_code == 404


@on_sqlite
def test_tickets_are_printed_once_and_open_the_door(fay, strict, app):
    made = fay.post("/desk/events/an-evening/tickets", data={"section": "1", "count": "3"})
    pdf = fay.post("/desk/events/an-evening/tickets", data={"section": "1", "count": "1", "pdf": "1"})
    shown = re.findall(r"<b>(\w{4} \w{4})</b>", made.text)

    assert len(set(shown)) == 3
    assert pdf.data.startswith(b"%PDF-")
    assert "4 paper tickets" in fay.get("/desk/events/an-evening").text
    come(strict, shown[0])
