import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.lang.en import English

from kg.claims.modality import ModalityReading, read_modality
from kg.model import Document, Modality, Status
from kg.text.reader import Reader
from kg.text.sentences import mark_sentences
from kg.text.tokenization import make_tokenizer

_NLP = English()
_NLP.tokenizer = make_tokenizer(_NLP.vocab)

ASSERTED = (Modality.ASSERTED, None)
ONGOING = (Modality.ASSERTED, Status.ONGOING)
CANCELLED = (Modality.ASSERTED, Status.CANCELLED)
PLANNED = (Modality.PLANNED, Status.PLANNED)
PROPOSED = (Modality.PLANNED, Status.PROPOSED)
DENIED = (Modality.DENIED, Status.DENIED)
FORMER = (Modality.FORMER, None)


def read(marked: str) -> ModalityReading:
    """The reading of the trigger between square brackets."""
    before, rest = marked.split("[")
    trigger, after = rest.split("]")
    doc = mark_sentences(_NLP.make_doc(before + trigger + after))
    span = doc.char_span(len(before), len(before) + len(trigger))
    assert span is not None
    sentence = doc[span.start].sent
    return read_modality(doc, sentence.start, sentence.end, span.start, span.end)


CASES = [
    # Facts.
    ("The two ministers [met] in Oslo on Monday.", ASSERTED),
    ("The two ministers held a [meeting] in Oslo on Monday.", ASSERTED),
    ("At a [meeting] in Oslo, the two signed a pact.", ASSERTED),
    ("They agreed to widen trade at a [meeting] in Oslo.", ASSERTED),
    ("They agreed to strengthen the alliance, with an eye on the north, at a [meeting] in Oslo.", ASSERTED),
    ("They [agreed] in 1996 that the fleet would leave the bay.", ASSERTED),
    ("The envoy said the ministers had [met] in secret.", ASSERTED),
    ("The envoy confirmed that the [transfer] was complete.", ASSERTED),
    ("The summit was [held] in Lima.", ASSERTED),
    ("The [summit] took place in Lima.", ASSERTED),
    ("After the [talks], the minister will travel home.", ASSERTED),
    ("The president attended the [ceremony] and promised aid.", ASSERTED),
    ("He traveled to Cairo to attend the [ceremony].", ASSERTED),
    ("He flew to Cairo to [meet] the king.", ASSERTED),
    ("The ministers discussed the [attack] on the port.", ASSERTED),
    ("They may go home; the fleet [sailed] on Monday.", ASSERTED),
    ("The base was [inaugurated] in May, but it may close.", ASSERTED),
    ("They will leave, but the [talks] ended well.", ASSERTED),
    ("The command, which will be enlarged, was [set] up in May.", ASSERTED),
    ("The ministers not only [met] but signed a pact.", ASSERTED),
    ("The [visit] was a success.", ASSERTED),
    # Plans.
    ("The two ministers will [meet] in Oslo.", PLANNED),
    ("The two ministers are to [meet] in Oslo.", PLANNED),
    ("They are expected to [meet] in Oslo.", PLANNED),
    ("They are scheduled to hold a [meeting] in Oslo.", PLANNED),
    ("They plan to hold a [meeting] in Oslo.", PLANNED),
    ("They are arranging a [meeting] in Oslo.", PLANNED),
    ("They agreed to hold a [meeting] in Oslo.", PLANNED),
    ("They will hold a [meeting] in Oslo.", PLANNED),
    ("They will discuss trade at a [meeting] in Oslo.", PLANNED),
    ("They are expected to discuss trade at their [meeting].", PLANNED),
    ("The [meeting] is scheduled for May.", PLANNED),
    ("The [meeting] will be held in May.", PLANNED),
    ("The [meeting] is to be held in May.", PLANNED),
    ("The [meeting] is expected to last two days.", PLANNED),
    ("The [meeting] scheduled for May is a first.", PLANNED),
    ("The [talks] set to take place in May worry many.", PLANNED),
    ("The planned [visit] is a first.", PLANNED),
    ("Their upcoming [visit] is a first.", PLANNED),
    ("Arrangements are underway for the two to hold their first [meeting].", PLANNED),
    ("This includes the [launch] of a command, which is scheduled for late May.", PLANNED),
    ("They agreed in 1996 that the fleet would [leave] the bay.", PLANNED),
    ("He said that the fleet will [leave] the bay.", PLANNED),
    ("Minister to [Visit] Base", PLANNED),
    ("The [visit] has been postponed.", PLANNED),
    ("The government vowed to [build] a port.", PLANNED),
    ("He announced a plan to [build] a port.", PLANNED),
    # Proposals.
    ("They may [meet] in Oslo.", PROPOSED),
    ("They might hold a [meeting] in Oslo.", PROPOSED),
    ("A [meeting] could take place in May.", PROPOSED),
    ("They are considering a [visit] to the island.", PROPOSED),
    ("They are considering a plan for the two to [visit] the island.", PROPOSED),
    ("They are considering a plan for the two to visit the island and attend a [ceremony].", PROPOSED),
    ("The proposed [visit] would be a first.", PROPOSED),
    ("The envoy proposed a [summit] in Lima.", PROPOSED),
    ("The envoy proposed that they [meet] in Lima.", PROPOSED),
    ("The envoy called for [talks] in Lima.", PROPOSED),
    ("He invited the king to [visit] Lima.", PROPOSED),
    ("If the two [meet], prices will fall.", PROPOSED),
    ("If elected, he would [visit] the island.", PROPOSED),
    ("It is unclear whether the two [met].", PROPOSED),
    # Denials.
    ("They did not [meet] in Oslo.", DENIED),
    ("They have never [met].", DENIED),
    ("They will not [attend] the summit.", DENIED),
    ("They denied that the two had [met].", DENIED),
    ("They denied a [meeting] in Oslo.", DENIED),
    ("The army rejected reports that it had [attacked] the port.", DENIED),
    ("There is no evidence that the two [met].", DENIED),
    ("No [meeting] was held.", DENIED),
    ("The [meeting] did not take place.", DENIED),
    ("He refused to [attend] the summit.", DENIED),
    ("He declined to [meet] the king.", DENIED),
    # Cancellation.
    ("They cancelled the [visit].", CANCELLED),
    ("They called off the [visit].", CANCELLED),
    ("The [visit] was cancelled.", CANCELLED),
    ("The [visit] has been called off.", CANCELLED),
    ("The cancelled [visit] was a blow.", CANCELLED),
    ("They may cancel the [visit].", PLANNED),
    # In course.
    ("The minister is [visiting] the island.", ONGOING),
    ("The [drill] is under way off the coast.", ONGOING),
    ("The [drill] continues off the coast.", ONGOING),
    ("They confirmed that the [transition] of the fleet into a command had begun.", ONGOING),
    ("Work on the base has [begun].", ONGOING),
    # Past states.
    ("Lind, a former [minister], left.", FORMER),
    ("She no longer [holds] the office.", FORMER),
    ("She previously [headed] the bank.", FORMER),
    ("The base used to [belong] to Spain.", FORMER),
]


