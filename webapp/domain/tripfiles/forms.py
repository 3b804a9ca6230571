"""How a tour takes companies, what it asks and charges, and by what it chooses, as a trip file says
it: what may be said, what has to agree, and what is said of a stored trip. `form_loading` writes
the rows."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from webapp.db import Words
from webapp.domain import charges, criteria, instalments, prices, question_rules, questions
from webapp.domain.enrolling import CURRENCIES
from webapp.domain.form_fields import FIELDS, Rule
from webapp.domain.instalments import Instalment
from webapp.domain.question_rules import SCOPES, STAGES, Option, QuestionValues
from webapp.domain.retention import LONGEST, DataKind
from webapp.domain.tripfiles.faults import Faults
from webapp.domain.tripfiles.rules import (
    TITLE,
    Field,
    choice,
    day,
    each,
    fields,
    instant,
    matching,
    needed,
    optional,
    truth,
    whole,
    words,
    zone,
)
from webapp.domain.tripfiles.values import as_day
from webapp.errors import DomainError
from webapp.models.fee import FeeBasis, FeeKind
from webapp.models.question import AnswerKind, Asked, Question, Sensitivity, Stage
from webapp.models.trip import Order, Promotion, Trip

OFFER_HOURS = 2_160
NAME = matching(
    r"[a-z0-9]+(_[a-z0-9]+)*", 50, "give lower-case letters, digits and single _, at most 50"
)
VALUE = matching(question_rules.VALUE.pattern, 50, "give lower-case letters, digits and _")
AMOUNT = matching(r"-?\d{1,8}(\.\d\d?)?", 12, 'give an amount as a text, such as "1200.00"')
PERCENT = matching(r"\d{1,3}(\.\d\d?)?", 6, 'give percent as a text, such as "20.00"')

REGISTRATION: dict[str, Field] = {
    "deadline_zone": optional(zone),
    "freezes_at": optional(instant),
    "details_due_at": optional(instant),
    "accepts_at_once": optional(truth),
    "queue_order": optional(choice(Order)),
    "promotion": optional(choice(Promotion)),
    "offer_hours": optional(whole(1, OFFER_HOURS)),
    "skips_parties": optional(truth),
    "currency": optional(choice(CURRENCIES)),
    "form_note": optional(words()),
    "form_fields": optional(fields({name: optional(choice(Rule)) for name in FIELDS})),
    "retention": optional(fields({str(kind): optional(whole(0, LONGEST)) for kind in DataKind})),
}
OPTION = {"value": needed(VALUE), "label": needed(words())}
QUESTION = {
    "key": needed(NAME),
    "stage": needed(choice(Stage)),
    "asked": needed(choice(Asked)),
    "kind": needed(choice(AnswerKind)),
    "label": needed(words()),
    "help": optional(words()),
    "options": optional(each(fields(OPTION), question_rules.MOST_OPTIONS)),
    "required": optional(truth),
    "sensitivity": optional(choice(Sensitivity)),
    "depends_on": optional(NAME),
    "depends_values": optional(each(VALUE, question_rules.MOST_OPTIONS, once=True)),
}
CRITERION = {
    "name": needed(words(TITLE)),
    "weight": optional(whole(1, 100)),
    "most": optional(whole(1, 100)),
}
INSTALMENT = {
    "percent": needed(PERCENT),
    "due_on": optional(day),
    "days": optional(whole(0, instalments.MOST_DAYS)),
}
PRICE = {
    "name": needed(words(TITLE)),
    "kind": optional(choice(FeeKind)),
    "basis": optional(choice(FeeBasis)),
    "net": needed(AMOUNT),
    "tax_rate": optional(PERCENT),
    "instalments": needed(each(fields(INSTALMENT), instalments.MOST_INSTALMENTS)),
}

# What is wrong with a question, by the name of what the domain raises: field and what to mend.
MENDS = {
    "LabelMissing": ("label", "give it, and each of its options, words"),
    "OptionsMissing": ("options", "give at least two to choose from"),
    "OptionsTwice": ("options", "give each a value and words of its own"),
    "SensitiveOfCompany": ("sensitivity", 'only what each delegate is asked is sealed: "plain"'),
    "DependencyRefused": (
        "depends_on",
        'give a choice or yes_no that is asked before it, and "depends_values" among its answers',
    ),
    "StillNeeded": ("key", "another question depends on what would go"),
    "Answered.kind": ("kind", "it has been answered: keep what it was"),
    "Answered.asked": ("asked", "it has been answered: keep what it was"),
    "Answered.sensitivity": ("sensitivity", "it has been answered: it cannot become less secret"),
    "Answered.options": ("options", "somebody chose the one that would go: keep it"),
    "TooMany": ("key", "the form would have more questions than it can hold"),
    "CriteriaFixed": ("name", "an application has arrived: the criteria stay as they are"),
    "TooManyCriteria": ("name", "the tour would have more criteria than it can have"),
    "InstalmentRefused": (
        "instalments",
        'give each a percent above 0, and either "due_on" or "days"',
    ),
    "InstalmentsDoNotAddUp": ("instalments", "let the percents make 100 together"),
    "NameMissing": ("name", "give it in English too"),
    "WrongSign": ("net", "an aid is negative, and nothing else is"),
    "AmountRefused": ("net", "too much, or more decimals than the currency has"),
    "TaxRefused": ("tax_rate", "give 0 to 100 percent"),
    "KindFixed": ("kind", "companies were charged: a fee stays a fee, and an aid an aid"),
    "TooManyPrices": ("name", "the tour would have more prices than it can have"),
}


def say(faults: Faults, path: str, error: DomainError) -> None:
    """Say what the domain refuses, at the field that has to be mended."""
    what = getattr(error, "what", None)
    name = type(error).__name__ + (f".{what}" if what else "")
    field, mend = MENDS.get(name, ("", str(error) or name))
    faults.say(f"{path}.{field}".rstrip("."), mend)


def values_of(said: Mapping[str, Any], depends_on_id: int | None) -> QuestionValues:
    """A question as the file says it."""
    return QuestionValues(
        stage=Stage(said["stage"]),
        asked=Asked(said["asked"]),
        kind=AnswerKind(said["kind"]),
        label=Words(said["label"]),
        help=Words(said["help"]) if said.get("help") else None,
        options=tuple(
            Option(Words(each["label"]), each["value"]) for each in said.get("options") or []
        ),
        required=bool(said.get("required")),
        sensitivity=Sensitivity(said.get("sensitivity") or Sensitivity.PLAIN),
        depends_on_id=depends_on_id,
        depends_values=tuple(said.get("depends_values") or []),
    )


def price_of(said: Mapping[str, Any]) -> prices.PriceData:
    """A price as the file says it."""
    return prices.PriceData(
        name=Words(said["name"]),
        kind=FeeKind(said.get("kind") or FeeKind.FEE),
        basis=FeeBasis(said.get("basis") or FeeBasis.COMPANY),
        net=Decimal(said["net"]).quantize(Decimal("0.01")),
        tax_rate=Decimal(said.get("tax_rate") or 0).quantize(Decimal("0.01")),
        instalments=tuple(
            Instalment(
                Decimal(each["percent"]).quantize(Decimal("0.01")),
                as_day(each.get("due_on")),
                each.get("days"),
            )
            for each in said["instalments"]
        ),
    )


def in_order(data: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The questions of a file as they are asked, each with its path: by stage, the company's before
    the delegates', then as they stand in the file."""
    numbered = [(f"$.questions[{i}]", q) for i, q in enumerate(data.get("questions") or [])]
    yield from sorted(
        numbered, key=lambda one: (STAGES.index(one[1]["stage"]), SCOPES.index(one[1]["asked"]))
    )


