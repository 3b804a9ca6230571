"""What the demonstration states as sourced, word for word and number by number, written here by
hand from the sources: a slip in a data file fails."""

import pytest

from webapp.demo import files

PARTNERSHIP = files.facts("partnership")


def english(words):
    return [each["en"] for each in words]


def test_the_three_tours_have_their_dates_and_zones():
    told = {}
    for name in files.REAL_TOURS:
        trip = files.tour(name)["trip"]
        told[trip["slug"]] = (trip["starts_on"], trip["ends_on"], trip["zone"], trip["basis"])
    assert told == {
        "oceanology-2017": ("2017-02-14", "2017-02-16", "America/Los_Angeles", "sourced"),
        "invest-in-provence-2017": ("2017-10-30", "2017-11-03", "Europe/Paris", "sourced"),
        "south-of-france-san-diego-2019": (
            "2019-05-14",
            "2019-05-17",
            "America/Los_Angeles",
            "sourced",
        ),
    }


def test_the_delegation_of_2017_is_seventeen_organizations_and_the_region():
    tour = files.tour("oceanology-2017")
    known = {each["key"]: each for each in tour["organizations"]}
    members = [known[each["organization"]] for each in tour["members"]]
    assert [(each["name"], each["kind"]) for each in members] == [
        ("Provence-Alpes-Côte d'Azur Region", "authority"),
        ("ARII-PACA", "agency"),
        ("Team Côte d'Azur", "agency"),
        ("Provence Promotion", "agency"),
        ("Pôle Mer Méditerranée", "cluster"),
        ("Mer Bretagne Atlantique", "cluster"),
        ("EUROBIOMED", "cluster"),
        ("Airbus", "company"),
        ("Connit", "company"),
        ("GEPS Techno", "company"),
        ("Natfresh Process", "company"),
        ("NKE Instrumentation", "company"),
        ("Sig France", "company"),
        ("Smart Lighting Alliance", "company"),
        ("e-ODYN", "company"),
        ("Ocean Innovation System", "company"),
        ("Mediterranean Institute of Oceanology - UMR CNRS 7294", "academic"),
        ("Toulon University", "academic"),
    ]
    outside = [each["organization"] for each in tour["members"] if "outside" in str(each)]
    assert outside == ["pmba", "geps"]
    assert known["geps"]["city"] == "Saint-Nazaire"


def test_the_region_has_both_public_names():
    tour = files.tour("oceanology-2017")
    region = next(each for each in tour["organizations"] if each["key"] == "region")
    assert [each["name"] for each in region["aliases"]] == ["PACA region", "SOUTH Region"]
    names = PARTNERSHIP["regions"][0]
    assert names["name"] == {
        "en": "Provence-Alpes-Côte d'Azur Region",
        "fr": "Région Provence-Alpes-Côte d'Azur",
    }
    for name in ("PACA", "SOUTH Region", "South Region"):
        assert name in names["other_names"]["en"]
        assert name in names["other_names"]["fr"]


def test_the_agreement_of_2017():
    agreement = next(e for e in PARTNERSHIP["agreements"] if e.get("signed_on") == "2017-02-15")
    assert agreement["names_in_sources"] == [
        {"name": "Memorandum of Agreement", "sources": ["seedA"]},
        {"name": "memorandum of understanding", "sources": ["seedB", "timesSD"]},
    ]
    assert agreement["place"]["en"] == "San Diego Central Library"
    people = [
        (f"{e['given_name']} {e['family_name']}", e["capacity"], e["role"]["en"])
        for e in agreement["people"]
    ]
    assert people == [
        ("Kevin Faulconer", "signatory", "Mayor of San Diego"),
        (
            "Bernard Deflesselles",
            "signatory",
            "Vice-President of the Region in charge of international relations",
        ),
        ("Matthieu Clouvel", "witness", "Deputy Consul in Los Angeles"),
        ("Jean Rosenbaum", "witness", "Attaché for Science and Technology in Los Angeles"),
    ]


