"""``/documents``: what was read."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi import Path as PathPart

from kg.query.documents import DocumentList, DocumentPage, get_document, list_documents, read_document_page
from kg.server.answers import page_response, wants_page
from kg.server.forms import csv_response, ending, write_table
from kg.server.leases import Reader
from kg.server.pages.lists import documents_page
from kg.server.pages.markup import local_path
from kg.server.requests import Page, page

router = APIRouter(tags=["Documents"])


@router.get("/documents", response_model=DocumentList, summary="List the documents")
@router.get("/documents.json", response_model=DocumentList, include_in_schema=False)
@router.get("/documents.csv", response_model=DocumentList, include_in_schema=False)
def get_documents(
    request: Request, reader: Reader, paging: Annotated[Page, Depends(page)]
) -> DocumentList | Response:
    """The documents of the store by identifier, without their texts."""
    found = list_documents(reader, limit=paging.limit, offset=paging.offset)
    form = ending(request)
    if form == "csv":
        rows = (
            ("; ".join(d.identifiers), d.title, d.as_of, d.as_of_basis, d.source, d.sha256, d.iri)
            for d in found.items
        )
        columns = ("identifiers", "title", "as_of", "as_of_basis", "source", "sha256", "iri")
        return csv_response(write_table(columns, rows))
    if not form and wants_page(request):
        return page_response(documents_page(found, reader.base), reader=reader, request=request)
    return found


@router.get(
    "/documents/{document:path}", response_model=DocumentPage, summary="One document's text and mentions"
)
def get_one_document(
    request: Request,
    reader: Reader,
    document: Annotated[
        str,
        PathPart(
            description="Its key (16 hexadecimal digits), IRI, CURIE or identifier.",
            examples=["000_5189ccc7694bce76.txt"],
            max_length=2000,
        ),
    ],
) -> DocumentPage | Response:
    """The stored text; every mention and every passage that a claim rests on, by code points of that text."""
    if wants_page(request):
        path = local_path(get_document(reader, document).iri, reader.base)
        if path is not None:
            asked = f"?{request.url.query}" if request.url.query else ""
            return Response(status_code=303, headers={"Location": path + asked, "Vary": "Accept"})
    return read_document_page(reader, document)
