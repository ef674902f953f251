from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from kg.settings import Settings, load_settings


@pytest.fixture
def settings() -> Settings:
    return load_settings({})


_ESCAPED = str.maketrans({"(": r"\(", ")": r"\)", "\\": r"\\"})


def build_pdf(pages: Sequence[Sequence[str]], info: str = "", xmp: str = "") -> bytes:
    """A PDF file with one line of Helvetica text for each of the lines of each page."""
    kids = " ".join(f"{4 + 2 * i} 0 R" for i in range(len(pages)))
    extra = f" /Metadata {4 + 2 * len(pages)} 0 R" if xmp else ""
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R{extra} >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for i, lines in enumerate(pages):
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> "
            f"/Contents {5 + 2 * i} 0 R >>"
        )
        shown = " ".join(f"({line.translate(_ESCAPED)}) Tj T*" for line in lines)
        stream = f"BT /F1 11 Tf 14 TL 50 800 Td {shown} ET"
        objects.append(f"<< /Length {len(stream.encode('cp1252'))} >>\nstream\n{stream}\nendstream")
    if xmp:
        objects.append(f"<< /Type /Metadata /Subtype /XML /Length {len(xmp)} >>\nstream\n{xmp}\nendstream")
    objects.append(f"<< {info} >>")
    body = b"%PDF-1.4\n"
    offsets = []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n".encode("cp1252")
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    return (
        body
        + f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}".encode()
        + f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R /Info {len(objects)} 0 R >>\n".encode()
        + f"startxref\n{len(body)}\n%%EOF\n".encode()
    )


@pytest.fixture
def make_pdf() -> Callable[..., bytes]:
    return build_pdf
