"""What kind of file it is, whatever it is called."""

import io
import time
import zipfile

import pytest

from tests.domain import sample_files as made
from webapp.domain import media
from webapp.domain.media import Kind, KindRefused, Trouble


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (made.PDF, Kind.PDF),
        (made.png(), Kind.PNG),
        (made.jpeg(), Kind.JPEG),
        (made.jpeg() + b"what a camera writes behind", Kind.JPEG),
        (made.docx(), Kind.DOCX),
        (made.xlsx(), Kind.XLSX),
        (made.odt(), Kind.ODT),
    ],
)
def test_it_is_found_from_the_content(data, kind):
    assert media.find(data) == media.Found(kind, media.MEDIA_TYPES[kind])


MACROS = '<Override PartName="/x.bin" ContentType="application/vnd.ms-office.vbaProject"/>'


@pytest.mark.parametrize(
    ("data", "trouble"),
    [
        (b"", Trouble.EMPTY),
        (b"just words", Trouble.UNKNOWN),
        (b"<!doctype html><script>alert(1)</script>", Trouble.UNKNOWN),
        (b"MZ\x90\x00", Trouble.UNKNOWN),
        (b"GIF89a", Trouble.UNKNOWN),
        (b"%PDF-1.7 and nothing more", Trouble.DAMAGED),
        (b"%PDF-<script>%%EOF", Trouble.DAMAGED),
        (made.png()[:-6], Trouble.DAMAGED),
        (made.png().replace(b"IDAT", b"IDAX"), Trouble.DAMAGED),
        (made.jpeg()[:-2], Trouble.DAMAGED),
        (b"\xff\xd8\xff\xe0\x00\x00", Trouble.DAMAGED),
        (b"PK\x03\x04 is not all of it", Trouble.DAMAGED),
        (made.zipped({"a.txt": "words"}), Trouble.UNKNOWN),
        (made.zipped({"word/document.xml": "<x/>"}), Trouble.UNKNOWN),
        (made.zipped({"mimetype": "text/plain", "content.xml": ""}), Trouble.UNKNOWN),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 an old .doc", Trouble.LOCKED),
        (made.docx(more={"word/vbaProject.bin": b"x"}), Trouble.ACTIVE),
        (made.docx(more={"word/x.bin": b"x"}, types=MACROS), Trouble.ACTIVE),
        (made.docx(more={"word/embeddings/oleObject1.bin": b"x"}), Trouble.ACTIVE),
        (made.docx(more={"word/a.EXE": b"x"}), Trouble.ACTIVE),
        (made.docx(types="<!-- &#118;baProject -->"), Trouble.ACTIVE),
        (made.xlsx(more={"xl/macrosheets/sheet1.xml": "<x/>"}), Trouble.ACTIVE),
        (made.odt({"Basic/script-lc.xml": "<x/>"}), Trouble.ACTIVE),
        (made.odt({"Scripts/python/x.py": "x"}), Trouble.ACTIVE),
    ],
)
def test_what_is_none_of_them_or_acts_by_itself_is_refused(data, trouble):
    with pytest.raises(KindRefused) as refused:
        media.find(data)

    assert refused.value.trouble == trouble


def related(text: str, name: str = "word/_rels/settings.xml.rels") -> bytes:
    return made.docx(more={name: f'<Relationships xmlns:p="r">{text}</Relationships>'})


def trouble_of(data: bytes) -> Trouble | None:
    try:
        media.find(data)
    except KindRefused as refused:
        return refused.trouble
    return None


FETCHED = [
    '<Relationship Type="x/attachedTemplate" Target="https://x.example/a.dotm"/>',
    '<Relationship Target="https://x.example/a.dotm" Id="1" Type="x/attachedTemplate"/>',
    "<Relationship TargetMode='External' Target='a.dotm' Type='x/attachedTemplate'/>",
    '<p:Relationship TargetMode="External" Type="x/image" Target="https://x.example/a.png"/>',
    '<Relationship Id="a>b" TargetMode="External" Type="x/frame" Target="a.htm"/>',
    '<Relationship Type="x/attachedTemplate" Target="\\\\server\\share\\a.dotm"/>',
    '<Relationship Type="x/attachedTemplate" Target="file://server/share/a.dotm"/>',
    '<Relationship Type="x/attachedTemplate" Target="file:////server/share/a.dotm"/>',
    '<Relationship Type="x/attachedTemplate" Target="file:///C:/../a%5C..%5Cb.dotm"/>',
    '<Relationship Type="x/attachedTemplate" Target="file:///C:%5c%5cserver/b.dotm"/>',
    '<Relationship Type="x/image" TargetMode=" EXTERNAL " Target="file:///C:/a.png"/>',
    '<Relationship Type="x/image" Target="//server/a.png"/>',
    '<Relationship\n TargetMode="External"\n Type="x/externalLinkPath" Target="b.xlsx"/>',
]


