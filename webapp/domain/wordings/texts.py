"""The texts of each letter, as its templates have them: what organizers may say otherwise.

They are read from the templates themselves, in the order in which a reader meets them, so that a
letter whose template changes needs no second list. What frames every letter (the name and dates of
the tour, that it is a sample, how to stop letters) and how dates and amounts are written is not
among them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property, lru_cache
from hashlib import sha256
from pathlib import PurePosixPath

from flask import current_app
from jinja2 import TemplateNotFound, nodes

from webapp import i18n, own_words
from webapp.mail.letters import LETTERS

# What is said in every letter unless the letter has words of its own: the shared fragments.
EVERY = "every_letter"
# A paragraph that organizers add: its text has this id, which no message of gettext has.
OWN = ""
# Messages are the organizers' own words already; lost links belong to no tour.
LEFT_OUT = frozenset({"message", "message_test", "links_sent"})
FRAME = frozenset({"_base.html", "_base.txt", "_foot.txt"})
BLOCKS = ("content", "facts", "link", "after")  # as templates/mail/_base.* have them


_TOLD_STATE = nodes.Getattr(nodes.Name("told", "load"), "state", "load")


class Part(StrEnum):
    """What a text is in its letter."""

    SUBJECT = "subject"
    GREETING = "greeting"
    TEXT = "text"
    LABEL = "label"
    BUTTON = "button"
    OWN = "own"


class Twin(StrEnum):
    """In which twin of the letter a text stands: the page, the plain text, or the one as the other
    (which the subject is, too)."""

    BOTH = "both"
    PAGE = "page"
    PLAIN = "plain"


@dataclass(frozen=True)
class Text:
    """A text that organizers may say otherwise. `id` and `plural` are the product's English;
    `sometimes`: whether it stands in the letter depends on what the letter tells of;
    `state`: only if this is where the registration stands, if that alone decides;
    `may_have_lines`: it is a paragraph that both twins share, so it may as well be several."""

    id: str
    plural: str | None
    part: Part
    twin: Twin = Twin.BOTH
    sometimes: bool = False
    state: str | None = None
    may_have_lines: bool = False
    product: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by language

    @property
    def key(self) -> str:
        """The text's id in few letters, for the fields of a form."""
        return sha256(self.id.encode()).hexdigest()[:12] if self.id else "own"

    @cached_property
    def placeholders(self) -> dict[str, str]:
        """The names of its placeholders, and how gettext formats each."""
        if self.part == Part.OWN:
            return dict.fromkeys(("name", "company", "trip"), "s")
        return own_words.placeholders(self.id, self.plural or "")


def letters() -> list[str]:
    """The letters whose texts may be said otherwise, in the product's order."""
    there = set(_templates())
    return [name for name in LETTERS if name not in LEFT_OUT and f"{name}/subject.txt" in there]


def of_letter(letter: str) -> list[Text]:
    """The texts of a letter in the order in which they stand, or those that every letter shares;
    the paragraph that organizers may add is the last. Raises KeyError for an unknown letter."""
    return list(_by_id(letter).values())


def find(letter: str, text_id: str) -> Text | None:
    """A text of a letter, None when it has no such text (any more). Raises KeyError for an unknown
    letter."""
    return _by_id(letter).get(text_id)


@lru_cache(maxsize=256)
def _by_id(letter: str) -> dict[str, Text]:
    if letter == EVERY:
        found = _merged(_of_every_letter())
    elif letter in letters():
        found = _merged(_of_one(letter))
    else:
        raise KeyError(letter)
    nothing = dict.fromkeys(i18n.LANGUAGES, ("",))
    found[OWN] = Text(OWN, None, Part.OWN, may_have_lines=True, product=nothing)
    return found


def _of_one(letter: str) -> Iterator[Text]:
    yield from _Reader(letter, Part.SUBJECT).read(f"mail/{letter}/subject.txt")
    yield from _Reader(letter, Part.GREETING).read("mail/_dear.txt")
    yield from _Reader(letter, Part.TEXT).read(f"mail/{letter}/_words.txt")
    pages = _Reader(letter, Part.TEXT, Twin.PAGE).blocks(f"mail/{letter}/body.html")
    plain = _Reader(letter, Part.TEXT, Twin.PLAIN).blocks(f"mail/{letter}/body.txt")
    for name in dict.fromkeys((*BLOCKS, *pages, *plain)):
        yield from pages.get(name, [])
        yield from plain.get(name, [])
    for name in _templates():  # what is rendered by itself, such as the changes of a bulletin
        if name.startswith(f"{letter}/_") and not name.endswith("/_words.txt"):
            twin = Twin.PAGE if name.endswith(".html") else Twin.PLAIN
            yield from _Reader(letter, Part.TEXT, twin).read(f"mail/{name}")


def _of_every_letter() -> Iterator[Text]:
    yield from _Reader("", Part.GREETING).read("mail/_dear.txt")
    for name in _templates():
        if name.startswith("_") and name.endswith(".txt") and name not in FRAME:
            yield from _Reader("", Part.TEXT).read(f"mail/{name}")