def test_the_other_agreements():
    told = [
        (each["title"]["en"], each.get("signed_on"), (each.get("signed_when") or {}).get("en"))
        for each in PARTNERSHIP["agreements"]
    ]
    assert told == [
        ("Agreement between Biocom and Eurobiomed", "2014-06-24", None),
        (
            "Memorandum between the City of San Diego and the Provence-Alpes-Côte d’Azur Region",
            "2017-02-15",
            None,
        ),
        ("Blue Tech Alliance", None, "Planned in 2017"),
        ("Sister city agreement between San Diego and Marseille", None, "September 2025"),
    ]
    first = PARTNERSHIP["agreements"][0]
    assert [f"{e['given_name']} {e['family_name']}" for e in first["people"]] == [
        "Magda Marquet",
        "Jacquie Berthe",
        "Joe Panetta",
    ]
    assert "2012" in first["note"]["en"]  # what the other source says


def test_the_figures_of_the_region():
    region, city = PARTNERSHIP["regions"]
    told = [
        (each["label"]["en"], each["value"]["en"], each.get("year"), each["sources"])
        for each in region["facts"]
    ]
    assert told == [
        ("Population, rounded", "5 million", "2017", ["timesSD"]),
        ("Rank in France, by population and wealth", "3rd", None, ["seedB"]),
        ("R&D employees", "26,000", "2016", ["seedB"]),
        ("of whom researchers", "13,000", "2016", ["seedB"]),
        ("R&D investment a year", "3 billion", "2016", ["seedB"]),
        ("Companies with foreign capital", "1,740", None, ["seedB"]),
        ("Jobs in companies with foreign capital", "72,000", None, ["seedB"]),
        ("Growth in new businesses", "+14.5%", "2010-1014", ["seedB"]),
        ("Growth in tourists", "+1.4%", "2015", ["seedB"]),
        ("Main employer", "Marine industries", None, ["seedA"]),
        ("Life science companies", "400", "2015", ["ut2015a"]),
        ("Jobs in life science companies", "10,000", "2015", ["ut2015a"]),
    ]
    notes = {e["label"]["en"]: e["basis_note"]["en"] for e in region["facts"] if "basis_note" in e}
    assert notes["R&D investment a year"] == "The source states no currency."
    assert "typing error" in notes["Growth in new businesses"]
    assert city["facts"] == []


def test_sectors_objectives_and_since_when():
    assert english(PARTNERSHIP["sectors"]) == [
        "Biotech",
        "Cleantech",
        "Bluetech",
        "Defense",
        "Aerospace",
        "Software development",
        "Tourism",
    ]
    assert english(PARTNERSHIP["regions"][0]["sectors"]) == [
        "Aeronautics and astronautics",
        "Agribusiness",
        "Chemicals",
        "Digital technology",
        "Life sciences",
        "Logistics",
        "Luxury goods",
        "Microelectronics",
        "Multimedia",
        "Sea technologies",
        "Telecommunications",
        "Tourism",
    ]
    assert len(PARTNERSHIP["objectives"]) == 5
    assert "2013" in PARTNERSHIP["since"]["en"]
    assert "2012" in PARTNERSHIP["since"]["en"]
    representative = PARTNERSHIP["representative"]
    assert representative["name"] == "San Diego French American Chamber of Commerce"


def test_articles_bear_their_published_titles():
    told = [
        (e["title"]["en"], e.get("published"), e.get("trip_slug")) for e in PARTNERSHIP["articles"]
    ]
    assert told == [
        (
            "PACA region and Southern California, a long-lasting partnership",
            "2017-02-28",
            "oceanology-2017",
        ),
        (
            "Expand your Business in France – Delegation Tour 2017 Oct 30th – Nov 3rd",
            None,
            "invest-in-provence-2017",
        ),
        (
            "Partnership between the Provence-Alpes-Côte d'Azur Region and the City of San Diego",
            None,
            None,
        ),
        ("Erik Caldwell, Director of Economic Development City of San Diego", None, None),
        ("The future of Immunology is in Provence!", None, None),
        ("Launch of new measures to promote mobility in Provence", None, None),
        ("How does a start-up share its ambitions with Provence?", None, None),
        (
            "Positive impressions: international leaders reflect on their visit to Provence",
            "2019-09-26",
            None,
        ),
        ("Avencod takes root in Provence and turns disabilities into IT solutions", None, None),
        (
            "Flower Burger, the new concept store is expanding to France and chooses Marseille",
            None,
            None,
        ),
        ("Ubitransport raises €45 million", None, None),
    ]


