"""Sheets of people become delegates; each broken row is named with its place."""

import io

import pytest
from python_calamine import CalamineWorkbook

from tests.domain.sheets.making import csv_of, xlsx
from webapp.domain import rosters
from webapp.domain.registrations import DelegateData
from webapp.domain.rosters import Fault, FileRefused, Trouble, columns, values
from webapp.domain.rosters.rows import Home

HEAD = ["First name", "Last name", "Email", "Phone", "Job title", "Language", "Company"]
ZOE = ["Zoé", "Núñez", "Zoe@Blue.example", "+16195550101", "CEO", "French", "Blue Wave"]
ZOE_DATA = DelegateData("Zoé", "Núñez", "Zoe@blue.example", "+16195550101", "CEO", "fr")


def faults(roster: rosters.Roster) -> list[tuple[int | None, int | None, Fault]]:
    return [(each.row, each.column, each.fault) for each in roster.faults]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_sheet_is_read_whatever_its_separator_and_encoding(separator, encoding):
    roster = rosters.read(csv_of([HEAD, ZOE], separator, encoding))

    assert [(row.number, row.data) for row in roster.rows] == [(2, ZOE_DATA)]
    assert roster.rows[0].company.name == "Blue Wave"
    assert roster.faults == ()


def test_a_pasted_text_and_a_workbook_say_the_same():
    pasted = "\n".join("\t".join(row) for row in (HEAD, ZOE))

    assert rosters.read(pasted).rows == rosters.read(xlsx([HEAD, ZOE])).rows


@pytest.mark.parametrize(
    "text",
    [
        (
            "Courriel;Prénom;Nom;Téléphone;Fonction;Langue\n"
            "zoe@blue.example;Zoé;Núñez;0033 4 91 00 00 00;PDG;français"
        ),
        (
            "Mail,Nom complet,Portable,Poste,Langue préférée\n"
            "Zoé <zoe@blue.example>,Zoé Núñez,+33 4 91 00 00 00,PDG,fr"
        ),
        "E-mail,Name,Phone,Title,Language\nzoe@blue.example,Zoé Núñez,33491000000,PDG,FR",
    ],
)
def test_columns_come_in_any_order_with_their_names_in_either_language(text):
    (row,) = rosters.read(text).rows

    assert row.data == DelegateData("Zoé", "Núñez", "zoe@blue.example", "+33491000000", "PDG", "fr")


@pytest.mark.parametrize(
    "text",
    [
        "Zoé\tNúñez\tzoe@blue.example\t+33 4 91 00 00 00\tPDG",
        "zoe@blue.example; Zoé; Núñez; PDG; +33491000000",
        "Zoé Núñez, zoe@blue.example, +33491000000",
    ],
)
def test_without_a_header_the_columns_are_told_by_what_they_hold(text):
    roster = rosters.read(text)

    assert not roster.had_header
    assert [row.number for row in roster.rows] == [1]
    data = roster.rows[0].data
    assert (data.given_name, data.family_name) == ("Zoé", "Núñez")
    assert (data.email, data.phone) == ("zoe@blue.example", "+33491000000")


def test_every_broken_row_is_named_with_its_column_and_the_others_are_read():
    text = (
        "First name,Last name,Email,Phone,Language\n"
        "Zoé,Núñez,zoe@blue.example,,\n"
        ",Martin,jean@blue.example,,\n"
        "\n"
        "Ann,Lee,not a mail,12,Klingon\n"
        f"{'x' * 201},Lee,ann@blue.example,,\n"
        "www.win.example,Lee,win@blue.example,,\n"
        "Zoé,Again,ZOE@blue.example,,\n"
    )

    roster = rosters.read(text)

    assert faults(roster) == [
        (3, 0, Fault.MISSING),
        (5, 2, Fault.NO_MAIL),
        (5, 3, Fault.NO_PHONE),
        (5, 4, Fault.NO_LANGUAGE),
        (6, 0, Fault.TOO_LONG),
        (7, 0, Fault.WEB_ADDRESS),
        (8, 2, Fault.SAME_MAIL),
    ]
    assert roster.faults[-1].facts == {"other": 2}
    assert [row.number for row in roster.rows if row.data] == [2]


