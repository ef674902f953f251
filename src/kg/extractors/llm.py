"""Mentions and statements from a language model behind an OpenAI-compatible endpoint (extra ``llm``)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from spacy.tokens import Span as Sentence

from kg.catalog import Catalog, Ontology
from kg.errors import ExtractorError
from kg.extractors.answers import AnswerCache, cache_folder
from kg.extractors.endpoint import Answer, Endpoint
from kg.extractors.prompt import Prompt, make_prompt
from kg.extractors.proposal import Proposals, ProposedMention, ProposedStatement
from kg.model import Modality, Rejection, Span
from kg.settings import Settings
from kg.text.reading import Reading

_MOST_ITEMS = 400  # of one answer; what comes after is not looked at
_MODALITIES = {m.value: m for m in Modality}


class LlmExtractor:
    """Asks a language model, some sentences at a time."""

    name = "llm"

    def __init__(
        self,
        model: str,
        prompt: Prompt,
        ontology: Ontology,
        cache: AnswerCache,
        endpoint: Endpoint | None,
        *,
        chunk_chars: int,
        concurrency: int,
    ) -> None:
        """`endpoint` is None where only kept answers can be used."""
        self._model = model
        self._prompt = prompt
        self._ontology = ontology
        self._cache = cache
        self._endpoint = endpoint
        self._chunk_chars = chunk_chars
        self._concurrency = concurrency

    @property
    def version(self) -> str:
        """The model's name, the prompt and the size of chunks."""
        return f"llm-{self._model}/{self._prompt.version}/{self._chunk_chars}"

    def propose(self, reading: Reading) -> Proposals:
        """What the model says of the document, sentence numbers resolved to offsets."""
        chunks = list(self._chunks(reading))
        with ThreadPoolExecutor(max_workers=self._concurrency) as pool:
            answers = list(pool.map(self._ask, ["\n".join(c.lines) for c in chunks]))
        gathered = _Gathered(reading, self._ontology)
        for chunk, answer in zip(chunks, answers, strict=True):
            gathered.add(chunk, answer)
        return gathered.proposals()

    def _chunks(self, reading: Reading) -> Iterator[_Chunk]:
        """The sentences in order, as many at a time as fit; a sentence that is longer goes alone."""
        chunk, size = _Chunk(), 0
        for number, sentence in enumerate(s for s in reading.doc.sents if s.text.strip()):
            line = f"[{number}] {' '.join(sentence.text.split())}"
            if chunk.lines and size + len(line) > self._chunk_chars:
                yield chunk
                chunk, size = _Chunk(), 0
            chunk.lines.append(line)
            chunk.sentences[number] = sentence
            size += len(line) + 1
        if chunk.lines:
            yield chunk

    def _ask(self, text: str) -> Answer:
        kept = self._cache.find(self._model, self._prompt.version, text)
        if kept is not None:
            return kept
        if self._endpoint is None:
            raise ExtractorError(
                f"llm:{self._model}: no answer is kept for this text, and KG_LLM_BASE_URL does not say whom to ask "
                "(for example http://127.0.0.1:11434/v1)"
            )
        answer = self._endpoint.ask(self._prompt.request(self._model, text))
        self._cache.keep(self._model, self._prompt.version, text, answer)
        return answer


def open_llm(model: str, catalog: Catalog, settings: Settings) -> LlmExtractor:
    """The extractor that asks `model` at the endpoint of the settings.

    Without an endpoint, kept answers are used. Raises `ExtractorError` for settings that cannot be used.
    """
    if settings.llm_chunk_chars < 1 or settings.llm_concurrency < 1:
        raise ExtractorError("KG_LLM_CHUNK_CHARS and KG_LLM_CONCURRENCY: want 1 at least")
    endpoint = None
    if settings.llm_base_url:
        endpoint = Endpoint(
            settings.llm_base_url,
            settings.llm_api_key,
            timeout=settings.llm_timeout,
            retries=settings.llm_retries,
        )
    return LlmExtractor(
        model,
        make_prompt(catalog),
        catalog.ontology,
        AnswerCache(cache_folder(settings)),
        endpoint,
        chunk_chars=settings.llm_chunk_chars,
        concurrency=settings.llm_concurrency,
    )


@dataclass
class _Chunk:
    """Sentences sent together: their lines, and each under its number."""

    lines: list[str] = field(default_factory=list)
    sentences: dict[int, Sentence] = field(default_factory=dict)


