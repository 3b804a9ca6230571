"""Files of letters as downloads, whatever they are called."""

from io import BytesIO

from flask import Response, send_file

from webapp.mail.message import one_line

FILE_POLICY = "default-src 'none'; sandbox"


def download(content: bytes, mime_type: str, filename: str) -> Response:
    """A file that a browser keeps and never shows. A header holds Latin letters alone: another name
    stands there coded (RFC 6266), or the server would refuse the answer."""
    response = send_file(
        BytesIO(content),
        mimetype=mime_type,
        as_attachment=True,
        download_name=one_line(filename) or "file",
        conditional=False,
        etag=False,
    )
    response.headers["Content-Security-Policy"] = FILE_POLICY
    return response
