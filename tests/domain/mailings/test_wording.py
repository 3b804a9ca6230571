"""The text of a message: what is wrong with it, what is filled in, and what becomes of it on a
page. Whatever anybody types."""

from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.domain.mailings import markup, wording
from webapp.domain.mailings.wording import Placeholder, Problem, Trouble

TOKEN = "Ab3_-" * 6 + "xy"
PIECES = ["{name}", "{company_link}", "{", "}", "{{", "}}", "{nme}", "\n", "\n\n", "- ", "1. ",
          "<b>", "&amp;", "https://x.example/a?b=1&c=2", "www.port.example/x", "a@b.example", "é😀",
          "\u202e", "javascript:alert(1)", '"', "'", " "]  # fmt: skip
TYPED = st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=15).map("".join)


def troubles(text: str, **said) -> list[tuple[str, str]]:
    return [(each.trouble.value, each.said) for each in wording.check(text, **said)]


def test_a_good_text_has_nothing_wrong():
    every = " ".join(f"{{{name}}}" for name in Placeholder)

    assert wording.check("Dear " + every + ", {{ is a brace }}.\n- a } alone") == []


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("{nam}", "name"), ("{Name}", "name"), ("{ name }", "name"), ("{companylink}",
        "company_link"), ("{company-link}", "company_link"), ("{nom}", "name"), ("{entreprise}",
        "company"), ("{dealine}", "deadline"), ("{zzz}", None), ("{" + "x" * 5000 + "}", None),
    ],
)  # fmt: skip
def test_what_is_misspelt_is_told_with_what_may_be_meant(typed, meant):
    (problem,) = wording.check(f"Hello {typed}!")

    assert problem.trouble == Trouble.UNKNOWN
    assert problem.meant == meant
    assert len(problem.said) <= 40


def test_braces_that_do_not_close_and_empty_ones_are_told():
    assert troubles("Dear {name,\nyours") == [("unclosed", "{name,")]
    assert troubles("Dear {name") == [("unclosed", "{name")]
    assert troubles("Dear {}") == [("empty", "{}")]
    assert troubles("{a {name}") == [("unclosed", "{a ")]


def test_what_these_readers_do_not_have_is_told():
    may = wording.EVERY - {Placeholder.DELEGATE_LINK}

    assert wording.check("{delegate_link}", may) == [Problem(Trouble.CANNOT, "delegate_link")]
    assert wording.check("{{delegate_link}}", may) == []


def test_each_thing_is_told_once():
    assert troubles("{x1} {x1} {x1}") == [("unknown", "x1")]


def test_a_placeholder_inside_of_an_address_is_told():
    assert troubles("https://survey.example/?who={name}") == [
        ("in_link", "https://survey.example/?who={name}")
    ]
    assert troubles("Look: {agenda_link}. Survey (https://survey.example/a)") == []


@pytest.mark.parametrize(
    "path",
    ["/r/", "/d/", "/calendars/", "/mail/stop/", "/trips/a-tour/register/draft/",
     "/trips/a-tour/register/invited/"],
)  # fmt: skip
def test_somebodys_key_is_refused_however_it_is_written(app, path):
    with app.app_context():
        home = app.config["PUBLIC_URL"]
        for typed in (
            f"{home}{path}{TOKEN}",
            f"https://elsewhere.example{path}{TOKEN}",
            f"see {path}{TOKEN}.ics",
            f"{home}{path.replace('/', '%2F')}{TOKEN}",
            f"{home}{path}short",
        ):
            assert [t for t, _said in troubles(typed)] == ["key"], typed


def test_what_a_ready_made_text_leaves_to_be_said_is_told():
    assert troubles("Meet at [[the place]], [1] [x]") == [("left", "the place")]


def test_other_addresses_are_no_keys(app):
    with app.app_context():
        home = app.config["PUBLIC_URL"]
        for typed in (
            f"{home}/trips/a-tour/agenda",
            f"{home}/trips/a-tour/calendar.ics",
            "https://reddit.example/r/marseille",
            "https://a.example/d/short",
            "/r/ and /d/",
        ):
            assert wording.check(typed) == [], typed


def test_values_are_filled_in_once_and_never_looked_at_again():
    values = {"name": "{company_link}", "company_link": "SECRET", "company": "{{name}}"}

    assert wording.fill("{name} {company} {unknown} {{name}}", values) == (
        "{company_link} {{name}} {unknown} {name}"
    )