class _Gathered:
    """The answers for one reading, as proposals."""

    def __init__(self, reading: Reading, ontology: Ontology) -> None:
        self._reading = reading
        self._ontology = ontology
        self._mentions: dict[tuple[int, int, str], ProposedMention] = {}
        self._index: dict[tuple[int, int, str], int] = {}
        self._statements: list[ProposedStatement] = []
        self._refused: list[Rejection] = []

    def proposals(self) -> Proposals:
        """All of them, in the order of the text."""
        return Proposals(tuple(self._mentions.values()), tuple(self._statements), tuple(self._refused))

    def add(self, chunk: _Chunk, answer: Answer) -> None:
        """Take in the answer for a chunk."""
        data = self._parse(chunk, answer)
        if data is None:
            return
        for one in self._items(chunk, data, "mentions"):
            sentence = self._sentence(chunk, one)
            text, label = one.get("text"), one.get("class")
            if not isinstance(text, str) or not isinstance(label, str):
                self._refuse(chunk, _shown(one), "item not as asked: want text, class, sentence")
            elif sentence is None:
                self._refuse(chunk, text, f"sentence not asked about: {_shown(one.get('sentence'))}")
            else:
                self._mention(sentence, text, label)
        for one in self._items(chunk, data, "statements"):
            self._statement(chunk, one)

    def _parse(self, chunk: _Chunk, answer: Answer) -> Mapping[str, object] | None:
        if answer.refusal or answer.finish == "content_filter":
            self._refuse(chunk, answer.refusal or answer.finish, "model would not answer")
            return None
        if answer.finish == "length":
            self._refuse(chunk, answer.content, "answer cut off")
            return None
        try:
            data = json.loads(answer.content)
        except (ValueError, RecursionError):
            self._refuse(chunk, answer.content, "answer is not JSON")
            return None
        if not isinstance(data, dict):
            self._refuse(chunk, answer.content, "answer not as asked: want an object")
            return None
        return data

    def _items(self, chunk: _Chunk, data: Mapping[str, object], key: str) -> Iterator[Mapping[str, object]]:
        found = data.get(key, [])
        if not isinstance(found, list):
            self._refuse(chunk, _shown(found), f"answer not as asked: want a list of {key}")
            return
        if len(found) > _MOST_ITEMS:
            self._refuse(chunk, key, f"too many items: {len(found)} {key}, the first {_MOST_ITEMS} are taken")
        for one in found[:_MOST_ITEMS]:
            if isinstance(one, dict):
                yield one
            else:
                self._refuse(chunk, _shown(one), "item not as asked: want an object")

    def _sentence(self, chunk: _Chunk, one: Mapping[str, object]) -> Sentence | None:
        number = one.get("sentence")
        return chunk.sentences.get(number) if type(number) is int else None

    def _mention(self, sentence: Sentence, text: str, label: str) -> int | None:
        """The index of the proposal that these words of the sentence are, or None if they are not in it."""
        for offset in _places(sentence.text, text):
            start = sentence.start_char + offset
            found = self._reading.doc.char_span(start, start + len(text), alignment_mode="strict")
            if found is not None:
                return self._enter(ProposedMention(text, start, start + len(text), label))
        place = self._reading.span(sentence.start, sentence.end)
        self._refused.append(Rejection("llm", place, text[:200], "words not in the sentence"))
        return None

    def _enter(self, one: ProposedMention) -> int:
        key = (one.start, one.end, one.label)
        if key not in self._index:
            self._index[key] = len(self._index)
            self._mentions[key] = one
        return self._index[key]

    def _statement(self, chunk: _Chunk, one: Mapping[str, object]) -> None:
        relation, quote, modality = one.get("relation"), one.get("quote"), one.get("modality")
        ends = [one.get("subject"), one.get("object")]
        sentence = self._sentence(chunk, one)
        if not isinstance(relation, str) or not isinstance(quote, str) or not isinstance(modality, str):
            self._refuse(
                chunk, _shown(one), "item not as asked: want relation, subject, object, quote, modality"
            )
            return
        if sentence is None:
            self._refuse(chunk, relation, f"sentence not asked about: {_shown(one.get('sentence'))}")
            return
        if modality not in _MODALITIES:
            self._refuse(chunk, relation, f"modality not declared: {modality[:40]!r}")
            return
        indexes = [self._end(chunk, sentence, end) for end in ends]
        subject, object_ = indexes
        if subject is not None and object_ is not None:
            self._statements.append(
                ProposedStatement(subject, relation, object_, quote, _MODALITIES[modality])
            )

    def _end(self, chunk: _Chunk, sentence: Sentence, end: object) -> int | None:
        text = end.get("text") if isinstance(end, dict) else None
        label = end.get("class") if isinstance(end, dict) else None
        if not isinstance(text, str) or not isinstance(label, str):
            self._refuse(chunk, _shown(end), "item not as asked: want an end with text and class")
            return None
        # The list of mentions has the narrower class for the same words: a relation's ends name only wide ones.
        for (start, stop, known), index in self._index.items():
            if (
                sentence.start_char <= start
                and stop <= sentence.end_char
                and self._mentions[start, stop, known].text == text
                and (known == label or self._ontology.is_a(known, label))
            ):
                return index
        return self._mention(sentence, text, label)

    def _refuse(self, chunk: _Chunk, text: str, reason: str) -> None:
        sentences = list(chunk.sentences.values())
        first = self._reading.span(sentences[0].start, sentences[0].start + 1)
        last = self._reading.span(sentences[-1].end - 1, sentences[-1].end)
        self._refused.append(Rejection("llm", Span(first.start, last.end), text[:200], reason))


def _places(sentence: str, text: str) -> Sequence[int]:
    """Where `text` stands in `sentence`, in code points, in order."""
    out = []
    at = sentence.find(text) if text else -1
    while at >= 0:
        out.append(at)
        at = sentence.find(text, at + 1)
    return out


def _shown(value: object) -> str:
    return repr(value)[:80]
