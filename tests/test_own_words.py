"""Words that stand instead of the product's: typed with braces, kept as gettext has them."""

import threading

import pytest

from tests.domain.test_wordings import HARMFUL
from webapp import i18n, own_words
from webapp.domain.wordings import texts


def test_the_product_s_words_are_shown_with_braces_and_read_back_as_they_were(app):
    every = [text for letter in texts.letters() for text in texts.of_letter(letter)]

    for text in every:
        for forms in text.product.values():
            for form in forms:
                assert own_words.kept(own_words.shown(form), text.placeholders) == form


@pytest.mark.parametrize("typed", [*HARMFUL, "{company}: 5% of %(company)s {other} {{company}}"])
def test_what_is_typed_is_shown_again_as_it_was(typed):
    kept = own_words.kept(typed, {"company": "s"})

    assert own_words.shown(kept) == typed
    assert kept % {"company": "Blue"} == typed.replace("{company}", "Blue")


def test_words_hold_inside_the_block_only_and_in_one_thread(app):
    template = app.jinja_env.from_string("{{ _('Hello,') }}")
    told = []

    def elsewhere():
        with app.app_context():
            told.append(template.render())

    with i18n.speaking("en", {"Hello,": ("Ahoy",)}):
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
        told.append(template.render())
        with i18n.speaking("fr"):
            told.append(template.render())
    with pytest.raises(ZeroDivisionError), i18n.speaking("en", {"Hello,": ("Ahoy",)}):
        _ = 1 / 0
    told.append(template.render())

    assert told == ["Hello,", "Ahoy", "Bonjour,", "Hello,"]


def test_a_page_gets_them_as_text_and_a_text_as_they_are(app):
    source = "{{ _('Hello,') }} {{ ngettext('%(num)d day', '%(num)d days', 2) }}"
    instead = {"Hello,": ("<b>&",), "%(num)d day": ("<i>", "%(num)d <i> 5%%")}
    page = app.jinja_env.from_string("{% autoescape true %}" + source + "{% endautoescape %}")
    text = app.jinja_env.from_string("{% autoescape false %}" + source + "{% endautoescape %}")

    with i18n.speaking("en", instead):
        assert page.render() == "&lt;b&gt;&amp; 2 &lt;i&gt; 5%"
        assert text.render() == "<b>& 2 <i> 5%"


def test_the_language_says_which_plural_form(app):
    found = {}
    for language in ("en", "fr"):
        with i18n.speaking(language):
            found[language] = [own_words.plural_form(number) for number in (0, 1, 2)]

    assert found == {"en": [1, 0, 1], "fr": [0, 0, 1]}
