"""Documents that a company, or a delegate, sends by the own link; each sees its own alone."""

from flask import Blueprint, Response, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as Answer

from webapp import storage
from webapp.blueprints.guards import company_registration, link_delegate
from webapp.blueprints.registrations import document_words
from webapp.blueprints.throttle import upload_limits
from webapp.db import transaction
from webapp.domain import audits, documents
from webapp.domain.audits import By
from webapp.models.delegate import Delegate
from webapp.models.document import Document
from webapp.models.registration import Registration

company = Blueprint("documents_company", __name__, url_prefix="/r/<token>/documents")
delegate = Blueprint("documents_delegate", __name__, url_prefix="/d/<token>/documents")


@company.get("")
def page(token: str) -> str:
    """The company's documents."""
    return _page(company_registration(token), None)


@company.post("")
@upload_limits
def upload(token: str) -> Answer | tuple[str, int]:
    """Send a document of the company."""
    registration = company_registration(token)
    return _take(registration, None, audits.by_company(registration))


@company.get("/<id:document_id>")
def file(token: str, document_id: int) -> Response:
    """A document of the company, as an attachment."""
    return _serve(_of_company(company_registration(token), document_id))


@company.post("/<id:document_id>/delete")
def delete(token: str, document_id: int) -> Answer:
    """Delete a document of the company."""
    registration = company_registration(token)
    found = _of_company(registration, document_id)
    return _delete(found, audits.by_company(registration), url_for(".page", token=token))


@delegate.get("", endpoint="page")
def own_page(token: str) -> str:
    """The delegate's documents."""
    found = link_delegate(token)
    return _page(found.registration, found)


@delegate.post("", endpoint="upload")
@upload_limits
def own_upload(token: str) -> Answer | tuple[str, int]:
    """Send an own document."""
    found = link_delegate(token)
    return _take(found.registration, found, audits.by_delegate(found))


@delegate.get("/<id:own_document_id>", endpoint="file")
def own_file(token: str, own_document_id: int) -> Response:
    """An own document, as an attachment."""
    return _serve(_of_delegate(link_delegate(token), own_document_id))


@delegate.post("/<id:own_document_id>/delete", endpoint="delete")
def own_delete(token: str, own_document_id: int) -> Answer:
    """Delete an own document."""
    found = link_delegate(token)
    document = _of_delegate(found, own_document_id)
    return _delete(document, audits.by_delegate(found), url_for(".page", token=token))


def _of_company(registration: Registration, document_id: int) -> Document:
    """A document of the company itself: what its delegates sent is theirs."""
    found = documents.find(registration, document_id)
    return found if found and found.delegate_id is None else abort(404)


def _of_delegate(holder: Delegate, document_id: int) -> Document:
    found = documents.find(holder.registration, document_id)
    return found if found and found.delegate_id == holder.id else abort(404)


def _page(
    registration: Registration,
    holder: Delegate | None,
    form: document_words.UploadForm | None = None,
) -> str:
    context = document_words.documents_context(registration, holder)
    if form is not None:
        context["document_form"] = form
    return render_template(
        "registrations/documents.html",
        registration=registration,
        delegate=holder,
        trip=registration.trip,
        **context,
    )


def _take(registration: Registration, holder: Delegate | None, by: By) -> Answer | tuple[str, int]:
    form = document_words.upload_form(registration, holder)
    if form.validate_on_submit():
        sent = form.file.data
        data, name = document_words.octets(sent), sent.filename or ""
        question = document_words.chosen(form, registration)[1]
        try:
            with transaction():
                documents.take(registration, holder, question, name, data, by)
        except documents.REFUSALS as error:
            form.tell(error)
        else:
            flash(_("Received. The organizers of the tour can read it."), "success")
            token = (holder or registration).token
            return redirect(url_for(".page", token=token), 303)
    return _page(registration, holder, form), 422


def _serve(document: Document) -> Response:
    try:
        return document_words.served(document, documents.open(document))
    except storage.FileGone:
        abort(410)


def _delete(document: Document, by: By, back: str) -> Answer:
    if FlaskForm().validate_on_submit():
        with transaction():
            documents.remove(document, by)
        flash(_("Deleted."), "success")
    return redirect(back, 303)
