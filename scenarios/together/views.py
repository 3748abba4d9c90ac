"""Pages of people who write one script together: who they are, what each changed, what clashes."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from scenario_app.accounts.access import current_account, needs, open_to_all, remember, require_account
from scenario_app.accounts.rules import Duty
from scenario_app.accounts.service import NoName
from scenario_app.kernel.context import config, now, reading, transaction
from scenario_app.kernel.word_codes import new_word_code
from scenarios import queries as scripts
from scenarios.forms import ScriptWords
from scenarios.queries import NoSuchDraft
from scenarios.together import queries, writing
from scenarios.together.forms import chosen_lines
from scenarios.together.pages import InvitedPage, MergePage, PeoplePage, WelcomePage, history_page

blueprint = Blueprint("together", __name__, template_folder="../templates")


@blueprint.before_app_request
def _only_own_scripts() -> None:
    """Let a co-writer reach the scripts they were invited to, and no others, whatever the page."""
    draft_id = (request.view_args or {}).get("draft_id")
    account = current_account() if draft_id is not None else None
    if account is None or account.has(Duty.MODERATOR, Duty.OWNER):
        return
    with reading() as session:
        if not queries.may_write(session, draft_id=int(draft_id or 0), account_id=account.id):
            raise NoSuchDraft(draft=draft_id)


# --- who writes -----------------------------------------------------------------------------------------------


@blueprint.get("/reviews/scripts/<int:draft_id>/people")
@needs(Duty.MODERATOR, Duty.CO_WRITER)
def people(draft_id: int) -> str:
    """Show who writes on a script, and how each wants to be named."""
    return render_template("together/people.html", page=_people_page(draft_id), now=now())


@blueprint.post("/reviews/scripts/<int:draft_id>/invitations")
@needs(Duty.MODERATOR)
def invite(draft_id: int) -> str:
    """Make a link for one person and show it, once."""
    with transaction() as session:
        token = writing.invite_co_writer(
            session,
            draft_id=draft_id,
            note=request.form.get("note", ""),
            account_id=require_account().id,
            now=now(),
            key=config().secret_key,
        )
    base = config().public_url or request.host_url.rstrip("/")
    link = base + url_for(".invited", token=token)
    return render_template("together/people.html", page=_people_page(draft_id, link), now=now())


@blueprint.post("/reviews/scripts/<int:draft_id>/invitations/<int:invitation_id>/take-back")
@needs(Duty.MODERATOR)
def take_back(draft_id: int, invitation_id: int) -> Response:
    """Make a link worth nothing."""
    with transaction() as session:
        writing.take_invitation_back(
            session,
            draft_id=draft_id,
            invitation_id=invitation_id,
            account_id=require_account().id,
            now=now(),
        )
    flash(_("The link opens nothing any more."))
    return redirect(url_for(".people", draft_id=draft_id))


@blueprint.post("/reviews/scripts/<int:draft_id>/people/<int:account_id>/remove")
@needs(Duty.MODERATOR)
def remove(draft_id: int, account_id: int) -> Response:
    """End somebody's writing on a script."""
    with transaction() as session:
        writing.remove_co_writer(
            session, draft_id=draft_id, co_writer_id=account_id, account_id=require_account().id, now=now()
        )
    return redirect(url_for(".people", draft_id=draft_id))


@blueprint.post("/reviews/scripts/<int:draft_id>/credit")
@needs(Duty.MODERATOR, Duty.CO_WRITER)
def credit(draft_id: int) -> Response:
    """Keep how this writer wants to be named."""
    with transaction() as session:
        writing.say_credit(
            session,
            draft_id=draft_id,
            account_id=require_account().id,
            credit=request.form.get("credit", ""),
        )
    flash(_("Saved."))
    return redirect(url_for(".people", draft_id=draft_id))


# --- the link -------------------------------------------------------------------------------------------------


