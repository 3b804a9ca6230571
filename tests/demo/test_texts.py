"""The words of the demonstration: both languages, French typography, labels, sources."""

import json
import re

import pytest

from webapp.demo import files

TOURS = [*files.REAL_TOURS, files.UPCOMING, files.TEMPLATE]
NAMES = [*TOURS, "partnership", "registrations", "sources", "staff"]
NO_BREAK = "\u00a0"
# Proper names and figures that read alike in both languages, and titles as they were published.
ALIKE = {"San Diego", "400", "Blue Tech Alliance"}


def words(value, path=""):
    """Every text in several languages of a file, with its path."""
    if isinstance(value, dict):
        if value and set(value) <= {"en", "fr"}:
            yield path, value
        else:
            for key, each in value.items():
                yield from words(each, f"{path}.{key}")
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from words(each, f"{path}[{number}]")


def based(value, path=""):
    """Every object of a file that says where it comes from, with its path."""
    if isinstance(value, dict):
        if "basis" in value:
            yield path, value
        for key, each in value.items():
            yield from based(each, f"{path}.{key}")
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from based(each, f"{path}[{number}]")


@pytest.mark.parametrize("name", NAMES)
def test_everything_is_said_in_both_languages(name):
    for path, each in words(files.facts(name)):
        if re.search(r"articles\[\d+\]\.title", path):
            continue  # titles as published, in French where the French title is known
        assert set(each) == {"en", "fr"}, path
        assert each["en"] != each["fr"] or each["en"] in ALIKE, path


@pytest.mark.parametrize("name", NAMES)
def test_french_is_set_as_french(name):
    for path, each in words(files.facts(name)):
        french = each.get("fr", "")
        assert not re.search(rf"(?<!{NO_BREAK})[:;?!»%]", french), f"{path}: {french}"
        assert not re.search(rf"«(?!{NO_BREAK})", french), path
        assert not re.search(r'["“”]', french), path
        assert not re.search(r"\d (h|km|heures|minutes)\b", french), path
        assert not re.search(r"\d \d{3}\b", french), path
        assert not re.search(r"\b(Etat|Ecole|Energie|Echange|Elu|Epoque|Etape)\b", french), path


@pytest.mark.parametrize("name", NAMES)
def test_texts_have_no_slips_of_the_keyboard(name):
    for path, each in words(files.facts(name)):
        for text in each.values():
            assert text == text.strip(), path
            assert "  " not in text, path
            assert not re.search(r"\s[.,]", text), path


@pytest.mark.parametrize("name", TOURS)
def test_a_meeting_point_is_no_sentence(name):
    """Pages put it into one: "Be there at 11:45 AM: ..."."""
    for item in files.tour(name)["items"]:
        for text in item.get("meeting_point", {}).values():
            assert not text.endswith("."), item["title"]["en"]


def test_apostrophes_are_typographic_but_in_names():
    for name in NAMES:
        for path, each in words(files.facts(name)):
            for text in each.values():
                if "Côte d'Azur" not in text:
                    assert "'" not in text, f"{name}{path}"


@pytest.mark.parametrize("name", NAMES)
def test_every_source_key_resolves(name):
    known = {each["key"] for each in files.facts("sources")}
    for path, each in based(files.facts(name)):
        assert set(each.get("sources", [])) <= known, path
        if each["basis"] == "sourced":
            assert each.get("sources"), f"{path} is sourced and names no source"
    for agreement in files.facts("partnership")["agreements"]:
        for named in agreement["names_in_sources"]:
            assert set(named["sources"]) <= known


def test_trip_files_tell_the_sources_as_the_common_list_does():
    known = {each["key"]: each for each in files.facts("sources")}
    used = set()
    for name in (*files.REAL_TOURS, files.UPCOMING):
        for each in files.tour(name)["sources"]:
            assert each == known[each["key"]]
            used.add(each["key"])
    for _, each in based(files.facts("partnership")):
        used.update(each.get("sources", []))
    assert used == set(known), "a source is listed that nothing uses"


