"""Documents on a page: the form that sends one, what stands in the list, why one is refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from flask import Response, send_file
from flask_babel import format_decimal
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms import SelectChoice, SelectField

from webapp import i18n
from webapp.blueprints.fields import NotBlank
from webapp.domain import answer_values, answered, documents, media, questions
from webapp.domain.answer_values import asking
from webapp.domain.media import Kind, Trouble
from webapp.errors import DomainError
from webapp.models.delegate import Delegate
from webapp.models.document import Document
from webapp.models.question import AnswerKind, Asked, Question, Stage
from webapp.models.registration import Registration, RegistrationState

KINDS = {
    Kind.PDF: "PDF",
    Kind.PNG: "PNG",
    Kind.JPEG: "JPEG",
    Kind.DOCX: "DOCX",
    Kind.XLSX: "XLSX",
    Kind.ODT: "ODT",
}
# A file that is opened by mistake in a browser can do and load nothing.
POLICY = "default-src 'none'; sandbox"


class UploadForm(FlaskForm):
    """A file, and what it is for; an organizer also says whose it is."""

    file = FileField(
        _l("File"),
        [NotBlank(_l("Please choose a file."))],
        description=_l("PDF, PNG, JPEG, DOCX, XLSX or ODT, 5 MB at most; no macros."),
    )
    question = SelectField(_l("Purpose of the file"), default="")
    whose = SelectField(_l("Whose it is"), default="")

    def tell(self, error: DomainError) -> None:
        """Say beside the field why the file was not taken."""
        field = self.question if isinstance(error, documents.NotAsked) else self.file
        field.errors = [refusal(error)]


@dataclass(frozen=True, slots=True)
class Line:
    """One document in a list. `name` is None for who may not know it."""

    id: int
    name: str | None
    kind: str
    size: str
    about: str
    whose: str
    is_sensitive: bool
    document: Document


def upload_form(
    registration: Registration, delegate: Delegate | None, *, by_staff: bool = False
) -> UploadForm:
    """The form for the company, for one delegate, or for an organizer who may send for each."""
    form = UploadForm()
    there = _asked(registration, None if by_staff else delegate, everybody=by_staff)
    form.question.choices = [
        SelectChoice("", _("Something else")),
        *(SelectChoice(str(each.id), i18n.words(each.label)) for each in there),
    ]
    if by_staff:
        form.whose.choices = [
            SelectChoice("", registration.organization.name),
            *(SelectChoice(str(each.id), each.name) for each in registration.delegates),
        ]
    else:
        del form.whose
    return form


def chosen(form: UploadForm, registration: Registration) -> tuple[Delegate | None, Question | None]:
    """Whose document it is by the form of an organizer, and which question it answers."""
    whose = form.whose.data if "whose" in form else ""
    delegate = next((each for each in registration.delegates if str(each.id) == whose), None)
    wanted = form.question.data
    return delegate, questions.find(registration.trip, int(wanted)) if wanted else None


def octets(file: FileStorage) -> bytes:
    """What was sent, and no more of it than is needed to see that it is too large."""
    data: bytes = file.stream.read(documents.LARGEST + 1)
    return data


def shown(there: Sequence[Document], *, private: bool = True) -> list[Line]:
    """The lines of a list; without `private` a sensitive document has no name."""
    return [
        Line(
            id=each.id,
            name=None if documents.is_sensitive(each) and not private else each.filename,
            kind=KINDS.get(Kind(each.filename.rpartition(".")[2]), ""),
            size=size_text(each.size),
            about=i18n.words(each.question.label) if each.question else "",
            whose=each.delegate.name if each.delegate else "",
            is_sensitive=documents.is_sensitive(each),
            document=each,
        )
        for each in there
    ]


def size_text(octets_: int) -> str:
    """How large a file is, as people say it: 340 kB, 1.2 MB."""
    if octets_ < 1_000_000:
        return _("%(number)d kB", number=max(1, round(octets_ / 1000)))
    return _("%(number)s MB", number=format_decimal(round(octets_ / 1_000_000, 1)))


def served(document: Document, data: bytes) -> Response:
    """The file as an attachment with the media type that was found: never shown in a page."""
    response = send_file(
        BytesIO(data),
        mimetype=document.media_type,
        as_attachment=True,
        download_name=document.filename,
    )
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def refusal(error: DomainError) -> str:
    """Why a document is not taken."""
    match error:
        case documents.TooLarge():
            return _("This file is too large: 5 MB at most.")
        case documents.TooMany(of_trip=True):
            return _("The tour has no room for more documents. Please write to the organizers.")
        case documents.TooMany():
            return _("There are 20 documents already. Please delete one first.")
        case documents.TooMuch():
            return _(
                "Until the company is accepted, its documents may have 20 MB together. Please "
                "delete one first."
            )
        case documents.NoPart():
            return _("This can no longer be changed: the registration or the tour has ended.")
        case documents.NotAsked():
            return _("This question is no longer asked. Please choose what the file is for.")
        case media.KindRefused(trouble=trouble):
            return _of_kind(trouble)
    return _("This cannot be done as it stands.")


def _of_kind(trouble: Trouble) -> str:
    match trouble:
        case Trouble.EMPTY:
            return _("This file is empty.")
        case Trouble.DAMAGED:
            return _("This file is damaged, or was not sent whole. Please choose it once more.")
        case Trouble.ACTIVE:
            return _("This file holds macros or other programs. Please save it without them.")
        case Trouble.FETCHES:
            return _(
                "This file fetches something from elsewhere when it is opened, such as a linked "
                "picture or template. Please save it as PDF."
            )
        case Trouble.LOCKED:
            return _(
                "This file asks for a password, or is of an old kind. Please save it as PDF, DOCX "
                "or XLSX without one."
            )
    return _("We take PDF, PNG, JPEG, DOCX, XLSX and ODT, whatever the file is called.")


def _asked(
    registration: Registration, delegate: Delegate | None, *, everybody: bool
) -> list[Question]:
    """The questions that want a document, and are asked now of the company or the delegate; for an
    organizer all of both."""
    stages = {Stage.APPLY}
    if registration.state == RegistrationState.ACCEPTED:
        stages.add(Stage.TRAVEL)
    scope = Asked.COMPANY if delegate is None else Asked.DELEGATE
    wanted = [
        each
        for each in questions.of(registration.trip)
        if each.kind == AnswerKind.DOCUMENT
        and each.stage in stages
        and (everybody or each.asked == scope)
    ]
    if not wanted or everybody:
        return wanted
    kept = answered.load([registration.id])[registration.id]
    known: dict[int, Any] = {**kept.of(None), **(kept.of(delegate.id) if delegate else {})}
    return [each for each in wanted if answer_values.is_asked(asking(each), known)]


def documents_context(
    registration: Registration, delegate: Delegate | None = None
) -> dict[str, Any]:
    """What registrations/_documents.html wants besides `registration` and `trip`: for the
    company's page, or with `delegate` for that delegate's own."""
    there = documents.of_delegate(delegate) if delegate else documents.of_company(registration)
    holder = delegate or registration
    return {
        "document_lines": shown(there),
        "document_form": upload_form(registration, delegate),
        "document_at": f"documents_{'delegate' if delegate else 'company'}",
        "document_token": holder.token,
        "document_name": "own_document_id" if delegate else "document_id",
        "documents_open": not registration.is_out and not (delegate and delegate.is_gone),
    }
