"""Small files of each kind that is taken, and of some that are not, made by hand."""

import io
import struct
import zipfile
import zlib

OOXML = "application/vnd.openxmlformats-officedocument."
PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"


def png() -> bytes:
    """One black pixel."""

    def chunk(name: bytes, data: bytes) -> bytes:
        body = name + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"\0\0")
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def jpeg() -> bytes:
    """The frame of a picture, as far as anybody looks who does not draw it."""
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 11, 8, 1, 1, 1) + b"\x01\x11\x00"
    scan = b"\xff\xda" + struct.pack(">HB", 8, 1) + b"\x01\x00\x00\x3f\x00" + b"\x00"
    return b"\xff\xd8" + b"\xff\xe0\x00\x04JF" + frame + scan + b"\xff\xd9"


def zipped(parts: dict[str, str | bytes]) -> bytes:
    """A zip container."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as container:
        for name, text in parts.items():
            container.writestr(name, text)
    return file.getvalue()


def office(
    main: str, kind: str, more: dict[str, str | bytes] | None = None, types: str = ""
) -> bytes:
    """A DOCX or XLSX: the types, the main part, and what is given besides."""
    named = f'<Override PartName="/{main}" ContentType="{OOXML}{kind}.main+xml"/>{types}'
    return zipped({"[Content_Types].xml": f"<Types>{named}</Types>", main: "<x/>", **(more or {})})


def docx(**more) -> bytes:
    return office("word/document.xml", "wordprocessingml.document", **more)


def xlsx(**more) -> bytes:
    return office("xl/workbook.xml", "spreadsheetml.sheet", **more)


def odt(more: dict[str, str | bytes] | None = None) -> bytes:
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": "<x/>",
            "META-INF/manifest.xml": "<manifest/>",
            **(more or {}),
        }
    )