def agree(data: dict[str, Any], faults: Faults) -> None:
    """Say what contradicts itself in the questions and prices of a file of the right shape: by the
    rules that organizers have."""
    _agree_questions(data, faults)
    for number, said in enumerate(data.get("prices") or []):
        price = price_of(said)
        try:
            if "en" not in price.name:
                raise prices.NameMissing
            if (price.kind == FeeKind.AID) != (price.net < 0):
                raise prices.WrongSign
            charges.check_tax(price.tax_rate)
            instalments.check(price.instalments)
        except DomainError as error:
            say(faults, f"$.prices[{number}]", error)


def _agree_questions(data: dict[str, Any], faults: Faults) -> None:
    keys = {said["key"] for said in data.get("questions") or []}
    there: list[Question] = []
    ids: dict[str, int] = {}
    for number, (path, said) in enumerate(in_order(data), start=1):
        wanted = said.get("depends_on")
        if wanted is not None and wanted not in keys:
            faults.say(f"{path}.depends_on", f'"{wanted}" is none of the questions')
            wanted = None
        # 0 is no question: one that stands later, or the question itself
        values = values_of(said, ids.get(wanted, 0) if wanted else None)
        try:
            values = question_rules.good(there, values, None)
        except DomainError as error:
            say(faults, path, error)
        ids[said["key"]] = number
        question = Question(id=number, position=number, **question_rules.columns(values))
        there.append(question)


def dump_registration(trip: Trip) -> dict[str, Any]:
    """How the trip takes companies, apart from its window and limits."""
    return {
        "deadline_zone": trip.deadline_zone,
        "freezes_at": written_instant(trip.freezes_at),
        "details_due_at": written_instant(trip.details_due_at),
        "accepts_at_once": trip.accepts_at_once,
        "queue_order": trip.queue_order.value,
        "promotion": trip.promotion.value,
        "offer_hours": trip.offer_hours,
        "skips_parties": trip.skips_parties,
        "currency": trip.currency,
        "form_note": trip.form_note,
        "form_fields": trip.form_fields,
        "retention": trip.retention,
    }


def dump_questions(trip: Trip) -> list[dict[str, Any]]:
    """The questions in force, as they are asked. No answer is among them."""
    return [
        {
            "key": each.key,
            "stage": each.stage.value,
            "asked": each.asked.value,
            "kind": each.kind.value,
            "label": each.label,
            "help": each.help,
            "options": [
                {"value": option["value"], "label": dict(option["label"])}
                for option in each.options
            ],
            "required": each.required,
            "sensitivity": None
            if each.sensitivity == Sensitivity.PLAIN
            else each.sensitivity.value,
            "depends_on": each.depends_on.key if each.depends_on else None,
            "depends_values": list(each.depends_values),
        }
        for each in questions.of(trip)
    ]


def dump_criteria(trip: Trip) -> list[dict[str, Any]]:
    """The criteria, in their order. No score is among them."""
    return [
        {"name": each.name, "weight": each.weight, "most": each.most} for each in criteria.of(trip)
    ]


def dump_prices(trip: Trip) -> list[dict[str, Any]]:
    """The prices in force, in their order. Nothing that a company owes is among them."""
    return [
        {
            "name": each.name,
            "kind": each.kind.value,
            "basis": each.basis.value,
            "net": f"{each.net:.2f}",
            "tax_rate": f"{each.tax_rate:.2f}",
            "instalments": [part.facts() for part in instalments.read(each.instalments)],
        }
        for each in prices.of(trip)
    ]


def written_instant(at: datetime | None) -> str | None:
    """An instant as a file writes it, in UTC."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None