@pytest.mark.parametrize(("marked", "expected"), CASES)
def test_modality(marked: str, expected: tuple[Modality, Status | None]) -> None:
    reading = read(marked)
    assert (reading.modality, reading.status) == expected


@pytest.mark.parametrize(("marked", "expected"), CASES)
def test_modality_by_the_parse(parser: Reader, marked: str, expected: tuple[Modality, Status | None]) -> None:
    before, rest = marked.split("[")
    trigger, after = rest.split("]")
    doc = parser.read(Document(("x",), before + trigger + after)).doc
    span = doc.char_span(len(before), len(before) + len(trigger))
    assert span is not None
    sentence = doc[span.start].sent
    reading = read_modality(doc, sentence.start, sentence.end, span.start, span.end)
    assert (reading.modality, reading.status) == expected


def test_cues_are_the_words_that_decide() -> None:
    doc = mark_sentences(_NLP.make_doc("They will not meet."))
    reading = read_modality(doc, 0, len(doc), 3, 4)
    assert [doc[cue].text for cue in reading.cues] == ["will", "not"]
    assert read("They [met].").cues == ()


def test_a_hedge_governs_its_own_clause_only() -> None:
    assert read("They [signed] a pact and the fleet will leave.").modality is Modality.ASSERTED
    assert read("They signed a pact and the fleet will [leave].").modality is Modality.PLANNED
    assert read("They [signed] a pact that may be changed.").modality is Modality.ASSERTED
    assert read("While the fleet may leave, they [signed] a pact.").modality is Modality.ASSERTED


VOCABULARY = (
    "they will not to meet that denied the visit was called off , and if would which is under way no"
    " former plan"
    " for of at considering had been ; no longer used Norway May never planned"
)
WORDS = st.sampled_from(VOCABULARY.split())


@settings(max_examples=300, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=16), st.data())
def test_any_words(words: list[str], data: st.DataObject) -> None:
    doc = mark_sentences(_NLP.make_doc(" ".join(words)))
    start = data.draw(st.integers(0, len(doc) - 1))
    end = data.draw(st.integers(start + 1, len(doc)))
    reading = read_modality(doc, 0, len(doc), start, end)
    assert all(0 <= cue < len(doc) for cue in reading.cues)
    assert list(reading.cues) == sorted(set(reading.cues))
    assert reading == read_modality(doc, 0, len(doc), start, end)
