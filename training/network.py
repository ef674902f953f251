"""The network: a small BERT encoder that also sees word shapes, with one head for each question."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from kg.text.parser.encoding import SHAPES
from training.corpora import GUIDELINES


class Sizes(NamedTuple):
    """The encoder's sizes; the defaults are those of MiniLM-L6."""

    vocabulary: int = 30522
    width: int = 384
    layers: int = 6
    attention_heads: int = 12
    inner: int = 1536
    positions: int = 512


class Labels(NamedTuple):
    """What each head chooses from, in the order of its outputs."""

    names: list[str]
    upos: list[str]
    xpos: list[str]
    relations: list[str]
    edits: list[str]


class Scores(NamedTuple):
    """What the network says of a batch: per word and class, arcs per word and head, and the relation vectors."""

    names: Tensor
    upos: Tensor
    xpos: Tensor
    edits: Tensor
    arcs: Tensor
    heads: Tensor
    dependents: Tensor


class Layer(nn.Module):
    """One transformer layer, normalised after each part, as BERT is."""

    def __init__(self, sizes: Sizes, dropout: float) -> None:
        super().__init__()
        self.count = sizes.attention_heads
        self.query, self.key, self.value, self.output = (
            nn.Linear(sizes.width, sizes.width) for _ in range(4)
        )
        self.attention_norm = nn.LayerNorm(sizes.width, eps=1e-12)
        self.inner = nn.Linear(sizes.width, sizes.inner)
        self.outer = nn.Linear(sizes.inner, sizes.width)
        self.output_norm = nn.LayerNorm(sizes.width, eps=1e-12)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor, written_out: bool) -> Tensor:
        """The vectors after this layer; `mask` is added to the attention, `written_out` is for ONNX."""
        batch, length, width = x.shape
        q, k, v = (
            part(x).view(batch, length, self.count, width // self.count).transpose(1, 2)
            for part in (self.query, self.key, self.value)
        )
        if written_out:
            scores = q @ k.transpose(2, 3) / (width // self.count) ** 0.5 + mask
            context = torch.softmax(scores, -1) @ v
        else:
            # In full precision: the CPU's backward pass of attention is several times slower in bfloat16.
            with torch.autocast("cpu", enabled=False):
                context = functional.scaled_dot_product_attention(
                    q.float(), k.float(), v.float(), attn_mask=mask
                )
        context = context.transpose(1, 2).reshape(batch, length, width)
        x = self.attention_norm(x + self.dropout(self.output(context)))
        return self.output_norm(x + self.dropout(self.outer(functional.gelu(self.inner(x)))))


class Encoder(nn.Module):
    """Sub-words → vectors; the word shape is added to the sub-word, so that an uncased vocabulary sees capitals."""

    def __init__(self, sizes: Sizes, dropout: float) -> None:
        super().__init__()
        self.words = nn.Embedding(sizes.vocabulary, sizes.width)
        self.positions = nn.Embedding(sizes.positions, sizes.width)
        self.kind = nn.Parameter(torch.zeros(sizes.width))
        self.shapes = nn.Embedding(SHAPES, sizes.width)
        nn.init.zeros_(self.shapes.weight)
        self.norm = nn.LayerNorm(sizes.width, eps=1e-12)
        self.dropout = nn.Dropout(dropout)
        self.layers = nn.ModuleList(Layer(sizes, dropout) for _ in range(sizes.layers))

    def forward(self, ids: Tensor, shapes: Tensor, written_out: bool) -> Tensor:
        """A vector for each sub-word; 0 in `ids` is padding."""
        return self.both(ids, shapes, written_out)[0]

    def both(self, ids: Tensor, shapes: Tensor, written_out: bool) -> tuple[Tensor, Tensor]:
        """A vector for each sub-word from the last layer, and one from the middle, where words are still themselves."""
        mask = (ids == 0)[:, None, None, :].float() * -1e4
        places = torch.arange(ids.size(1), device=ids.device)
        x = self.words(ids) + self.shapes(shapes) + self.positions(places) + self.kind
        x = self.dropout(self.norm(x))
        middle = x
        for number, layer in enumerate(self.layers, start=1):
            x = layer(x, mask, written_out)
            if number <= len(self.layers) // 2:
                middle = x
        return x, middle


class Network(nn.Module):
    """The encoder with heads for names (one shared, one a guideline), tags, lemma edits and the parse."""

    def __init__(
        self,
        labels: Labels,
        sizes: Sizes | None = None,
        arc: int = 256,
        relation: int = 96,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        sizes = sizes or Sizes()
        self.encoder = Encoder(sizes, dropout)
        width = sizes.width
        self.names = nn.Linear(width, len(labels.names) * (1 + len(GUIDELINES)))
        self.upos = nn.Linear(width, len(labels.upos))
        self.xpos = nn.Linear(width, len(labels.xpos))
        self.edits = nn.Linear(width, len(labels.edits))
        self.arc_head, self.arc_dependent = nn.Linear(width, arc), nn.Linear(width, arc)
        self.relation_head, self.relation_dependent = nn.Linear(width, relation), nn.Linear(width, relation)
        self.arc_weight = nn.Parameter(torch.randn(arc + 1, arc) * 0.02)
        self.relation_weight = nn.Parameter(
            torch.randn(len(labels.relations), relation + 1, relation + 1) * 0.02
        )
        self.dropout = nn.Dropout(dropout)
        self.arc_dropout = nn.Dropout(2 * dropout)

    def forward(self, ids: Tensor, shapes: Tensor, first: Tensor, written_out: bool = False) -> Scores:
        """The scores of a batch; `first` is where each word begins, place 0 of it stands for the root."""
        return self.score(self.read(ids, shapes, first, written_out)[0])

    def read(
        self, ids: Tensor, shapes: Tensor, first: Tensor, written_out: bool = False
    ) -> tuple[Tensor, Tensor]:
        """A batch's words as vectors, the root before them: the last layer's, and these with the middle's."""
        last, middle = self.encoder.both(ids, shapes, written_out)
        places = first.unsqueeze(-1).expand(-1, -1, last.size(-1))
        last, middle = torch.gather(last, 1, places), torch.gather(middle, 1, places)
        return last, torch.cat([last, middle], -1)

    def score(self, x: Tensor) -> Scores:
        """What the heads say of the vectors that `read` gives."""
        x = self.dropout(x)
        words = x[:, 1:]
        head = self.arc_dropout(functional.gelu(self.arc_head(x)))
        dependent = with_one(self.arc_dropout(functional.gelu(self.arc_dependent(words))))
        return Scores(
            self.names(words),
            self.upos(words),
            self.xpos(words),
            self.edits(words),
            (dependent @ self.arc_weight) @ head.transpose(1, 2),
            self.arc_dropout(functional.gelu(self.relation_head(x))),
            self.arc_dropout(functional.gelu(self.relation_dependent(words))),
        )

    def score_relations(self, scores: Scores, chosen: Tensor) -> Tensor:
        """Scores of the relations of words, given the `chosen` head of each (0 is the root)."""
        heads = torch.gather(scores.heads, 1, chosen.unsqueeze(-1).expand(-1, -1, scores.heads.size(-1)))
        heads, dependents = with_one(heads), with_one(scores.dependents)
        count, inner, outer = self.relation_weight.shape
        weight = self.relation_weight.permute(1, 0, 2).reshape(inner, count * outer)
        mixed = (dependents @ weight).view(*dependents.shape[:2], count, outer)
        return (mixed * heads.unsqueeze(2)).sum(-1)


class OwnHead(nn.Module):
    """The head of our own classes: a word's vector and those of its neighbours, through one hidden layer."""

    def __init__(self, width: int, classes: int, inner: int = 192, dropout: float = 0.2) -> None:
        super().__init__()
        self.inner, self.outer = nn.Linear(3 * width, inner), nn.Linear(inner, classes)
        self.dropout = nn.Dropout(dropout)

    def forward(self, words: Tensor, there: Tensor) -> Tensor:
        """The scores of `words`; `there` is 1 for a word and 0 past a sentence's end, where nothing is seen."""
        words = words * there.unsqueeze(-1)
        edge = torch.zeros_like(words[:, :1])
        before, after = torch.cat([edge, words[:, :-1]], 1), torch.cat([words[:, 1:], edge], 1)
        hidden = functional.gelu(self.inner(self.dropout(torch.cat([before, words, after], -1))))
        scores: Tensor = self.outer(self.dropout(hidden))
        return scores


def with_one(x: Tensor) -> Tensor:
    """`x` with a 1 at the end of each vector, for the bias of a biaffine form."""
    return torch.cat([x, torch.ones_like(x[..., :1])], -1)


_BERT_NAMES = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "output": "attention.output.dense",
    "attention_norm": "attention.output.LayerNorm",
    "inner": "intermediate.dense",
    "outer": "output.dense",
    "output_norm": "output.LayerNorm",
}


def load_encoder(encoder: Encoder, weights: Path) -> None:
    """Set `encoder` to the BERT weights in the safetensors file `weights`; the word shapes stay as they are."""
    bert = {name.removeprefix("bert."): tensor for name, tensor in load_file(weights).items()}
    state = {
        "words.weight": bert["embeddings.word_embeddings.weight"],
        "positions.weight": bert["embeddings.position_embeddings.weight"],
        "kind": bert["embeddings.token_type_embeddings.weight"][0],
        "norm.weight": bert["embeddings.LayerNorm.weight"],
        "norm.bias": bert["embeddings.LayerNorm.bias"],
        "shapes.weight": encoder.shapes.weight.data,
    }
    for number in range(len(encoder.layers)):
        for ours, theirs in _BERT_NAMES.items():
            for part in ("weight", "bias"):
                state[f"layers.{number}.{ours}.{part}"] = bert[f"encoder.layer.{number}.{theirs}.{part}"]
    encoder.load_state_dict(state)
