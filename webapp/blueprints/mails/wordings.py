"""Organizers' own words for the letters of a tour."""

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as Answer

from webapp.blueprints import guards
from webapp.blueprints.mails import wording_forms as forms
from webapp.blueprints.mails.inbox import LETTER_POLICY
from webapp.blueprints.mails.wording_words import letter_title
from webapp.db import transaction
from webapp.domain import audits, letter_previews, wordings
from webapp.domain.letter_previews import NoPreview
from webapp.i18n import LANGUAGES
from webapp.models.staff import Role
from webapp.models.trip import Trip

bp = Blueprint("wordings_organizer", __name__, url_prefix="/organizer/trips/<slug>/mails/wordings")
bp.before_request(guards.staff_only)


@bp.get("")
def listing(slug: str) -> str:
    """Every letter, and how much of it the tour says otherwise."""
    trip = guards.staff_trip(slug)
    return render_template(
        "organizer/wordings.html",
        trip=trip,
        letters=[wordings.EVERY, *wordings.letters()],
        counts=wordings.counts(trip.id),
        languages=LANGUAGES,
        sources=_sources(trip),
        letter_title=letter_title,
        form=FlaskForm(),
    )


@bp.post("/copy")
def copy(slug: str) -> Answer:
    """Take over the words of another tour of mine."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    wanted = request.form.get("source")
    source = next((each for each in _sources(trip) if each.slug == wanted), None)
    if FlaskForm().validate_on_submit() and source:
        with transaction():
            number = wordings.copy(source, trip, audits.by_staff(guards.me()))
        flash(ngettext("%(num)d text copied.", "%(num)d texts copied.", number), "success")
    else:
        flash(_("Please choose a tour to copy from."), "error")
    return redirect(url_for(".listing", slug=slug), 303)


@bp.route("/<letter>/<language>", methods=["GET", "POST"])
def letter(slug: str, letter: str, language: str) -> str | Answer | tuple[str, int]:
    """The texts of one letter in one language."""
    posted = request.method == "POST"
    trip = guards.staff_trip(slug, Role.ORGANIZER if posted else Role.READER)
    _check(letter, language)
    form = FlaskForm()
    if not form.validate_on_submit():
        return _letter_page(trip, letter, language, form)
    standing = wordings.standing(trip.id, letter, language)
    edits = forms.edits(standing, request.form)
    try:
        with transaction():
            number = wordings.save(trip, letter, language, edits, audits.by_staff(guards.me()))
    except wordings.WordsRefused as refused:
        return _letter_page(trip, letter, language, form, refused), 422
    flash(ngettext("%(num)d text saved.", "%(num)d texts saved.", number), "success")
    return redirect(url_for(".letter", slug=slug, letter=letter, language=language), 303)


@bp.post("/<letter>/<language>/reset")
def reset(slug: str, letter: str, language: str) -> Answer:
    """Say the product's words again: of one text, or of all."""
    trip = _changed(slug, letter, language)
    text_id = forms.text_id(letter, request.form.get("text"))
    if FlaskForm().validate_on_submit() and (text_id is not None or "all" in request.form):
        by = audits.by_staff(guards.me())
        with transaction():
            number = wordings.reset(trip, letter, language, text_id, by)
        flash(ngettext("%(num)d text reset.", "%(num)d texts reset.", number), "success")
    return redirect(url_for(".letter", slug=slug, letter=letter, language=language), 303)


@bp.post("/<letter>/<language>/keep")
def keep(slug: str, letter: str, language: str) -> Answer:
    """Our words stay, though the product says something else by now."""
    trip = _changed(slug, letter, language)
    text_id = forms.text_id(letter, request.form.get("text"))
    if FlaskForm().validate_on_submit() and text_id is not None:
        with transaction():
            wordings.keep(trip, letter, language, text_id, audits.by_staff(guards.me()))
        flash(_("Your words stay."), "success")
    return redirect(url_for(".letter", slug=slug, letter=letter, language=language), 303)


@bp.post("/<letter>/<language>/drop")
def drop(slug: str, letter: str, language: str) -> Answer:
    """Forget words for a text that is not there any more."""
    trip = _changed(slug, letter, language)
    number = request.form.get("wording", "")
    if FlaskForm().validate_on_submit() and number.isdecimal() and len(number) < 18:
        with transaction():
            wordings.drop(trip, int(number), audits.by_staff(guards.me()))
        flash(_("Dropped."), "success")
    return redirect(url_for(".letter", slug=slug, letter=letter, language=language), 303)


@bp.get("/<letter>/<language>/preview")
def preview(slug: str, letter: str, language: str) -> str:
    """The whole letter with data of the tour."""
    trip = guards.staff_trip(slug)
    _check(letter, language, whole=True)
    chosen = request.args.get("of") or letter_previews.first(trip, letter, language)
    try:
        shown = letter_previews.show(trip, letter, language, chosen)
    except NoPreview:
        shown = None
    return render_template(
        "organizer/wording_preview.html",
        trip=trip,
        letter=letter,
        language=language,
        languages=LANGUAGES,
        choices=letter_previews.choices(trip, letter),
        chosen=chosen,
        shown=shown,
        title=letter_title(letter),
    )


@bp.get("/<letter>/<language>/preview/page")
def preview_page(slug: str, letter: str, language: str) -> Response:
    """The letter as a page, for a frame in which nothing runs or loads."""
    trip = guards.staff_trip(slug)
    _check(letter, language, whole=True)
    try:
        shown = letter_previews.show(trip, letter, language, request.args.get("of", "")).page
    except NoPreview:
        shown = ""
    response = make_response(shown)
    response.headers["Content-Security-Policy"] = LETTER_POLICY
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


def _check(letter: str, language: str, *, whole: bool = False) -> None:
    """404 for a letter whose words cannot be changed, or, with `whole`, for what is none."""
    known = wordings.letters() if whole else [wordings.EVERY, *wordings.letters()]
    if letter not in known or language not in LANGUAGES:
        abort(404)


def _changed(slug: str, letter: str, language: str) -> Trip:
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    _check(letter, language)
    return trip


def _sources(trip: Trip) -> list[Trip]:
    """Other tours of mine that say anything otherwise."""
    mine = [each for each in guards.staff_trips() if each.id != trip.id]
    worded = wordings.worded([each.id for each in mine])
    return [each for each in mine if each.id in worded]


def _letter_page(
    trip: Trip,
    letter: str,
    language: str,
    form: FlaskForm,
    refused: wordings.WordsRefused | None = None,
) -> str:
    return render_template(
        "organizer/wording.html",
        trip=trip,
        letter=letter,
        language=language,
        languages=LANGUAGES,
        title=letter_title(letter),
        rows=forms.rows(trip.id, letter, language, request.form if refused else {}, refused),
        gone=forms.gone(trip.id, letter, language),
        may_change=guards.me().role_on(trip.id) == Role.ORGANIZER,
        is_letter=letter != wordings.EVERY,
        refused=refused,
        form=form,
    )
