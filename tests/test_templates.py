"""What holds for every template. Letters have tests of their own."""

import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import nodes

# The folder of vendored files has the same name; at run time the module goes first.
vendor = importlib.import_module("webapp.static.vendor")
ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "templates"
ALL = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html"))
PAGES = [name for name in ALL if not name.startswith("mail/")]
SHARED = ROOT / "webapp/domain/correspondence/news.py"
WRITTEN = {name: (TEMPLATES / name).read_text() for name in ALL}
# A comment of a template is not markup.
MARKUP = {name: re.sub(r"{#.*?#}", "", WRITTEN[name], flags=re.DOTALL) for name in PAGES}


@pytest.mark.parametrize("name", ALL)
def test_it_compiles_in_the_product_that_shows_it(name, migrated: Flask):
    assert migrated.jinja_env.undefined.__name__ == "StrictUndefined"
    assert migrated.jinja_env.get_template(name).name == name


@pytest.mark.parametrize("name", PAGES)
def test_each_form_that_changes_something_carries_the_token(name):
    forms = re.findall(r'<form[^>]*method="post".*?</form>', MARKUP[name], flags=re.DOTALL)

    assert [form for form in forms if "csrf_token" not in form] == []
    assert MARKUP[name].count('method="post"') == len(forms)


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_inline_that_the_policy_forbids(name):
    inline = [
        *re.findall(r"\sstyle\s*=", MARKUP[name]),
        *re.findall(r"<style\b", MARKUP[name]),
        *re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", MARKUP[name]),
        *re.findall(r"<[^>{]*\son[a-z]+\s*=", MARKUP[name]),
        *re.findall(r"javascript:", MARKUP[name]),
    ]

    assert inline == []


@pytest.mark.parametrize("name", PAGES)
def test_nothing_escapes_the_escaping(name):
    assert re.findall(r"\|\s*safe\b|autoescape|Markup", MARKUP[name]) == []


@pytest.mark.parametrize("name", PAGES)
def test_it_is_short(name):
    assert WRITTEN[name].count("\n") <= 150


@pytest.mark.parametrize("name", [name for name in ALL if Path(name).name.startswith("_")])
def test_a_fragment_is_used(name):
    relative = [f'"{name}"', f"'{name}'"]
    # A page of its own in a letter: what readers who see the same share is rendered once.
    users = [*WRITTEN.values(), SHARED.read_text()]

    assert [text for text in users if any(quoted in text for quoted in relative)] != []


def said(name: str) -> str:
    """A page and what it includes, which sees what the page imported; without the imports."""
    fragments = re.findall(r'{% include "([^"]+)" %}', MARKUP[name])
    return re.sub(r"{%-? from .*? -?%}", "", MARKUP[name]) + "".join(map(said, fragments))


@pytest.mark.parametrize("name", PAGES)
def test_each_imported_macro_is_used(name):
    imports = re.findall(r"{%-? from \"[^\"]+\" import ([^%]+?) -?%}", MARKUP[name])
    wanted = [word.split()[-1] for names in imports for word in names.split(",")]

    assert [word for word in wanted if not re.search(rf"\b{word}\b", said(name))] == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_a_title_and_one_way_in(name):
    if '{% extends "base.html" %}' in MARKUP[name] and "{% block main %}" in MARKUP[name]:
        assert "{% block title %}" in MARKUP[name] or name == "errors/base.html"


def icons_of(expression: nodes.Node) -> Iterator[str]:
    """The names that an expression can give: a constant, either arm of a condition."""
    match expression:
        case nodes.Const(value=str(name)):
            yield name
        case nodes.CondExpr(expr1=one, expr2=other):
            yield from icons_of(one)
            if other is not None:
                yield from icons_of(other)


@pytest.mark.parametrize("name", PAGES)
def test_each_icon_is_in_the_sprite(name, migrated: Flask):
    tree = migrated.jinja_env.parse(WRITTEN[name])
    named = {
        icon
        for call in tree.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name == "icon"
        for icon in icons_of(call.args[0])
    }
    for found in tree.find_all(nodes.Assign):
        if isinstance(found.target, nodes.Name) and found.target.name == "ICONS":
            assert isinstance(found.node, nodes.Dict)
            named |= {icon for pair in found.node.items for icon in icons_of(pair.value)}

    assert named - set(vendor.ICONS) == set()


@pytest.mark.parametrize("code", [500, 503])
def test_a_page_about_trouble_asks_for_neither_session_nor_reader(
    code, migrated: Flask, monkeypatch
):
    for name in ("session", "csrf_token", "get_flashed_messages", "current_user"):
        monkeypatch.setitem(migrated.jinja_env.globals, name, None)  # calling None raises
    with migrated.test_request_context("/trips/somewhere/"):
        template = migrated.jinja_env.get_template(f"errors/{code}.html")
        page = template.render(current_language="en", other_languages=[])

    assert f'<p class="error-page__code">{code}</p>' in page
