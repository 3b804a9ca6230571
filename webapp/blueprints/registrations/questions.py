"""The form of a tour as its organizers make it: its own questions, its standard fields; and who
has not answered yet."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from webapp.blueprints import guards
from webapp.blueprints.registrations import question_history
from webapp.blueprints.registrations.answer_fields import form_for
from webapp.blueprints.registrations.answer_shown import answers_context
from webapp.blueprints.registrations.answer_words import condition_text
from webapp.blueprints.registrations.question_forms import (
    FIELD_NAMES,
    GROUP_NAMES,
    RULES,
    FieldsForm,
    QuestionForm,
    needed_words,
)
from webapp.db import transaction
from webapp.domain import answers, audits, form_fields, missing, questions, ready_questions
from webapp.domain.answer_values import asking
from webapp.domain.question_rules import (
    SCOPES,
    STAGES,
    DependencyRefused,
    QuestionGone,
    StandsBefore,
    StillNeeded,
    TooMany,
)
from webapp.errors import DomainError
from webapp.i18n import words
from webapp.models.question import Question
from webapp.models.staff import Role
from webapp.models.trip import Trip

bp = Blueprint("questions_organizer", __name__, url_prefix="/organizer/trips/<slug>/registrations")
bp.before_request(guards.staff_only)

GROUPS = [(stage, asked) for stage in STAGES for asked in SCOPES]


@bp.get("/form")
def listing(slug: str) -> str:
    """The questions in their order, by stage and by who answers."""
    trip = guards.staff_trip(slug)
    every = questions.every(trip)
    return render_template(
        "organizer/questions.html",
        trip=trip,
        groups=_groups(every),
        retired=[question for question in every if question.retired_at],
        conditions={question.id: condition_text(asking(question)) for question in every},
        counts=questions.counts(trip),
        ready=ready_questions.offered(trip),
        rules=form_fields.rules(trip),
        rule_names=RULES,
        field_names=FIELD_NAMES,
        group_names=GROUP_NAMES,
    )


@bp.get("/form/preview")
def preview(slug: str) -> str:
    """The questions as a company and its delegates see them, in the reader's language."""
    trip = guards.staff_trip(slug)
    groups = [
        (stage, asked, form_for(found, f"{stage}-{asked}-")().shown())
        for stage, asked, found in _groups(questions.every(trip))
        if found
    ]
    return render_template(
        "organizer/questions_preview.html",
        trip=trip,
        groups=groups,
        rules=form_fields.rules(trip),
        rule_names=RULES,
        field_names=FIELD_NAMES,
        group_names=GROUP_NAMES,
    )


@bp.route("/form/fields", methods=["GET", "POST"])
def fields(slug: str) -> str | Response | tuple[str, int]:
    """Which standard fields are asked, and the words above the form."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    form = FieldsForm.of(trip)
    if form.validate_on_submit():
        with transaction():
            form_fields.set_form(trip, form.rules(), form.note(), audits.by_staff(guards.me()))
        flash(_("Saved. The form asks so from now on."), "success")
        return redirect(url_for(".listing", slug=slug), 303)
    page = render_template("organizer/questions_fields.html", trip=trip, form=form)
    return page, 422 if form.is_submitted() else 200


@bp.route("/form/new", methods=["GET", "POST"])
def new(slug: str) -> str | Response | tuple[str, int]:
    """Write a new question."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    form = QuestionForm.of(questions.every(trip), None)
    if "more_options" in request.form:
        return _page(trip, form, None)
    if form.validate_on_submit():
        try:
            with transaction():
                questions.add(trip, form.values(), audits.by_staff(guards.me()))
        except DomainError as error:
            form.tell(error)
        else:
            flash(_("The question is added."), "success")
            return redirect(url_for(".listing", slug=slug), 303)
    return _page(trip, form, None), 422 if form.is_submitted() else 200


@bp.post("/form/ready")
def ready(slug: str) -> Response:
    """Ask one of the ready-made questions."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    if FlaskForm().validate_on_submit():
        try:
            with transaction():
                by = audits.by_staff(guards.me())
                added = ready_questions.add(trip, request.form.get("key", ""), by)
                label = words(added.label)
        except (ready_questions.NotReady, TooMany, DependencyRefused):
            flash(_("This question could not be added. The form may be full."), "info")
        else:
            flash(_("Added: %(question)s", question=label), "success")
    return redirect(url_for(".listing", slug=slug, _anchor="ready"), 303)


@bp.route("/form/<id:question_id>", methods=["GET", "POST"])
def question(slug: str, question_id: int) -> str | Response | tuple[str, int]:
    """Change a question."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    found = guards.trip_question(trip, question_id)
    form = QuestionForm.of(questions.every(trip), found)
    if "more_options" in request.form:
        return _page(trip, form, found)
    if form.validate_on_submit():
        try:
            with transaction():
                questions.change(trip, found, form.values(), audits.by_staff(guards.me()))
        except DomainError as error:
            form.tell(error)
            found = guards.trip_question(trip, question_id)
        else:
            flash(_("The question is saved."), "success")
            return redirect(url_for(".listing", slug=slug, _anchor=f"question-{question_id}"), 303)
    return _page(trip, form, found), 422 if form.is_submitted() else 200


