"""The pages of a message, rendered."""

from flask import render_template, request
from flask_wtf import FlaskForm

from webapp import clock
from webapp.blueprints import guards
from webapp.blueprints.mails import mailing_words as words
from webapp.blueprints.mails.mailing_forms import MessageForm
from webapp.blueprints.mails.mailing_send_forms import PlanForm, SendForm, TemplateForm
from webapp.blueprints.registrations.document_words import size_text
from webapp.domain.mailings import checking, drafts, files, previews
from webapp.domain.mailings.audience import Recipient
from webapp.domain.mailings.checking import Checked
from webapp.mail.letters import To
from webapp.models.delegate import Delegate
from webapp.models.mailing import Mailing, MailingState
from webapp.models.registration import Registration
from webapp.models.staff import Role
from webapp.models.trip import Trip

PAGE_SIZE = 100
NAMED = 200  # of those left out; the others are counted


def may_change(trip: Trip) -> bool:
    """Whether the signed-in staff may write on this tour."""
    return guards.me().role_on(trip.id) == Role.ORGANIZER


def edit(trip: Trip, mailing: Mailing | None, form: MessageForm, *, saved: bool = False) -> str:
    """The form of a draft; `saved` says that the text is kept, though a file was not."""
    return render_template(
        "organizer/mailing_edit.html",
        trip=trip,
        mailing=mailing,
        form=form,
        saved=saved,
        placeholders=words.placeholders(),
        size=size_text,
    )


def one(trip: Trip, mailing: Mailing, form: TemplateForm | None = None) -> str:
    """Where a message stands."""
    is_open = mailing.state in (MailingState.DRAFT, MailingState.SCHEDULED)
    return render_template(
        "organizer/mailing.html",
        trip=trip,
        mailing=mailing,
        progress=drafts.progress([mailing])[mailing.id],
        for_whom=words.audience_of(trip, mailing),
        faults=_faults(checking.check(trip, mailing)) if is_open and mailing.problem else [],
        problem=words.problem(mailing) if mailing.problem else "",
        is_due=mailing.goes_at is not None and mailing.goes_at <= clock.now(),
        may_change=may_change(trip),
        form=FlaskForm(formdata=None),
        template_form=form or TemplateForm(formdata=None),
        size=size_text,
    )


def check(
    trip: Trip,
    mailing: Mailing,
    *,
    checked: Checked | None = None,
    plan: PlanForm | None = None,
    changed: bool = False,
) -> str:
    """What sending a draft would do. `changed`: it is not what was shown before."""
    checked = checked or checking.check(trip, mailing)
    people = checked.chosen.people
    number = min(max(1, request.args.get("page", 1, type=int)), -(-len(people) // PAGE_SIZE) or 1)
    return render_template(
        "organizer/mailing_check.html",
        trip=trip,
        mailing=mailing,
        checked=checked,
        changed=changed,
        faults=_faults(checked),
        for_whom=words.audience(trip, checked.audience),
        page=number,
        pages=max(1, -(-len(people) // PAGE_SIZE)),
        people=people[(number - 1) * PAGE_SIZE : number * PAGE_SIZE],
        left_out=[(who, words.why(why)) for who, why in checked.chosen.left_out[:NAMED]],
        reasons=[(words.why(why), n) for why, n in checked.chosen.reasons.items()],
        previews=previews.of(trip, mailing, previews.samples(people)),
        octets=files.total(mailing),
        size=size_text,
        send_form=SendForm(formdata=None, number=checked.number, fingerprint=checked.fingerprint),
        plan_form=plan or PlanForm.of(trip),
        zones=[trip.zone, *sorted(clock.zone_names() - {trip.zone})],
    )


def preview(
    trip: Trip, mailing: Mailing, registration: Registration, delegate: Delegate | None
) -> str:
    """What one reader would read, as a page, with links that lead nowhere."""
    reader = delegate or registration
    email = delegate.email if delegate else registration.coordinator_email
    name = delegate.name if delegate else registration.coordinator_name
    who = Recipient(
        To.DELEGATE if delegate else To.COORDINATOR,
        registration.id,
        delegate.id if delegate else None,
        email,
        name,
        registration.organization.name,
        reader.language,
        registration.state,
        delegate.state if delegate else None,
    )
    (shown,) = previews.of(trip, mailing, [checking.spoken(mailing, who)])
    return shown.page


def _faults(checked: Checked) -> list[str]:
    return list(dict.fromkeys(words.fault(each) for each in checked.faults))
