"""When events took place, what became of them, and who says so: by the parse, from sentence to claim."""

from __future__ import annotations

import pytest

from kg.model import Document, Literal
from kg.pipeline import Extractor
from kg.text.reader import OWN, Reader

#: A Wednesday.
ISSUED = "2024-08-14"
#: Sentence with its trigger in brackets; date (EDTF); status; words of the source, "" for none. None is not asked for.
ROWS = [
    ("Senegal had no plans to [send] troops to Mali, the general said.", None, "denied", "general"),
    (
        "Fiji looked forward to the [exercise], which the Royal Thai Army will host in Lopburi.",
        None,
        "planned",
        None,
    ),
    ("If I may add a word, the commission will [meet] in Basra on 9 September.", "2024-09-09", "planned", ""),
    ("The Kuwaiti navy is going to [visit] Basra.", None, "planned", ""),
    ("Earlier in the day, General Amara Kone [visited] Thiès.", "2024-08-14", "held", ""),
    (
        "Ten days after gunmen attacked a post near Liboi, Kenya and Somalia [signed] a pact in Nairobi on Tuesday.",
        "2024-08-13",
        "held",
        "",
    ),
    (
        "Foreign Minister Adama Diop will fly to Bissau on Friday for [talks] with Umaro Balde.",
        "2024-08-16",
        "planned",
        "",
    ),
    (
        "Foreign Minister Adama Diop said on Tuesday that the [talks] in Bissau would take place in October.",
        "2024-10",
        "planned",
        "Adama Diop",
    ),
    ("On Friday, General Mario Silva [visited] Tete and met the governor.", "2024-08-09", "held", ""),
    (
        "The [talks] scheduled for late September in Suva were called off.",
        "2024-09-21/2024-09-30",
        "cancelled",
        None,
    ),
    ("The [exercise] off Goa, which began in July, ended on Friday.", None, "held", None),
    (
        "President Gitanas Vaitkus and President Edgars Kalns, who [met] in Riga in March, will speak again next week.",
        "2024-03",
        "held",
        None,
    ),
    (
        "The Nigerian Navy and the Ghana Navy held an [exercise] off Tema from 3 to 7 May.",
        "2024-05-03/2024-05-07",
        "held",
        None,
    ),
    ("Last week's [talks] in Doha between Qatar and Chad went well.", "2024-08-05/2024-08-11", "held", None),
    ("The ministers of Peru and Chile will hold [talks] in Arica on Monday.", "2024-08-19", "planned", None),
    ("The [summit] in Astana, held in July 2024, was attended by Turkey.", "2024-07", "held", None),
    ("Zambia will host the [summit] in Lusaka in November.", "2024-11", "planned", None),
    ("Zambia hosted the [summit] in Lusaka in November.", "2023-11", "held", None),
    ("At a [meeting] in Minsk on Monday, Belarus and Iran agreed to cooperate.", "2024-08-12", "held", ""),
    (
        "The German frigate Bayern [visited] Jakarta on 3 May and sailed to Perth in June.",
        "2024-05-03",
        "held",
        None,
    ),
    ("The next [meeting] of the commission is on 4 September in Tirana.", "2024-09-04", "planned", None),
    (
        "The Philippines and Japan [signed] an access agreement in Manila on 8 July, and ratified it in August.",
        "2024-07-08",
        "held",
        None,
    ),
    (
        "The two armies held an [exercise] in Kaduna in 2022. The following year they held none.",
        "2022",
        "held",
        None,
    ),
    ("Foreign Minister Sameh Fahmy denied he had [met] Israel's envoy in Doha.", None, "denied", None),
    ("Foreign Minister Sameh Fahmy denied having [met] Israel's envoy in Doha.", None, "denied", None),
    ("The governor denied being at the [meeting] in Sofia.", None, "held", None),
    ("Chad's president did not attend the [ceremony] in Niamey on Monday.", None, "held", None),
    ("Chad's president did not [visit] Niamey on Monday.", None, "denied", None),
    ("Kenya's foreign ministry did not confirm the president's [visit] to Chad.", None, "proposed", None),
    ("The ministry could not confirm a [meeting] between Iran and Oman in Muscat.", None, "proposed", None),
    (
        "Serbia's parliament held a no-confidence vote after the [visit] of President Milan Petrov to Moscow.",
        None,
        "held",
        None,
    ),
    ("The army called the report of an [attack] on Goma untrue.", None, "denied", None),
    ("Reports that the army had [attacked] Goma are false, the spokesman said.", None, "denied", None),
    (
        "The ministry dismissed as baseless reports of a [meeting] in Vienna between Iran and Germany.",
        None,
        "denied",
        None,
    ),
    ("Pakistan rejected the claim that its ships had [attacked] Gwadar.", None, "denied", None),
    ("The prime minister ruled out a [visit] to Kyiv.", None, "denied", None),
    ("There was no [meeting] between Greece and Turkey in Athens, the spokesman said.", None, "denied", None),
    ("No [meeting] with Serbia has taken place in Pristina.", None, "denied", None),
    ("The ministers of Chad and Niger failed to [meet] in Bern.", None, "denied", None),
    ("The [talks] in Geneva between Armenia and Azerbaijan failed.", None, "held", None),
    ("President Ruto did not rule out a [visit] to Goma.", None, "proposed", None),
    ("He did not deny that the two [met] in Rome.", None, "held", None),
    ("The general never [visited] the base at Bagram.", None, "denied", None),
    (
        "The [exercise] with Mali, which was to have taken place in Gao in May, never took place.",
        "2024-05",
        "denied",
        None,
    ),
    ("Foreign Minister Bui Thanh was to have [visited] Prague in May.", None, "cancelled", None),
    ("The [visit] to Prague was put off indefinitely.", None, "planned", None),
    (
        "The [summit] in Arica between Chile and Peru had to be cancelled because of storms.",
        None,
        "cancelled",
        None,
    ),
    ("South Korea cancelled a joint [drill] with Japan off Busan.", None, "cancelled", None),
    (
        "A [ceremony] foreseen for October at Camp Bondsteel will be led by General Lee.",
        "2024-10",
        "planned",
        None,
    ),
    (
        "Minister Salcedo accepted an invitation to [visit] Punta Arenas in October.",
        "2024-10",
        "planned",
        None,
    ),
    ("France has invited Prime Minister Modi to [visit] Paris.", None, "proposed", None),
    ("If Estonia and Latvia [meet] in Tartu, prices will fall.", None, "proposed", None),
    ("Mongolia and China could hold [talks] in Ulaanbaatar next month.", "2024-09", "proposed", None),
    ("Talks are under way in Cairo between Egypt and Sudan. The [talks] continue.", None, "ongoing", None),
    ("Indian and Omani ships are [training] off Duqm.", None, "ongoing", None),
    ("An [exercise] is taking place off Malta.", None, "ongoing", None),
    ("The two countries have decided to hold an [exercise] off Malta in 2025.", "2025", "planned", None),
    ("Vietnam's president, who had planned to [visit] Vientiane, stayed at home.", None, "planned", None),
    ("Brazil's army chief said he hoped to [visit] Asunción.", None, "planned", "army chief"),
    (
        "According to the Kazakh foreign ministry, the [talks] in Astana will resume in October.",
        "2024-10",
        "planned",
        "Kazakh foreign ministry",
    ),
    (
        "The [talks] in Astana will resume in October, according to two diplomats.",
        "2024-10",
        "planned",
        "two diplomats",
    ),
    (
        '"We [met] President Lula in Brasilia," Foreign Minister Diana Mora told reporters in Lima.',
        None,
        "held",
        "Diana Mora",
    ),
    ("The ministers [met] in Accra, a Ghanaian official said.", None, "held", "Ghanaian official"),
    ("A spokesman for Norway's army said the [exercise] in Bardufoss had ended.", None, "held", "spokesman"),
    (
        "The newspaper, citing two officials, reported that Iran and Oman had [met] in Muscat.",
        None,
        "held",
        "two officials",
    ),
    (
        "The agency quoted General Tariq Aziz as saying that the [exercise] off Karachi would begin in October.",
        "2024-10",
        "planned",
        "Tariq Aziz",
    ),
    (
        "Minister Ola Berg said that, according to Nato, the [exercise] in Narvik had been cancelled.",
        None,
        "cancelled",
        "Nato",
    ),
    (
        "Prime Minister Tom Reid [visited] Apia on Monday. He said the base would close.",
        "2024-08-12",
        "held",
        "",
    ),
    ('"The [visit] to Apia," Reid said, "is a success."', None, None, "Reid"),
    ("Officials in Seoul believe that North Korea [attacked] Yeonpyeong.", None, None, "Officials"),
    (
        "In a post on X, President Ali Bongo wrote that France and Gabon had [signed] a treaty in Libreville.",
        None,
        "held",
        "Ali Bongo",
    ),
    ("Asked about the [visit] to Minsk, the spokeswoman declined to comment.", None, None, ""),
]


@pytest.fixture(scope="module")
def extractor(parser: Reader) -> Extractor:
    return Extractor(model=OWN)


@pytest.mark.parametrize(("marked", "date", "status", "source"), ROWS)
def test_event(
    extractor: Extractor, marked: str, date: str | None, status: str | None, source: str | None
) -> None:
    start, end = marked.index("["), marked.index("]") - 1
    text = marked.replace("[", "").replace("]", "")
    extraction = extractor.extract(Document(("x",), text, ISSUED))
    events = {e.iri for e in extraction.entities if e.kind == "Event"}
    here = {
        m.entity_iri
        for m in extraction.mentions
        if m.entity_iri in events and m.span.start < end and start < m.span.end
    }
    assert here, "no event is read here"
    claims = [c for c in extraction.claims if c.subject in here]
    if date is not None:
        found = {c.object.value for c in claims if c.predicate == "date" and isinstance(c.object, Literal)}
        assert found == {date}
    if status is not None:
        assert {str(c.object).rpartition("#")[2] for c in claims if c.predicate == "status"} == {status}
    sources = {c.attribution for c in claims if c.attribution}
    if source == "":
        assert not sources
    elif source:
        assert any(source in said for said in sources)
