"""Extraction, all stages together: words a second and core, stage by stage, and memory over many documents.

    .venv/bin/python benchmarks/extraction.py                          # speed, beside peers
    .venv/bin/python benchmarks/extraction.py --memory 10000           # memory too: some minutes
    .venv/bin/python benchmarks/extraction.py --profile out/profile.txt

Each contender runs in a process of its own, on one core, over the same texts: seeds and `tests/corpus`. Seconds are
those of the processor, so that a busy machine matters less; it still slows all of them, so compare the ratios. Peers:
our parser alone, a spaCy pipeline if `--spacy` names one that is installed, and spaCy's tokenizer with an entity ruler
that holds our gazetteer. Words are what white space parts.
"""

from __future__ import annotations

import argparse
import cProfile
import io
import json
import os
import pstats
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TEXTS = (ROOT / "seeds", ROOT / "tests" / "corpus")
ISSUED = "2025-05-05"
RULER = "ruler"
SMALL = 200  # code points that a document of the memory test has at least, some 60 words
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def read_texts(folders: list[Path]) -> list[str]:
    """The texts of all .txt files below `folders`, in a fixed order."""
    paths = [path for folder in folders for path in sorted(folder.rglob("*.txt"))]
    return [path.read_text(encoding="utf-8") for path in paths]


def count_words(texts: list[str]) -> int:
    """What white space parts."""
    return sum(len(text.split()) for text in texts)


