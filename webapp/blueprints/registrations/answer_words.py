"""What is said of questions and answers, in the reader's language."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from babel import Locale
from babel.lists import format_list
from babel.numbers import format_decimal
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.domain.answer_values import DECIMALS, LARGEST_NUMBER, YEARS, Asking, Fault, Why
from webapp.i18n import current_language, date_short, words
from webapp.models.question import AnswerKind


def fault_words(fault: Fault, name: str | None = None) -> str:
    """Why an answer is not taken, beside its field; `name` is the question's label where the
    sentence stands alone."""
    text = _why(fault)
    return text if name is None else _("%(name)s: %(text)s", name=name, text=text)


def sentence(fault: Fault) -> str:
    """The same with the question in front of it: for a page that has no field to say it at."""
    return fault_words(fault, words(fault.label) or fault.key)


def answer_text(question: Asking, value: Any) -> str:
    """An answer as a reader sees it: "Yes", "Vegetarian, no fish", "France"; "" for none. An option
    that is no more is said by its value. A document is shown by its name elsewhere."""
    match question.kind, value:
        case _, None:
            return ""
        case AnswerKind.YES_NO, _:
            return _("Yes") if value else _("No")
        case AnswerKind.CHOICE, str():
            return option_text(question, value)
        case AnswerKind.CHOICES, list():
            return ", ".join(option_text(question, each) for each in value)
        case AnswerKind.NUMBER, int() | float():
            return number_text(value)
        case AnswerKind.DATE, str():
            return date_short(date.fromisoformat(value))
        case AnswerKind.COUNTRY, str():
            return str(Locale(current_language()).territories.get(value, value))
    return str(value)


def option_text(question: Asking, value: str) -> str:
    """What an option is called; of a yes-no question, yes or no."""
    if question.kind == AnswerKind.YES_NO:
        return _("Yes") if value == "yes" else _("No")
    found = next((o for o in question.options if o["value"] == value), None)
    return words(found["label"]) if found else value


def number_text(value: int | float) -> str:
    """A number as it is said and typed: 12.5; 12,5 in French."""
    return str(value).replace(".", "," if current_language() == "fr" else ".")


def condition_text(question: Asking) -> str:
    """When it is asked, in words: "Only if you answered “Other” to “Diet”."; "" for always."""
    if question.parent is None:
        return ""
    parent = question.parent
    order = ["yes", "no"] if parent.kind == AnswerKind.YES_NO else parent.values
    said = [option_text(parent, value) for value in order if value in question.when]
    return _(
        "Only if you answered %(answer)s to “%(question)s”.",
        answer=either(_("“%(text)s”", text=text) for text in said),
        question=words(parent.label),
    )


def either(texts: Iterable[str]) -> str:
    """A, B or C."""
    return format_list(list(texts), style="or", locale=Locale(current_language()))


def _why(fault: Fault) -> str:
    match fault.why:
        case Why.LENGTH:
            return _("This is too long: %(max)d characters at most.", max=fault.most or 0)
        case Why.NUMBER:
            return _(
                "Please give a number below %(most)s, with %(decimals)d decimals at most.",
                most=format_decimal(LARGEST_NUMBER, locale=Locale(current_language())),
                decimals=DECIMALS,
            )
        case Why.YEAR:
            return _(
                "Please give a year from %(first)d to %(last)d.", first=YEARS[0], last=YEARS[1]
            )
    return str(_PLAIN[fault.why])


_PLAIN: dict[Why, Any] = {
    Why.MISSING: _l("Please answer this question."),
    Why.TEXT: _l("Please answer with plain text."),
    Why.YES_NO: _l("Please answer yes or no."),
    Why.OPTION: _l("Please choose from the list."),
    Why.DATE: _l("Please give a date. Write it like 2027-10-30: year, month, day."),
    Why.COUNTRY: _l("Please choose a country."),
    Why.DOCUMENT: _l("Please send this answer as a file."),
    Why.UNKNOWN: _l("This question is not asked here any more."),
}