@blueprint.get("/co-write/<token>")
@open_to_all
def invited(token: str) -> str:
    """Show an invitation. Opening it uses nothing up: programs that look at links in messages open them too."""
    return _invited_page(token)


@blueprint.post("/co-write/<token>")
@open_to_all
def accept(token: str) -> Response | str | tuple[str, int]:
    """Take the invitation: with the account that is signed in, or a new one without an e-mail address."""
    account = current_account()
    if account is not None:
        with transaction() as session:
            draft_id = writing.join_by_invitation(
                session, token=token, account=account, key=config().secret_key, now=now()
            )
        return redirect(url_for("reviews.edit", draft_id=draft_id))
    words = new_word_code()
    try:
        with transaction() as session:
            account, draft_id = writing.accept_invitation(
                session,
                token=token,
                name=request.form.get("name", ""),
                credit=request.form.get("credit", ""),
                words=words,
                key=config().secret_key,
                now=now(),
            )
    except NoName as refusal:
        return _invited_page(token, refusal), refusal.status
    remember(account, now())
    return render_template("together/welcome.html", page=WelcomePage(draft_id, words))


# --- what each changed ----------------------------------------------------------------------------------------


@blueprint.get("/reviews/scripts/<int:draft_id>/history")
@needs(Duty.MODERATOR, Duty.CO_WRITER)
def history(draft_id: int) -> str:
    """Show the turns of writing with what each changed."""
    with reading() as session:
        page = history_page(scripts.draft(session, draft_id), scripts.earlier_words(session, draft_id))
    return render_template("together/history.html", page=page)


@blueprint.post("/reviews/scripts/<int:draft_id>/merge")
@needs(Duty.MODERATOR, Duty.CO_WRITER)
def merge(draft_id: int) -> Response | tuple[str, int]:
    """Put two people's words together: show what clashes, and save when every clash has a choice."""
    words = ScriptWords.from_form(request.form)
    newest = int(request.form.get("newest", "0")) if request.form.get("newest", "").isdecimal() else 0
    with transaction() as session:
        draft = scripts.draft(session, draft_id)
        both = writing.merge_with_newest(session, draft_id=draft_id, text=words.text, revision=words.revision)
        if both is None:
            raise scripts.NoSuchDraft(draft=draft_id, revision=words.revision)
        chosen = chosen_lines(request.form, both)
        if chosen is not None and newest == draft.revision:
            writing.save_together(
                session,
                draft_id=draft_id,
                text=both.text(chosen),
                revision=draft.revision,
                account_id=require_account().id,
                now=now(),
            )
            flash(_("Saved. Both sets of words are in it."))
            return redirect(url_for("reviews.edit", draft_id=draft_id))
    page = MergePage(draft, both, words.text, words.revision, unchosen=newest == draft.revision)
    return render_template("together/merge.html", page=page), 409


# --- within ---------------------------------------------------------------------------------------------------


def _people_page(draft_id: int, link: str = "") -> PeoplePage:
    account = require_account()
    with reading() as session:
        writers = queries.co_writers_of(session, draft_id)
        return PeoplePage(
            draft=scripts.draft(session, draft_id),
            writers=writers,
            invitations=queries.invitations_to(session, draft_id),
            may_invite=account.has(Duty.MODERATOR, Duty.OWNER),
            mine=next((writer for writer in writers if writer.account_id == account.id), None),
            link=link,
        )


def _invited_page(token: str, refused: NoName | None = None) -> str:
    account = current_account()
    with reading() as session:
        invitation = queries.open_invitation(session, token=token, key=config().secret_key, now=now())
        draft = scripts.draft(session, invitation.draft_id)
    page = InvitedPage(
        title=draft.title,
        token=token,
        signed_in_as=account.name if account else "",
        name=request.form.get("name", ""),
        credit=request.form.get("credit", ""),
        refused=refused,
    )
    return render_template("together/invited.html", page=page)