class Stages:
    """Processor time by stage, taken around each stage's entry; what a stage calls is in its time."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def time(self, stage: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """`call`, its time added to `stage`."""
        self.seconds[stage] = 0.0

        def timed(*args: object, **named: object) -> object:
            began = time.process_time()
            try:
                return call(*args, **named)
            finally:
                self.seconds[stage] += time.process_time() - began

        return timed

    def attach(self, extractor: Any) -> None:
        """Time the stages of one `Extractor`; its network too, if it has one."""
        reader = extractor._reader
        reader.read = self.time("text", reader.read)
        for _, part in reader._nlp.pipeline:
            network = getattr(part, "_network", None)
            if network is not None:
                network.read = self.time("text: parser", network.read)
                network._run = self.time("text: parser: network", network._run)
        extractor._mentions.find = self.time("mentions", extractor._mentions.find)
        extractor._claims.read = self.time("claims", extractor._claims.read)
        extractor._resolver.resolve = self.time("resolution", extractor._resolver.resolve)


def measure(contender: str, texts: list[str], repeats: int, profile: Path | None = None) -> dict[str, Any]:
    """The figures of one contender: "extraction", "parser", "ruler" or a spaCy pipeline."""
    began = time.process_time()
    stages = Stages()
    run = open_contender(contender, stages)
    opened = time.process_time() - began
    for text in texts:
        run(text)  # words met for the first time are kept by spaCy and by the parser
    best = float("inf")
    by_stage: dict[str, float] = {}
    for _ in range(repeats):
        stages.seconds = dict.fromkeys(stages.seconds, 0.0)
        began = time.process_time()
        for text in texts:
            run(text)
        if (spent := time.process_time() - began) < best:
            best, by_stage = spent, dict(stages.seconds)
    if profile is not None:
        write_profile(profile, run, texts)
    return {
        "words/s per core": round(count_words(texts) / best),
        "seconds to open": round(opened, 2),
        "peak MB": round(memory()["peak MB"]),
        "stages": {stage: round(seconds / best, 3) for stage, seconds in by_stage.items()},
    }


def open_contender(name: str, stages: Stages) -> Callable[[str], object]:
    """What reads one text."""
    import spacy

    from kg.model import Document

    if name == "extraction":
        from kg.pipeline import Extractor

        extractor = Extractor(model="kg")
        stages.attach(extractor)
        return lambda text: extractor.extract(Document(("text",), text, issued=ISSUED))
    from kg.catalog import load_catalog

    if name == "parser":
        from kg.text.reader import Reader

        reader = Reader(load_catalog(), "kg")
        return lambda text: reader.read(Document(("text",), text))
    if name != RULER:
        return spacy.load(name)
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    ruler: Any = nlp.add_pipe("entity_ruler")
    gazetteer = load_catalog().gazetteer
    rows = [
        {"label": gazetteer.get(hits[0].key).kind, "pattern": s} for s, hits in gazetteer.surfaces.items()
    ]
    ruler.add_patterns(rows)
    return nlp


def write_profile(path: Path, run: Callable[[str], object], texts: list[str]) -> None:
    """Write what cProfile says of one pass, by time spent in calls and by own time."""
    profile = cProfile.Profile(time.process_time)
    profile.enable()
    for text in texts:
        run(text)
    profile.disable()
    out = io.StringIO()
    for order in ("cumtime", "tottime"):
        pstats.Stats(profile, stream=out).strip_dirs().sort_stats(order).print_stats(40)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(out.getvalue(), encoding="utf-8")


def make_documents(texts: list[str], count: int) -> Iterator[str]:
    """`count` small documents of the paragraphs of `texts`, each with a number of its own: no two are alike."""
    paragraphs = [p.strip() for text in texts for p in text.split("\n\n") if len(p.split()) > 10]
    rows = cycle(paragraphs)
    for number in range(count):
        parts: list[str] = [f"Report {number} of the {number % 97}th Brigade."]
        while sum(map(len, parts)) < SMALL:
            parts.append(next(rows))
        yield "\n\n".join(parts)[: 2 * SMALL]


def measure_memory(texts: list[str], counts: list[int]) -> list[dict[str, float]]:
    """What the process holds after so many documents, and how fast the last of them were read."""
    run = open_contender("extraction", Stages())
    documents = make_documents(texts, max(counts))
    curve: list[dict[str, float]] = []
    done = 0
    for count in sorted(counts):
        began, words = time.process_time(), 0
        for text in islice(documents, count - done):
            words += len(text.split())
            run(text)
        done = count
        speed = round(words / (time.process_time() - began))
        curve.append({"documents": count, **memory(), "words/s per core": speed})
        print(json.dumps(curve[-1]), file=sys.stderr)
    return curve


def memory() -> dict[str, float]:
    """Megabytes that this process holds now and has held at most."""
    status = Path("/proc/self/status")
    if not status.is_file():
        return {"peak MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}
    rows = dict(line.split(":", 1) for line in status.read_text(encoding="ascii").splitlines())
    held = {"MB": "VmRSS", "peak MB": "VmHWM"}
    return {name: round(int(rows[row].split()[0]) / 1024, 1) for name, row in held.items()}


def run_apart(*args: str) -> Any:
    """What this script says when it is run with `args` in a fresh process."""
    command = [sys.executable, __file__, *args]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=os.environ | ONE_THREAD)
    if done.returncode:
        raise SystemExit(f"{' '.join(args)}: failed")
    return json.loads(done.stdout)


def show(results: dict[str, dict[str, Any]]) -> None:
    """Print Markdown tables: contenders, stages, and memory."""
    whole = results["extraction"]["words/s per core"]
    print("\n| | words/s per core | times extraction | seconds to open | peak MB |\n|---|---|---|---|---|")
    for name, row in results.items():
        if name != "memory":
            ratio = row["words/s per core"] / whole
            print(
                f"| {name} | {row['words/s per core']:,} | {ratio:.2f} | {row['seconds to open']} | {row['peak MB']} |"
            )
    print("\n| stage | share |\n|---|---|")
    for stage, share in results["extraction"]["stages"].items():
        print(f"| {stage} | {share:.1%} |")
    if "memory" in results:
        print("\n| documents | MB | peak MB | words/s per core |\n|---|---|---|---|")
        for row in results["memory"]["curve"]:
            print(
                f"| {row['documents']:,} | {row.get('MB', '')} | {row['peak MB']} | {row['words/s per core']:,} |"
            )


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--texts", type=Path, nargs="+", default=list(TEXTS))
    parser.add_argument("--repeats", type=int, default=3, help="the best of so many passes counts")
    parser.add_argument("--spacy", help="a spaCy pipeline to stand beside: a name or path")
    parser.add_argument("--memory", type=int, default=0, help="documents to read for the memory curve")
    parser.add_argument("--profile", type=Path, help="where to write a profile of extraction")
    parser.add_argument("--json", type=Path, default=ROOT / "out" / "extraction.json")
    args = parser.parse_args(argv)
    texts = read_texts(args.texts)
    if not texts:
        parser.error("no .txt files in " + ", ".join(map(str, args.texts)))
    if args.one == "memory":
        counts = sorted({min(args.memory, n) for n in (100, 1000, 5000, args.memory)})
        print(json.dumps({"curve": measure_memory(texts, counts)}))
        return
    if args.one:
        print(json.dumps(measure(args.one, texts, args.repeats, args.profile)))
        return
    shared = ("--repeats", str(args.repeats), "--texts", *map(str, args.texts))
    results = {}
    for name in ("extraction", "parser", *([args.spacy] if args.spacy else []), RULER):
        more = ("--profile", str(args.profile)) if args.profile and name == "extraction" else ()
        results[name] = run_apart("--one", name, *more, *shared)
    if args.memory:
        results["memory"] = run_apart("--one", "memory", "--memory", str(args.memory), *shared)
    show(results)
    args.json.parent.mkdir(parents=True, exist_ok=True)
    args.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
