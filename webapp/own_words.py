"""Words of organizers that stand instead of the product's own while a letter is written.

A text of the product is a message of gettext, and its placeholders have names: "%(company)s". A
person sees and types them as "{company}", and a percent sign as what it is. Only what templates
say can be said otherwise: how dates and amounts are written stays the language's.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from flask import Flask
from flask_babel import get_translations
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import escape

Instead = Mapping[str, Sequence[str]]  # by the product's English text: the words, one a plural form

_INSTEAD: ContextVar[Instead | None] = ContextVar("words_instead", default=None)
# The language's own words inside a block of `standing`: to look for them anew at each text is what
# writing a letter would take most of its time for.
_SPOKEN: ContextVar[Any] = ContextVar("words_spoken", default=None)
_SPECIAL = re.compile(r"%(?:%|\((\w+)\)([sd]))")  # a percent sign, or a placeholder
_BRACES = re.compile(r"\{(\w+)\}")
# Where the code's word for a thing is not that of the screen.
_SHOWN = {"trip": "tour"}
_KEPT = {shown: name for name, shown in _SHOWN.items()}
NUMBERS_TRIED = 200  # no language has a plural rule that needs greater ones


def init_app(app: Flask) -> None:
    """Let templates ask for these words first. After flask-babel, whose callables it replaces."""
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=_gettext,
        ngettext=_ngettext,
        newstyle=True,
        pgettext=lambda context, text: get_translations().upgettext(context, text),
        npgettext=lambda context, text, plural, number: get_translations().unpgettext(
            context, text, plural, number
        ),
    )


@contextmanager
def standing(instead: Instead | None) -> Iterator[None]:
    """Let these words stand inside the block, in this thread only; the product's for None."""
    token, spoken = _INSTEAD.set(instead or None), _SPOKEN.set(get_translations())
    try:
        yield
    finally:
        _INSTEAD.reset(token)
        _SPOKEN.reset(spoken)


@pass_eval_context
def _gettext(where: EvalContext, text: str) -> str:
    instead = _INSTEAD.get()
    if instead and text in instead:
        return _safe(where, instead[text][0])
    return str((_SPOKEN.get() or get_translations()).ugettext(text))


@pass_eval_context
def _ngettext(where: EvalContext, text: str, plural: str, number: int) -> str:
    instead = _INSTEAD.get()
    if instead and text in instead:
        forms = instead[text]
        return _safe(where, forms[min(plural_form(number), len(forms) - 1)])
    return get_translations().ungettext(text, plural, number)


def _safe(where: EvalContext, words: str) -> str:
    # Jinja takes what gettext says for markup, since translators are trusted. Organizers write
    # text; the values of its placeholders are escaped by Jinja.
    return escape(words) if where.autoescape else words


def plural_form(number: int) -> int:
    """Which of its forms the language at hand takes for so many."""
    rule = getattr(get_translations(), "plural", None)
    return int(rule(number)) if rule else int(number != 1)


def product_words(text: str, plural: str | None) -> tuple[str, ...]:
    """What the product says for a text in the language at hand, one a plural form."""
    translations = get_translations()
    if plural is None:
        return (translations.ugettext(text),)
    forms: dict[int, str] = {}
    for number in range(NUMBERS_TRIED):
        index = plural_form(number)
        if index not in forms:
            forms[index] = translations.ungettext(text, plural, number)
    return tuple(forms[index] for index in sorted(forms))


def placeholders(*texts: str) -> dict[str, str]:
    """The names of the placeholders in the order in which they come, and how each is formatted:
    as text ("s") or as a whole number ("d")."""
    return {name: kind for text in texts for name, kind in _SPECIAL.findall(text) if name}


def shown_name(name: str) -> str:
    """What a placeholder is called on screen."""
    return _SHOWN.get(name, name)


def named(typed: str) -> list[str]:
    """What a person's text names in braces, by the code's names, in order."""
    return [_KEPT.get(name, name) for name in _BRACES.findall(typed)]


def shown(text: str) -> str:
    """A text as a person reads and types it: "{company}: 5%" of "%(company)s: 5%%"."""
    return _SPECIAL.sub(lambda found: f"{{{shown_name(found[1])}}}" if found[1] else "%", text)


def kept(typed: str, known: Mapping[str, str]) -> str:
    """A text as gettext has it, of what a person typed; what is in braces and not among the `known`
    placeholders is text. `shown` says it again as it was typed."""

    def placeholder(found: re.Match[str]) -> str:
        name = _KEPT.get(found[1], found[1])
        return f"%({name}){known[name]}" if name in known else found[0]

    return _BRACES.sub(placeholder, typed.replace("%", "%%"))
