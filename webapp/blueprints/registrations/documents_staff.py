"""The documents of one registration as organizers see them. Sensitive ones are opened by those who
may read private data, with a button, and each time is written into the audit."""

from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as Answer

from webapp import storage
from webapp.blueprints import guards
from webapp.blueprints.registrations import document_words
from webapp.db import transaction
from webapp.domain import audits, documents
from webapp.models.document import Document
from webapp.models.registration import Registration
from webapp.models.staff import Role
from webapp.models.trip import Trip

bp = Blueprint(
    "documents_organizer",
    __name__,
    url_prefix="/organizer/trips/<slug>/registrations/<id:registration_id>/documents",
)
bp.before_request(guards.staff_only)


@bp.get("")
def page(slug: str, registration_id: int) -> str:
    """All documents of a company and its delegates."""
    trip = guards.staff_trip(slug)
    return _page(trip, guards.trip_registration(trip, registration_id))


@bp.post("")
def upload(slug: str, registration_id: int) -> Answer | tuple[str, int]:
    """Keep a document that came by another way, for the company or for one delegate."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    found = guards.trip_registration(trip, registration_id)
    form = document_words.upload_form(found, None, by_staff=True)
    if form.validate_on_submit():
        sent = form.file.data
        data, name = document_words.octets(sent), sent.filename or ""
        delegate, question = document_words.chosen(form, found)
        try:
            with transaction():
                by = audits.by_staff(guards.me())
                documents.take(found, delegate, question, name, data, by)
        except documents.REFUSALS as error:
            form.tell(error)
        else:
            flash(_("Kept."), "success")
            return redirect(url_for(".page", slug=slug, registration_id=found.id), 303)
    return _page(trip, found, form), 422


@bp.get("/<id:document_id>")
def file(slug: str, registration_id: int, document_id: int) -> Response:
    """A document that is not sensitive, as an attachment."""
    trip = guards.staff_trip(slug)
    found = _document(trip, registration_id, document_id)
    if documents.is_sensitive(found):
        abort(404)
    return _serve(found)


@bp.post("/<id:document_id>/open")
def look(slug: str, registration_id: int, document_id: int) -> Response:
    """A sensitive document, for who may read private data: the look is audited, then served."""
    trip = guards.staff_trip(slug)
    guards.sees_private(trip)
    found = _document(trip, registration_id, document_id)
    with transaction():
        documents.looked_at(found, audits.by_staff(guards.me()))
    return _serve(found)


@bp.post("/<id:document_id>/delete")
def delete(slug: str, registration_id: int, document_id: int) -> Answer:
    """Delete a document for good."""
    trip = guards.staff_trip(slug, Role.ORGANIZER)
    found = _document(trip, registration_id, document_id)
    if FlaskForm().validate_on_submit():
        with transaction():
            documents.remove(found, audits.by_staff(guards.me()))
        flash(_("Deleted."), "success")
    return redirect(url_for(".page", slug=slug, registration_id=registration_id), 303)


def registration_documents_context(registration: Registration) -> dict[str, Any]:
    """What organizer/_registration_documents.html wants besides `registration`, `trip` and
    `may_change`."""
    private = guards.me().sees_private_on(registration.trip_id)
    there = documents.of_registration(registration)
    return {
        "document_lines": document_words.shown(there, private=private),
        "document_form": document_words.upload_form(registration, None, by_staff=True),
        "sees_private": private,
    }


def _document(trip: Trip, registration_id: int, document_id: int) -> Document:
    found = guards.trip_registration(trip, registration_id)
    return documents.find(found, document_id) or abort(404)


def _serve(document: Document) -> Response:
    try:
        return document_words.served(document, documents.open(document))
    except storage.FileGone:
        abort(410)


def _page(
    trip: Trip, registration: Registration, form: document_words.UploadForm | None = None
) -> str:
    context = registration_documents_context(registration)
    if form is not None:
        context["document_form"] = form
    return render_template(
        "organizer/registration_documents.html",
        trip=trip,
        registration=registration,
        may_change=guards.me().role_on(trip.id) == Role.ORGANIZER,
        **context,
    )