@pytest.mark.parametrize("text", FETCHED)
def test_what_is_fetched_when_a_file_is_opened_is_refused(text):
    assert trouble_of(related(text)) == Trouble.FETCHES


@pytest.mark.parametrize(
    "text",
    [
        '<Relationship Type="x/hyperlink" TargetMode="External" Target="https://x.example"/>',
        '<Relationship Type="x/hyperlink" TargetMode="External" Target="mailto:a@example.com"/>',
        '<Relationship Type="x/image" Target="../media/image1.png"/>',
        '<Relationship Type="x/officeDocument" Target="/word/document.xml"/>',
        '<Relationship Type="x/attachedTemplate" Target="file:///C:/letter.dotx"/>',
        '<Relationship TargetMode="External" Type="x/attachedTemplate" Target="file:///C:\\a.dotx"/>',
    ],
)
def test_a_link_and_a_part_or_template_at_home_are_nobodys_danger(text):
    assert trouble_of(related(text)) is None


def test_relationships_that_cannot_be_read_are_refused():
    name = "word/_rels/document.xml.rels"
    odd = '<?xml version="1.0" encoding="x-unknown"?><Relationships/>'

    assert trouble_of(related("<Relationship")) == Trouble.DAMAGED
    assert trouble_of(made.docx(more={name: odd})) == Trouble.DAMAGED
    assert trouble_of(made.docx(more={name: "<!DOCTYPE x><x/>"})) == Trouble.ACTIVE


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_of_two_parts_with_one_name_both_are_looked_at():
    name = "word/_rels/settings.xml.rels"
    file = io.BytesIO(related(FETCHED[0], name))
    with zipfile.ZipFile(file, "a") as container:
        container.writestr(name, "<Relationships/>")

    assert trouble_of(file.getvalue()) == Trouble.FETCHES


@pytest.mark.parametrize(
    ("catalog", "trouble"),
    [
        ("/OpenAction [3 0 R /XYZ null null 0]", None),
        ("/OpenAction 7 0 R >> endobj 7 0 obj << /S /GoTo /D [3 0 R /Fit] >>", None),
        ("/OpenAction 7 0 R >> endobj 7 0 obj [3 0 R /Fit]", None),
        ("/OpenAction << /D [3 0 R /Fit] /S/GoTo >>", None),
        ("/OpenAction 7 0 R % compressed", None),
        ("/A << /S /URI /URI (https://x.example/Launch/S) >>", None),
        ("/OpenAction << /S /URI /URI (https://x.example) >>", Trouble.ACTIVE),
        ("/OpenAction << /S /GoToR /F (a.pdf) >>", Trouble.ACTIVE),
        ("/OpenAction 7 0 R >> endobj 7 0 obj\n<< /S /SubmitForm >>", Trouble.ACTIVE),
        ("/OpenAction << /S /GoTo /Next [ << /S /URI >> ] >>", Trouble.ACTIVE),
        ("/AA << /O << /S /JavaScript /JS (app.alert\\(1\\)) >> >>", Trouble.ACTIVE),
        ("/Names << /JavaScript 5 0 R >>", Trouble.ACTIVE),
        ("/A << /S /J#61va#53cript /JS 5 0 R >>", Trouble.ACTIVE),
        ("/A << /S % word\n /Launch /F (cmd.exe) >>", Trouble.ACTIVE),
    ],
)
def test_a_pdf_may_turn_to_a_page_and_do_no_more(catalog, trouble):
    data = made.PDF.replace(b"/Type /Catalog", b"/Type /Catalog " + catalog.encode())

    assert trouble_of(data) == trouble


@pytest.mark.parametrize("word", ["/S%", "/OpenAction<<", "/OpenAction 1 0 R ", "/S   ", "#2F#53"])
def test_no_pdf_keeps_us_looking_for_long(word):
    data = b"%PDF-1.7\n" + word.encode() * (1_000_000 // len(word)) + b"\n%%EOF\n"
    began = time.process_time()

    trouble_of(data)

    assert time.process_time() - began < 3


def test_a_container_that_says_it_is_huge_is_not_unpacked(monkeypatch):
    monkeypatch.setattr(media, "MOST_UNPACKED", 10)

    with pytest.raises(KindRefused) as refused:
        media.find(made.docx())

    assert refused.value.trouble == Trouble.DAMAGED
