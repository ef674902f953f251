"""The logic with a stub in place of the package; the package itself on a tiny model with random weights."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from kg.catalog import load_catalog
from kg.errors import ExtractorError, MissingExtra
from kg.extractors.gliner import GlinerExtractor, open_gliner
from kg.model import Document
from kg.pipeline import Extractor
from kg.settings import load_settings
from kg.text.reading import Reading

Read = Callable[[str], Reading]
SETTINGS = load_settings({})
LABELS = {"person": "Person", "military base": "MilitaryBase"}


class StubModel:
    """Finds fixed words, as the package would report them."""

    def __init__(self, **found: str) -> None:
        self.found = found
        self.asked: list[tuple[list[str], list[str], float]] = []

    def inference(
        self, texts: list[str], labels: list[str], threshold: float = 0.5, **_: object
    ) -> list[list[dict[str, Any]]]:
        self.asked.append((texts, labels, threshold))
        return [
            [
                {"start": text.index(w), "end": text.index(w) + len(w), "text": w, "label": k, "score": 0.917}
                for w, k in self.found.items()
                if w in text
            ]
            for text in texts
        ]


def test_what_the_model_finds_in_a_sentence_is_placed_in_the_text(read: Read) -> None:
    model = StubModel(Tolvanska="military base", Orlik="person")
    reading = read("It rained.\n\nOrlik reached Tolvanska. Orlik slept.")
    proposals = GlinerExtractor(model, "0", LABELS, 0.4).propose(reading)
    assert [(m.text, m.label, m.score) for m in proposals.mentions] == [
        ("Orlik", "Person", 92),
        ("Tolvanska", "MilitaryBase", 92),
        ("Orlik", "Person", 92),
    ]
    assert all(reading.doc.text[m.start : m.end] == m.text for m in proposals.mentions)
    assert model.asked == [
        (["It rained.", "Orlik reached Tolvanska.", "Orlik slept."], ["person", "military base"], 0.4)
    ]


def test_a_label_that_was_not_asked_for_is_refused(read: Read) -> None:
    proposals = GlinerExtractor(StubModel(Orlik="wizard"), "0", LABELS, 0.4).propose(read("Orlik slept."))
    assert proposals.mentions == ()
    assert [r.reason for r in proposals.refused] == ["label not asked for: 'wizard'"]


def test_an_empty_document_is_not_asked_about(read: Read) -> None:
    model = StubModel()
    assert GlinerExtractor(model, "0", LABELS, 0.4).propose(read("\n")).mentions == ()
    assert model.asked == []


def test_a_model_that_loses_sentences_is_an_error(read: Read) -> None:
    class Short(StubModel):
        def inference(self, texts: list[str], labels: list[str], **_: Any) -> list[list[dict[str, Any]]]:
            return super().inference(texts, labels)[1:]

    with pytest.raises(ExtractorError, match="1 answers for 2 sentences"):
        GlinerExtractor(Short(), "0", LABELS, 0.4).propose(read("It rained. It snowed."))


@pytest.fixture
def stub_package(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, object]]]:
    """A package `gliner` whose models find Tolvanska; what it was asked to load."""
    loaded: list[tuple[str, dict[str, object]]] = []
    module = ModuleType("gliner")

    class GLiNER:
        @staticmethod
        def from_pretrained(place: str, **options: object) -> StubModel:
            if (Path(place) / "damaged").exists():
                raise RuntimeError("Error(s) in loading state_dict\nmissing keys")
            loaded.append((place, options))
            return StubModel(Tolvanska="military base")

    module.GLiNER = GLiNER  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "gliner", module)
    return loaded


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    own = tmp_path / "model"
    own.mkdir()
    (own / "gliner_config.json").write_text("{}", encoding="utf-8")
    (own / "model.safetensors").write_bytes(b"weights")
    return own


def test_a_document_is_read_with_a_model_from_a_folder(
    stub_package: list[tuple[str, dict[str, object]]], folder: Path
) -> None:
    extractor = Extractor(model="rules", extractors=[f"gliner:{folder}"])
    extraction = extractor.extract(
        Document(("n",), "Crews reached Tolvanska. Japan and Latvia met at Tolvanska.")
    )
    assert stub_package == [(str(folder), {"local_files_only": True, "map_location": "cpu"})]
    (base,) = (e for e in extraction.entities if "Tolvanska" in e.names)
    assert (base.kind, base.subkind) == ("Facility", "MilitaryBase")
    about = [c for c in extraction.claims if base.iri in (c.subject, c.object)]
    assert about
    assert all(c.rule.startswith("gliner/") and c.confidence <= 50 for c in about)
    assert extractor.version != Extractor(model="rules", extractors=[]).version


def test_the_version_follows_weights_and_threshold(
    stub_package: list[tuple[str, dict[str, object]]], folder: Path
) -> None:
    def version(**changes: Any) -> str:
        return open_gliner(str(folder), load_catalog(), replace(SETTINGS, **changes)).version

    first = version()
    (folder / "README.md").write_text("described", encoding="utf-8")
    assert version() == first
    assert version(gliner_threshold=0.9) != first
    (folder / "model.safetensors").write_bytes(b"other weights")
    assert version() != first


def test_a_name_on_the_hub_is_brought_once_and_then_loaded_from_its_folder(
    stub_package: list[tuple[str, dict[str, object]]], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = ModuleType("huggingface_hub")
    hub.snapshot_download = lambda name: str(folder)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "huggingface_hub", hub)
    open_gliner("someone/gliner_small", load_catalog(), SETTINGS)
    assert [place for place, _ in stub_package] == [str(folder)]

    def fail(name: str) -> str:
        raise OSError("We couldn't connect\nto the hub")

    hub.snapshot_download = fail  # type: ignore[attr-defined]
    with pytest.raises(ExtractorError, match=r"cannot be had from the hub: We couldn't connect$"):
        open_gliner("someone/gliner_small", load_catalog(), SETTINGS)


def test_what_is_no_model_is_named(stub_package: object, folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ExtractorError, match="neither a folder nor a name on the hub"):
        open_gliner("no such folder", load_catalog(), SETTINGS)
    with pytest.raises(ExtractorError, match=r"has no gliner_config\.json"):
        open_gliner(str(tmp_path), load_catalog(), SETTINGS)
    (folder / "damaged").touch()
    with pytest.raises(ExtractorError, match=r"cannot be loaded: Error\(s\) in loading state_dict$"):
        open_gliner(str(folder), load_catalog(), SETTINGS)


@pytest.mark.parametrize("threshold", [-0.5, 1.5])
def test_a_threshold_that_is_no_score_is_refused(threshold: float) -> None:
    with pytest.raises(ExtractorError, match="KG_GLINER_THRESHOLD"):
        open_gliner("x", load_catalog(), replace(SETTINGS, gliner_threshold=threshold))


def test_without_the_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setitem(sys.modules, "gliner", None)
    with pytest.raises(MissingExtra, match=r"pip install 'statecraft-kg\[gliner\]'"):
        open_gliner(str(folder), load_catalog(), SETTINGS)


def write_tiny_model(folder: Path) -> None:
    """A GLiNER model of a hundred kilobytes with random weights, made without any network."""
    import torch
    from gliner import GLiNERConfig
    from gliner.model import UniEncoderSpanGLiNER
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    characters = [chr(code) for code in range(33, 127)]
    pieces = [*special, *characters, *(f"##{c}" for c in characters)]
    tokenizer = Tokenizer(models.WordPiece({p: i for i, p in enumerate(pieces)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        unk_token="[UNK]",
        pad_token="[PAD]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
    )
    fast.add_tokens(["<<ENT>>", "<<SEP>>"])
    encoder = {
        "model_type": "bert",
        "vocab_size": len(pieces),
        "hidden_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 16,
    }
    config = GLiNERConfig(
        model_name="tiny",
        encoder_config=encoder,
        hidden_size=16,
        max_width=4,
        num_rnn_layers=0,
        dropout=0.0,
    )
    torch.manual_seed(0)
    model = UniEncoderSpanGLiNER(config, tokenizer=fast, backbone_from_pretrained=False)
    model.resize_embeddings()
    model.save_pretrained(folder, safe_serialization=True)
    fast.save_pretrained(folder)


@pytest.mark.skipif(
    importlib.util.find_spec("gliner") is None,
    reason="needs the extra gliner, which needs torch: pip install 'statecraft-kg[gliner]'",
)
@pytest.mark.filterwarnings("ignore")  # of torch and transformers, which are none of ours
def test_the_package_itself_loads_a_model_and_its_answers_are_held_against_the_text(
    tmp_path: Path, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    write_tiny_model(tmp_path)
    text = (
        "Ada Orlik met Emil Zarkon in Lisbon on Monday.\n\nThe Tolvanska base was opened by the Polish navy."
    )
    opened = open_gliner(str(tmp_path), load_catalog(), replace(SETTINGS, gliner_threshold=0.3))
    reading = read(text)
    proposals = opened.propose(reading)
    assert proposals.mentions, "random weights score near one half"
    assert proposals.refused == ()
    assert all(reading.doc.text[m.start : m.end] == m.text for m in proposals.mentions)
    assert opened.propose(reading) == proposals
    settings = replace(SETTINGS, gliner_threshold=0.3)
    extraction = Extractor(model="rules", extractors=[f"gliner:{tmp_path}"], settings=settings).extract(
        Document(("n",), text)
    )
    assert all(text[m.span.start : m.span.end] == m.text for m in extraction.mentions)
    assert any(r.stage == "gliner" for r in extraction.rejections)