@given(st.text())
@settings(max_examples=100)
def test_what_is_doubled_says_just_that(text):
    assert wording.fill(wording.plain(text), {"name": "X"}) == text
    assert not wording.used(wording.plain(text))


@given(TYPED)
@settings(max_examples=100)
def test_every_placeholder_is_filled_and_nothing_else(text):
    values = dict.fromkeys(map(str, Placeholder), "\x00")
    pieces = wording.split(text)

    filled = wording.fill(text, values)
    assert "".join("\x00" if isinstance(p, Placeholder) else p for p in pieces) == filled
    assert wording.used(text) == {p for p in pieces if isinstance(p, Placeholder)}
    if not wording.check(text):
        assert filled.count("{") <= text.count("{{")


class Tags(HTMLParser):
    """The tags and attributes of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, tuple[tuple[str, str | None], ...]]] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, tuple(attrs)))

    def handle_data(self, data):
        self.text += data


@given(TYPED, st.text(max_size=20))
@settings(max_examples=100)
def test_a_page_holds_nothing_but_paragraphs_lists_and_links(text, value):
    page = Tags(str(markup.page(text, {"name": value, "company_link": "https://our.example/r/x"})))

    for tag, attributes in page.seen:
        assert tag in ("p", "br", "ul", "ol", "li", "a")
        assert [name for name, _value in attributes] == (["href"] if tag == "a" else [])
        for _name, target in attributes:
            assert target.startswith(("http://", "https://", "mailto:", "HTTP"))


@given(st.text(max_size=40).filter(lambda text: "\r" not in text))
def test_a_value_makes_no_list_no_paragraph_and_no_link(value):
    page = Tags(str(markup.page("{name}", {"name": value})))

    assert [tag for tag, _attributes in page.seen] == ["p"]


def test_paragraphs_lists_and_links_are_made_of_plain_text():
    text = (
        "Dear {name},\r\nwelcome.\r\n\r\nBring:\n- a hat\n* <b>shoes</b>\n\n1. First\n2) Second\n\n"
        "See www.port.example/a, https://x.example/?a=1&b=2. Write to tours@example.org!\n"
        "Your page: {delegate_link}"
    )
    values = {"name": "Zoé & <i>Co</i>", "delegate_link": "https://our.example/d/k"}

    assert str(markup.page(text, values)) == (
        "<p>Dear Zoé &amp; &lt;i&gt;Co&lt;/i&gt;,<br>\nwelcome.</p>\n"
        "<p>Bring:</p>\n<ul>\n<li>a hat</li>\n<li>&lt;b&gt;shoes&lt;/b&gt;</li>\n</ul>\n"
        "<ol>\n<li>First</li>\n<li>Second</li>\n</ol>\n"
        '<p>See <a href="https://www.port.example/a">www.port.example/a</a>, '
        '<a href="https://x.example/?a=1&amp;b=2">https://x.example/?a=1&amp;b=2</a>. '
        'Write to <a href="mailto:tours@example.org">tours@example.org</a>!<br>\n'
        'Your page: <a href="https://our.example/d/k">https://our.example/d/k</a></p>'
    )


def test_a_company_that_is_called_like_an_address_is_no_link():
    page = str(markup.page("For {company}", {"company": "https://evil.example/login"}))

    assert page == "<p>For https://evil.example/login</p>"


def test_a_long_text_takes_no_time():
    text = ("{" * 5_000) + ("a." * 5_000) + ("-" * 5_000) + ("@" * 5_000)

    assert unescape(str(markup.page(text, {}))).count("@") >= 5_000
    assert len(wording.check(text)) <= 3


def test_a_subject_takes_no_link_that_is_a_key():
    def said(text: str) -> list[Problem]:
        return wording.check(text, known=wording.IN_SUBJECT)

    assert said("{company_link}") == [Problem(Trouble.UNKNOWN, "company_link")]
    assert said("{delegate_link}") == [Problem(Trouble.UNKNOWN, "delegate_link")]
    assert said("{delegate_lnk}") == [Problem(Trouble.UNKNOWN, "delegate_lnk")]
    assert said("{tour} for {name}: {agenda_link}") == []