def _merged(found: Iterator[Text]) -> dict[str, Text]:
    """Each text once, where it comes first; what holds of all its places holds of it."""
    texts: dict[str, Text] = {}
    for text in found:
        first = texts.setdefault(text.id, text)
        texts[text.id] = replace(
            first,
            twin=first.twin if first.twin == text.twin else Twin.BOTH,
            sometimes=first.sometimes and text.sometimes,
            state=first.state if first.state == text.state else None,
            may_have_lines=first.may_have_lines and text.may_have_lines,
        )
    return {text.id: replace(text, product=_product(text)) for text in texts.values()}


def _product(text: Text) -> dict[str, tuple[str, ...]]:
    found = {}
    for language in i18n.LANGUAGES:
        with i18n.speaking(language):
            found[language] = own_words.product_words(text.id, text.plural)
    return found


def _templates() -> list[str]:
    """The files of templates/mail, without the folder, in order."""
    names = current_app.jinja_env.list_templates()
    return [name.removeprefix("mail/") for name in names if name.startswith("mail/")]


class _Reader:
    """Finds the texts of a template, and of those that it includes, in order."""

    def __init__(self, letter: str, part: Part, twin: Twin = Twin.BOTH) -> None:
        self.letter = letter
        self.part = part
        self.twin = twin
        self.markup = ""

    def read(self, name: str) -> Iterator[Text]:
        """The texts of a template; none when there is no such template."""
        tree = _parsed(name)
        if tree is not None and PurePosixPath(name).name not in FRAME:
            yield from self._within(tree, sometimes=False)

    def blocks(self, name: str) -> dict[str, list[Text]]:
        """The texts of a template that fills blocks of the base, by block."""
        tree = _parsed(name)
        blocks = [] if tree is None else [n for n in tree.body if isinstance(n, nodes.Block)]
        return {block.name: list(self._within(block, sometimes=False)) for block in blocks}

    def _within(self, node: nodes.Node, sometimes: bool) -> Iterator[Text]:
        for child in node.iter_child_nodes():
            yield from self._at(child, sometimes)

    def _at(self, node: nodes.Node, sometimes: bool) -> Iterator[Text]:
        if isinstance(node, nodes.TemplateData):
            self.markup += node.data
        elif isinstance(node, nodes.Include):
            for name in self._included(node.template):
                yield from self._fragment(name, sometimes)
        elif isinstance(node, nodes.If):
            for text in self._branch(node.body):
                yield replace(text, state=_state(node.test) if text.state is None else text.state)
            yield from self._branch([*node.elif_, *node.else_])
        elif isinstance(node, nodes.CondExpr):
            yield from self._within(node, sometimes=True)
        else:
            found = self._said(node, sometimes)
            if found:
                yield found
            yield from self._within(node, sometimes)

    def _branch(self, body: Sequence[nodes.Node]) -> Iterator[Text]:
        for node in body:
            yield from self._at(node, sometimes=True)

    def _fragment(self, name: str, sometimes: bool) -> Iterator[Text]:
        for text in _Reader(self.letter, self.part, self.twin).read(name):
            yield replace(text, sometimes=text.sometimes or sometimes)

    def _included(self, template: nodes.Node) -> Iterator[str]:
        parts = template.nodes if isinstance(template, nodes.Concat) else [template]
        known = [self.letter if isinstance(part, nodes.Name) else _constant(part) for part in parts]
        if all(isinstance(part, str) for part in known):
            yield "".join(map(str, known))

    def _said(self, node: nodes.Node, sometimes: bool) -> Text | None:
        if not isinstance(node, nodes.Call) or not isinstance(node.node, nodes.Name):
            return None
        if node.node.name not in ("_", "gettext", "ngettext"):
            return None
        text = _constant(node.args[0])
        plural = _constant(node.args[1]) if node.node.name == "ngettext" else None
        if not isinstance(text, str):
            return None
        known = plural if isinstance(plural, str) else None
        part = self._part(text)
        whole = part == Part.TEXT and self.twin == Twin.BOTH
        return Text(text, known, part, self.twin, sometimes, may_have_lines=whole)

    def _part(self, text: str) -> Part:
        if self.part != Part.TEXT:
            return self.part
        if self.markup.rfind('class="button"') > self.markup.rfind("</a>"):
            return Part.BUTTON
        return Part.LABEL if text.endswith(":") else Part.TEXT


def _parsed(name: str) -> nodes.Template | None:
    environment = current_app.jinja_env
    assert environment.loader is not None
    try:
        source = environment.loader.get_source(environment, name)[0]
    except TemplateNotFound:
        return None
    return environment.parse(source, name)


def _state(test: nodes.Node) -> str | None:
    """What a condition asks the registration's state to be, if it asks for nothing else."""
    if not isinstance(test, nodes.Compare) or len(test.ops) != 1 or test.ops[0].op != "eq":
        return None
    asked = test.expr
    if isinstance(asked, nodes.Getattr) and asked == _TOLD_STATE:
        value = _constant(test.ops[0].expr)
        return value if isinstance(value, str) else None
    return None


def _constant(node: nodes.Node) -> object:
    return node.value if isinstance(node, nodes.Const) else None


def names(texts: Sequence[Text]) -> list[str]:
    """The placeholders of several texts, each once, in the order in which they come."""
    return list(dict.fromkeys(name for text in texts for name in text.placeholders))
