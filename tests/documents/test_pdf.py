from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from pypdf import PdfReader, PdfWriter

from kg.documents.pdf import read_pdf
from kg.errors import DocumentError, DocumentTooLarge

MakePdf = Callable[..., bytes]
BODY = ["The ministers met in Oslo on Mon-", "day, the ministry said.", "They spoke (for an hour)."]


def test_text_and_pages(make_pdf: MakePdf) -> None:
    found = read_pdf(make_pdf([BODY, ["They will meet again in José's town."]]), "a.pdf", 10_000)
    assert found.text == "\n".join(BODY) + "\n\nThey will meet again in José's town."
    assert found.margins == ()
    assert (found.issued, found.created, found.title) == (None, None, None)


def margins(data: bytes) -> list[str]:
    found = read_pdf(data, "a.pdf", 10_000)
    return [found.text[span.start : span.end] for span in found.margins]


def test_running_heads_and_page_numbers(make_pdf: MakePdf) -> None:
    pages = [
        [f"Defence White Paper {i}", *(f"{line} {i}{j}" for j, line in enumerate(BODY * 3)), f"- {i} -"]
        for i in range(1, 5)
    ]
    assert margins(make_pdf(pages)) == [
        text for i in range(1, 5) for text in (f"Defence White Paper {i}", f"- {i} -")
    ]


def test_numbered_articles_at_the_top_of_pages_are_no_running_heads(make_pdf: MakePdf) -> None:
    pages = [[f"Article {number}", f"Text {number} of the treaty.", "More."] for number in (1, 4, 9)]
    assert margins(make_pdf([[*page, f"Page {i} of 3"] for i, page in enumerate(pages, 1)])) == [
        "Page 1 of 3",
        "Page 2 of 3",
        "Page 3 of 3",
    ]


def test_one_page_has_no_margins(make_pdf: MakePdf) -> None:
    assert margins(make_pdf([["1", *BODY, "1"]])) == []


def test_stated_fields(make_pdf: MakePdf) -> None:
    xmp = (
        '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:date><rdf:Seq><rdf:li>2025-03-30T10:00:00Z</rdf:li>'
        '</rdf:Seq></dc:date></rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    )
    info = "/CreationDate (D:20250402093000+09'00') /Title (White  Paper)"
    found = read_pdf(make_pdf([BODY], info, xmp), "a.pdf", 10_000)
    assert (found.issued, found.created, found.title) == ("2025-03-30", "2025-04-02", "White Paper")


def test_broken_fields_do_not_matter(make_pdf: MakePdf) -> None:
    found = read_pdf(make_pdf([BODY], "/CreationDate (D:yesterday)", "<broken"), "a.pdf", 10_000)
    assert (found.issued, found.created) == (None, None)
    assert found.text.startswith("The ministers")


def test_no_text_layer(make_pdf: MakePdf) -> None:
    for data in (make_pdf([[], []]), make_pdf([["1"], ["2"], ["3"]])):
        with pytest.raises(
            DocumentError, match=r"scan\.pdf: no text layer in the PDF's \d pages \(scanned\?\)"
        ):
            read_pdf(data, "scan.pdf", 10_000)


def test_limit(make_pdf: MakePdf) -> None:
    with pytest.raises(
        DocumentTooLarge, match=r"a\.pdf: more than 100 code points by page 2.*KG_MAX_DOCUMENT_CHARS"
    ):
        read_pdf(make_pdf([BODY, BODY, BODY]), "a.pdf", 100)


def locked(data: bytes, password: str, algorithm: str = "RC4-128") -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
    writer.encrypt(password, owner_password="owner", algorithm=algorithm)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_password(make_pdf: MakePdf) -> None:
    data = make_pdf([BODY])
    with pytest.raises(DocumentError, match=r"a\.pdf: the PDF is locked with a password"):
        read_pdf(locked(data, "secret"), "a.pdf", 10_000)
    assert read_pdf(locked(data, ""), "a.pdf", 10_000).text == "\n".join(BODY)


@pytest.mark.parametrize("data", [b"", b"The ministers met.", b"<html></html>"])
def test_other_files(data: bytes) -> None:
    with pytest.raises(DocumentError, match=r"a\.pdf: not a PDF file"):
        read_pdf(data, "a.pdf", 10_000)


def test_damaged_files(make_pdf: MakePdf) -> None:
    data = make_pdf([BODY, BODY])
    for damaged in (
        data[:60],
        data[:300],
        b"%PDF-1.7\n" + bytes(range(256)) * 8,
        data.replace(b"/Pages", b"/Pagez"),
    ):
        with pytest.raises(DocumentError, match=r"^a\.pdf: "):
            read_pdf(damaged, "a.pdf", 10_000)