POINTS = {
    "San Diego Convention Center": (32.7063, -117.1612),
    "San Diego Central Library": (32.7089, -117.1542),
    "City Administration Building (City Hall)": None,
    "Scripps Institution of Oceanography": (32.865437, -117.253626),
    "San Diego International Airport (SAN)": (32.7336, -117.19),
    "Biocom": None,
    "Palais de la Bourse (CCI Aix-Marseille-Provence)": (43.2961, 5.3753),
    "La Coque": None,
    "Luminy campus / science park": None,
    "thecamp": None,
    "Mines Saint-Etienne, Campus Aix-Marseille-Provence (Centre Microélectronique de Provence "
    "Georges Charpak)": (43.445793, 5.479295),
    "ITER site, Cadarache": (43.7071305, 5.7775861),
    "Sophia Antipolis technology park": (43.6156, 7.055),
    "IPMC, Institut de Pharmacologie Moléculaire et Cellulaire": None,
    "TVT Innovation": None,
    "Marseille Provence Airport (MRS)": (43.4393, 5.2214),
    "Nice Côte d'Azur Airport (NCE)": (43.6584, 7.2159),
}
# Public places that no source of the list gives: their points are common knowledge.
KNOWN = {"Paris Charles de Gaulle Airport (CDG)": (49.0097, 2.5479)}
CAPACITIES = {"Palais de la Bourse (CCI Aix-Marseille-Provence)": 500}
ADDRESSES = {
    "San Diego Convention Center": "111 West Harbor Drive",
    "San Diego Central Library": "330 Park Boulevard",
    "City Administration Building (City Hall)": "202 C Street",
    "Scripps Institution of Oceanography": "8630 Kennel Way (Old Scripps Building)",
    "Palais de la Bourse (CCI Aix-Marseille-Provence)": "9 La Canebière",
    "Luminy campus / science park": "Campus de Luminy",
    "Mines Saint-Etienne, Campus Aix-Marseille-Provence (Centre Microélectronique de Provence "
    "Georges Charpak)": "route de Mimet",
}


@pytest.mark.parametrize("name", [*files.REAL_TOURS, files.UPCOMING])
def test_venues_stand_where_the_sources_put_them(name):
    for venue in files.tour(name)["venues"]:
        point = {**POINTS, **KNOWN}[venue["name"]]
        assert (venue.get("latitude"), venue.get("longitude")) == (point or (None, None))
        assert venue.get("address") == ADDRESSES.get(venue["name"])
        assert venue.get("capacity") == CAPACITIES.get(venue["name"])
        assert venue["basis"] == ("derived" if venue["name"] in KNOWN else "sourced")


def test_the_meeting_in_los_angeles_says_that_its_day_is_a_sample():
    tour = files.tour("oceanology-2017")
    item = next(e for e in tour["items"] if "Ignacio Fernandez" in e["title"]["en"])
    assert (item["stop"], item["track"], item["basis"]) == ("los-angeles", "vip", "illustrative")
    assert "the day and the hour are samples" in item["basis_note"]["en"]
    assert "Climate Resolve" in item["title"]["en"]


def test_the_signing_is_told_with_its_four_officials():
    tour = files.tour("oceanology-2017")
    item = next(each for each in tour["items"] if each["kind"] == "ceremony")
    assert item["starts"]["local"].startswith("2017-02-15T")
    assert item["venue"] == "sd-library"
    for who in ("Kevin Faulconer", "Bernard Deflesselles", "Matthieu Clouvel", "Jean Rosenbaum"):
        assert who in item["description"]["en"]
        assert who in item["description"]["fr"]
    assert "the hour is a sample" in item["basis_note"]["en"]