def test_quoted_line_ends_stay_in_their_cell_and_count_as_one_row():
    text = 'Email,First name,Last name\n"a@x.example","Jean\nPaul",Lee\nb@x.example,,Lee\n'

    roster = rosters.read(text)

    assert roster.rows[0].data.given_name == "Jean Paul"
    assert faults(roster) == [(3, 1, Fault.MISSING)]


def test_a_formula_is_text_and_written_addresses_lose_the_apostrophe():
    roster = rosters.read("Email,First name,Last name\na@x.example,'=1+1,=HYPERLINK(1)\n")

    assert (roster.rows[0].data.given_name, roster.rows[0].data.family_name) == (
        "=1+1",
        "=HYPERLINK(1)",
    )


def test_numbers_of_a_workbook_are_telephone_numbers_again():
    rows = [["First name", "Last name", "Email", "Phone"], ["A", "Lee", "a@x.example", 16195550101]]

    assert rosters.read(xlsx(rows)).rows[0].data.phone == "+16195550101"


def test_empty_cells_mean_what_is_said_of_home():
    text = "Email,First name,Last name,Phone\na@x.example,A,Lee,04 91 00 00 00\n"

    (row,) = rosters.read(text, home=Home("fr", "FR")).rows

    assert (row.data.language, row.data.phone) == ("fr", "+33491000000")


def test_answers_are_found_by_key_and_by_label():
    text = "Email,First name,Last name,Goals,tshirt\na@x.example,A,Lee,Partners,XL\n"

    (row,) = rosters.read(text, questions={"goals": [], "shirt": ["T-shirt", "tshirt"]}).rows

    assert row.answers == {"goals": "Partners", "shirt": "XL"}


def test_a_column_can_be_said_to_be_another():
    text = "Email,First name,Last name\nLee,A,a@x.example\n"

    (row,) = rosters.read(
        text, places={"email": 2, "given_name": 1, "family_name": 0, "phone": 99}
    ).rows

    assert row.data == DelegateData("A", "Lee", "a@x.example")


def test_a_sheet_without_addresses_says_so_once():
    assert faults(rosters.read("First name,Last name\nA,Lee\nB,Lee\n")) == [
        (None, None, Fault.NO_COLUMN)
    ]


@pytest.mark.parametrize(
    ("source", "trouble"),
    [
        ("", Trouble.EMPTY),
        ("  \n\t\n", Trouble.EMPTY),
        ("Email,First name,Last name\n", Trouble.NO_ROWS),
        (b"%PDF-1.7", Trouble.UNKNOWN_FORMAT),
        (b"BEGIN:VCALENDAR\r\n", Trouble.UNKNOWN_FORMAT),
        ("a@x.example\n" * 10_001, Trouble.TOO_MANY_ROWS),
        ("x" * 4_000_001, Trouble.TOO_LARGE),
        ("a\0b", Trouble.ENCODING),
        ('"never closed', Trouble.DAMAGED),
    ],
)
def test_what_is_no_sheet_is_refused_with_the_reason(source, trouble):
    with pytest.raises(FileRefused) as refused:
        rosters.read(source)

    assert refused.value.trouble == trouble


def test_ten_thousand_rows_are_read():
    rows = [["Email", "First name", "Last name"]]
    rows += [[f"a{n}@x.example", "A", "Lee"] for n in range(10_000)]

    assert len(rosters.read(csv_of(rows)).rows) == 10_000
    assert len(rosters.read(xlsx(rows)).rows) == 10_000


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_template_names_columns_that_are_read_again(language):
    data = rosters.template(language, {"goals": "Goals of the trip"}, companies=True)

    header = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()[0]
    places = columns.guess(header, {"goals": ["Goals of the trip"]})

    assert sorted(places.values()) == list(range(len(header)))
    with pytest.raises(FileRefused):
        rosters.read(data)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("DUPONT Marie", ("Marie", "DUPONT")),
        ("Marie-Claire DE LA TOUR", ("Marie-Claire", "DE LA TOUR")),
        ("Dupont, Marie", ("Marie", "Dupont")),
        ("Marie van der Berg", ("Marie", "van der Berg")),
        ("Marie", ("Marie", "")),
    ],
)
def test_one_cell_with_both_names(text, names):
    assert values.both_names(text) == names
