"""Write the trained network as the package reads it: ``python -m training.export --out models/en``."""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from kg.text.parser.network import LABELS, MODEL, RELATIONS, VOCABULARY
from training.corpora import GUIDELINES
from training.network import Labels, Network, OwnHead, Scores, Sizes
from training.quantization import quantize
from training.train import find_encoder

INPUTS = ("ids", "shapes", "first")
#: The name heads in the order of their outputs.
NAME_HEADS = ("shared", *GUIDELINES)


class Exported(nn.Module):
    """The network with its name heads made one, the head of our own classes, and attention as ONNX knows it."""

    def __init__(
        self, network: Network, name_heads: Sequence[str], classes: int, own: OwnHead | None = None
    ) -> None:
        super().__init__()
        self.network = network
        self.own = own
        rows = [NAME_HEADS.index(name) for name in name_heads]
        whole = network.names
        mean = nn.Linear(whole.in_features, classes)
        with torch.no_grad():
            mean.weight.copy_(whole.weight.view(len(NAME_HEADS), classes, -1)[rows].mean(0))
            mean.bias.copy_(whole.bias.view(len(NAME_HEADS), classes)[rows].mean(0))
        network.names = mean

    def forward(self, ids: Tensor, shapes: Tensor, first: Tensor) -> tuple[Tensor, ...]:
        """The scores of a batch, all in one call; those of our own classes last."""
        vectors, wide = self.network.read(ids, shapes, first, True)
        scores: Scores = self.network.score(vectors)
        if self.own is None:
            return scores
        return *scores, self.own(wide[:, 1:], (first[:, 1:] > 0).float())


def load_checkpoint(path: Path, sizes: Sizes | None = None) -> tuple[Network, Labels]:
    """The network in the checkpoint at `path`, ready to be asked, and its labels."""
    state = torch.load(path, weights_only=True)
    labels = Labels(**state["labels"])
    network = Network(labels, sizes)
    network.load_state_dict(state["network"])
    return network.eval(), labels


def load_own(path: Path, width: int) -> tuple[OwnHead, list[str]]:
    """The head in the file at `path`, and its tags."""
    state = torch.load(path, weights_only=True)
    head = OwnHead(width, len(state["tags"]))
    head.load_state_dict(state["own"])
    return head.eval(), state["tags"]


def export(
    network: Network,
    labels: Labels,
    vocabulary: Path,
    folder: Path,
    name_heads: Sequence[str],
    own: tuple[OwnHead, Sequence[str]] | None = None,
    lemmas: Mapping[str, Mapping[str, str]] | None = None,
) -> Path:
    """Write `network` in full precision to `folder` and return the folder; `network` is changed.

    `own` is the head of our own classes with its tags, `lemmas` the table of known forms.
    """
    folder.mkdir(parents=True, exist_ok=True)
    exported = Exported(network, name_heads, len(labels.names), own[0] if own else None).eval()
    example = (
        torch.tensor([[101, 998, 999, 102], [101, 998, 102, 0]]),
        torch.tensor([[0, 7, 3, 0], [0, 3, 0, 0]]),
        torch.tensor([[0, 1, 2], [0, 1, 0]]),
    )
    axes = {
        "ids": {0: "batch", 1: "piece"},
        "shapes": {0: "batch", 1: "piece"},
        "first": {0: "batch", 1: "place"},
    }
    path = folder / MODEL
    with torch.inference_mode():
        torch.onnx.export(
            exported,
            example,
            str(path),
            input_names=list(INPUTS),
            output_names=[*Scores._fields, *(["own"] if own else [])],
            dynamic_axes=axes,
            opset_version=17,
            dynamo=False,
        )
    np.save(folder / RELATIONS, network.relation_weight.detach().numpy().astype(np.float16))
    (folder / LABELS).write_text(
        json.dumps(
            labels._asdict()
            | ({"own": list(own[1])} if own else {})
            | ({"lemmas": lemmas} if lemmas else {}),
            ensure_ascii=False,
            indent=1,
        )
        + "\n",
        encoding="utf-8",
    )
    shutil.copyfile(vocabulary, folder / VOCABULARY)
    return folder


def main(arguments: Sequence[str] | None = None) -> None:
    """Export as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, default=Path("out/model/checkpoint.pt"))
    parser.add_argument("--own", type=Path, default=Path("out/model/own.pt"), help="head of our own classes")
    parser.add_argument(
        "--lemmas", type=Path, default=Path("out/model/lemmas.json"), help="table of base forms"
    )
    parser.add_argument("--encoder", type=Path, help="folder with vocab.txt of the base encoder")
    parser.add_argument(
        "--full", type=Path, default=Path("out/model/full"), help="folder for the model in full precision"
    )
    parser.add_argument(
        "--out", type=Path, default=Path("models/en"), help="folder for the model that is shipped"
    )
    parser.add_argument(
        "--name-heads",
        default="shared,uner,gum,wiki",
        help=f"name heads whose mean is shipped, of {', '.join(NAME_HEADS)}",
    )
    args = parser.parse_args(arguments)
    if not args.checkpoint.is_file():
        raise SystemExit(f"{args.checkpoint}: no such checkpoint; train first (make model)")
    network, labels = load_checkpoint(args.checkpoint)
    vocabulary = (args.encoder or find_encoder()) / "vocab.txt"
    for path, module in ((args.own, "train_own"), (args.lemmas, "lemmas")):
        if not path.is_file():
            raise SystemExit(f"{path}: no such file; make it first (python -m training.{module})")
    own = load_own(args.own, 2 * network.upos.in_features)
    lemmas = json.loads(args.lemmas.read_text(encoding="utf-8"))
    full = export(network, labels, vocabulary, args.full, args.name_heads.split(","), own, lemmas)
    quantize(full, args.out)
    for folder in (full, args.out):
        size = sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
        print(f"{folder}: {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