@bp.post("/form/<id:question_id>/move")
def move(slug: str, question_id: int) -> Response:
    """Let a question stand before or after its neighbor."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    found = guards.trip_question(trip, question_id)
    if FlaskForm().validate_on_submit():
        try:
            with transaction():
                earlier = request.form.get("way") == "earlier"
                questions.move(trip, found, audits.by_staff(guards.me()), earlier=earlier)
        except StandsBefore:
            flash(_("One of the two depends on the other, so they stay in this order."), "info")
    return redirect(url_for(".listing", slug=slug, _anchor=f"question-{question_id}"), 303)


@bp.post("/form/<id:question_id>/retire")
def retire(slug: str, question_id: int) -> Response:
    """Ask a question no more."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    found = guards.trip_question(trip, question_id)
    if FlaskForm().validate_on_submit():
        try:
            with transaction():
                deleted = questions.retire(trip, found, audits.by_staff(guards.me()))
        except StillNeeded as error:
            flash(needed_words(error.labels), "info")
        else:
            gone = _("The question is deleted: nobody had answered it.")
            kept = _("The question is asked no more. What was answered stays.")
            flash(gone if deleted else kept, "success")
    return redirect(url_for(".listing", slug=slug), 303)


@bp.post("/form/<id:question_id>/again")
def bring_back(slug: str, question_id: int) -> Response:
    """Ask a retired question again."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    found = guards.trip_question(trip, question_id)
    if FlaskForm().validate_on_submit():
        try:
            with transaction():
                questions.bring_back(trip, found, audits.by_staff(guards.me()))
        except (DependencyRefused, QuestionGone):
            flash(_("Bring the question back first on which this one depends."), "info")
        else:
            flash(_("The question is asked again."), "success")
    return redirect(url_for(".listing", slug=slug, _anchor=f"question-{question_id}"), 303)


@bp.get("/missing")
def lacking(slug: str) -> str:
    """Which companies and delegates have not given what is asked, and by when it is due."""
    trip = guards.staff_trip(slug)
    return render_template(
        "organizer/questions_missing.html",
        trip=trip,
        found=missing.of_trip(trip),
        lack_text=missing.text,
    )


@bp.post("/missing")
def chase(slug: str) -> Response:
    """Write to everybody who has not given what is asked."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    if FlaskForm().validate_on_submit():
        with transaction():
            number = missing.chase(trip, audits.by_staff(guards.me()))
        told = ngettext(
            "%(num)d letter is on its way.", "%(num)d letters are on their way.", number
        )
        nobody = _("Nobody was written to: all who lack something had a letter within a day.")
        flash(told if number else nobody, "success" if number else "info")
    return redirect(url_for(".lacking", slug=slug), 303)


@bp.post("/<id:registration_id>/sealed-answers")
def look(slug: str, registration_id: int) -> str:
    """The sealed answers of a company's delegates, to those who may see them; each look is in the
    history, so looking is a POST and nothing of it stays in an address."""
    trip = guards.staff_trip(slug)
    found = guards.trip_registration(trip, registration_id)
    guards.sees_private(trip)
    with transaction():
        answers.looked_at(found, audits.by_staff(guards.me()))
    return render_template(
        "organizer/questions_sealed.html",
        trip=trip,
        registration=found,
        **answers_context(found, private=True),
    )


def _groups(every: list[Question]) -> list[tuple[object, object, list[Question]]]:
    """The questions in force of each stage and scope: (stage, scope, questions)."""
    return [
        (
            stage,
            asked,
            [q for q in every if (q.stage, q.asked) == (stage, asked) and q.retired_at is None],
        )
        for stage, asked in GROUPS
    ]


def _page(trip: Trip, form: QuestionForm, found: Question | None) -> str:
    return render_template(
        "organizer/questions_edit.html",
        trip=trip,
        form=form,
        question=found,
        number=questions.counts(trip)[found.id] if found else 0,
        history=question_history.told(audits.of(found), questions.every(trip)) if found else [],
    )
