"""What a file is that cannot be read as a photo, by its first bytes, to be named in the refusal."""

from __future__ import annotations

JPEG_XL, FILM, CAMERA = "a JPEG XL picture", "a film", "a raw photo of a camera"
WEB_PAGE = "a web page"

KINDS = {  # (offset, bytes): name
    **{(0, b"\xff\x0a"): JPEG_XL, (4, b"JXL "): JPEG_XL, (4, b"jP  "): "a JPEG 2000 picture"},
    **{(4, b"ftypcrx"): CAMERA, (0, b"FUJIFILMCCD-RAW"): CAMERA},
    **{(0, b"8BPS"): "a Photoshop document", (0, b"gimp xcf"): "a GIMP document", (0, b"%PDF"): "a PDF document"},
    **{(0, b"PK\x03\x04"): "a ZIP archive or an office document"},
    **{(0, b"\x1a\x45\xdf\xa3"): FILM, (8, b"AVI "): FILM, (4, b"ftyp"): FILM, (4, b"moov"): FILM},
}
TEXTS = {b"<svg": "an SVG drawing", b"<html": WEB_PAGE, b"<!doctype html": WEB_PAGE, b"data:image": "a data URL"}


def kind_of(head: bytes) -> str:
    """The kind of a file that starts with these bytes, with its article; empty if unknown."""
    if not head:
        return "an empty file"
    for (offset, sign), name in KINDS.items():
        if head[offset:].startswith(sign):
            return name
    return next((name for sign, name in TEXTS.items() if sign in head.lower()), "")