@pytest.mark.parametrize("name", TOURS)
def test_whatever_has_an_invented_hour_is_labelled(name):
    tour = files.tour(name)
    for each in tour["items"]:
        assert each["basis"] == "illustrative", each["title"]["en"]
        if each.get("sources"):
            assert "sample" in each["basis_note"]["en"], each["title"]["en"]
            assert "exemple" in each["basis_note"]["fr"], each["title"]["fr"]
    assert "sample" in tour["trip"]["basis_note"]["en"]
    assert "exemple" in tour["trip"]["basis_note"]["fr"]


def test_the_sample_tour_claims_no_real_organization():
    tour = files.tour(files.UPCOMING)
    assert tour["trip"]["basis"] == "illustrative"
    assert "sample" in tour["trip"]["title"]["en"]
    assert "exemple" in tour["trip"]["title"]["fr"]
    assert {each["basis"] for each in tour["organizations"]} == {"illustrative"}
    assert [tour.get(name, []) for name in ("partners", "members")] == [[], []]
    assert not any("local_host" in stop for stop in tour["stops"])
    assert not any("host" in item for item in tour["items"])


def test_the_template_claims_nobody_and_no_place():
    tour = files.tour(files.TEMPLATE)
    assert (tour["trip"]["is_template"], tour["trip"]["state"]) == (True, "draft")
    assert tour["trip"]["basis"] == "illustrative"
    assert set(tour) == {"escale", "trip", "stops", "tracks", "items"}


@pytest.mark.parametrize("name", TOURS)
def test_whoever_does_something_in_a_session_is_a_plain_sample(name):
    for item in files.tour(name)["items"]:
        for person in item.get("people", []):
            assert person["basis"] == "illustrative", item["title"]["en"]
            assert person["family"] in ("Exemple", "Sample")


@pytest.mark.parametrize("name", TOURS)
def test_no_carrier_is_claimed(name):
    for item in files.tour(name)["items"]:
        assert item.get("service", "Sample").startswith("Sample"), item["title"]["en"]
    for venue in files.tour(name).get("venues", []):
        for room in venue.get("rooms", []):
            sourced = (venue["key"], room["key"]) == ("bourse", "hall")
            assert sourced or room["name"].endswith("(sample / exemple)"), room["name"]


@pytest.mark.parametrize("name", files.REAL_TOURS)
def test_hosts_are_real_organizations_at_their_own_door_or_those_who_invited(name):
    tour = files.tour(name)
    known = {each["key"]: each for each in tour["organizations"]}
    partners = {each["organization"] for each in tour["partners"]}
    for item in tour["items"]:
        if "host" in item:
            assert known[item["host"]]["basis"] == "sourced"
            assert item["host"] in {item.get("venue"), *partners}, item["title"]["en"]


# Everybody who is named, each in a public role that a source gives; other names are samples.
PUBLIC = {
    "Bernard Deflesselles",
    "Kevin Faulconer",
    "Matthieu Clouvel",
    "Jean Rosenbaum",
    "Ignacio Fernandez",
    "Erik Caldwell",
    "Joe Panetta",
    "Jacquie Berthe",
    "Magda Marquet",
}


def test_nobody_is_named_but_officials_and_plain_samples():
    agreements = files.facts("partnership")["agreements"]
    signers = {f"{p['given_name']} {p['family_name']}" for a in agreements for p in a["people"]}
    assert signers <= PUBLIC
    for tour in files.facts("registrations").values():
        for each in tour:
            assert each["coordinator"]["name"].split()[-1] in ("Sample", "Exemple")
            for person in each["delegates"]:
                assert person["family_name"] in ("Sample", "Exemple")


def test_samples_have_addresses_and_numbers_that_reach_nobody():
    text = json.dumps(files.facts("registrations"))
    assert set(re.findall(r"@[\w.-]*?(example\.\w+)", text)) == {"example.com", "example.org"}
    assert not re.search(r"@(?![\w-]+\.example\.(com|org)\b)", text)
    for number in re.findall(r'"(\+\d+)"', text):
        assert re.fullmatch(r"\+1619555 ?01\d\d|\+33199 ?00\d{4}|\+3363998\d{4}", number), number
    for block in files.facts("held")[files.UPCOMING]:
        assert block["mail_domain"].endswith((".example.com", ".example.org"))
        assert block["note"].startswith("Illustrative sample")
