"""The French catalogue is whole."""

from babel.messages.catalog import Catalog

from tests import translations


def test_every_word_is_there_in_french():
    assert translations.faults(translations.read(), translations.wanted()) == []


def test_the_check_sees_what_is_missing_untranslated_left_over_or_broken():
    wanted = Catalog(locale="fr")
    for text in ("Hello", "Bye %(name)s", "Gone %(name)s", "New"):
        wanted.add(text)
    have = Catalog(locale="fr")
    have.add("Hello", "")
    have.add("Bye %(name)s", "Au revoir %(nom)s")
    have.add("Gone %(name)s", "Parti")
    have.add("Old", "Vieux")

    assert sorted(translations.faults(have, wanted)) == [
        "missing: 'New'",
        "no longer used: 'Old'",
        "not translated: 'Hello'",
        "placeholder lost: 'Gone %(name)s'",
        "unknown placeholder: 'Bye %(name)s'",
    ]
