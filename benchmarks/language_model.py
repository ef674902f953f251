"""Our language model beside a spaCy CNN trained on the same data: quality, words a second, memory.

    .venv/bin/python benchmarks/language_model.py                      # trains the CNN for 20 minutes, once
    .venv/bin/python benchmarks/language_model.py --train-minutes 1    # a quick look
    .venv/bin/python benchmarks/language_model.py --models kg rules    # those alone; any value of --model

Runs in the environment of the tests (`make test` makes it), without torch. Quality is that of ``training.evaluate``
on the test sets of the corpora, which need ../shared/training/data; without them only speed and memory are measured.
The CNN is kept in out/ and not trained again for the same minutes. Each model's speed is measured in a process of its
own on one core, from raw text, through the package's reader.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REPEATS = 3
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
SETS = ("ewt_test", "gum_test", "pud_test")
QUALITY = ("UPOS", "LAS", "apposition", "names")
SPEED = ("words/s per core", "load seconds", "peak MB", "of which before loading", "size MB")


def measure(texts: Path, model: str) -> dict[str, float]:
    """Speed and memory of one model; to be run in a process of its own."""
    from kg.catalog import load_catalog
    from kg.model import Document
    from kg.text.reader import Reader

    paths = sorted(texts.rglob("*.txt")) if texts.is_dir() else [texts]
    documents = [Document((path.name,), path.read_text(encoding="utf-8")) for path in paths]
    catalog = load_catalog()
    before = peak_megabytes()
    began = time.process_time()
    reader = Reader(catalog, model)
    loaded = time.process_time() - began
    speeds = []
    for _ in range(REPEATS):
        began_cpu = time.process_time()
        words = sum(sum(not t.is_space for t in reader.read(document).doc) for document in documents)
        speeds.append(words / (time.process_time() - began_cpu))
    return {
        "words/s per core": round(max(speeds)),
        "load seconds": round(loaded, 2),
        "peak MB": round(peak_megabytes()),
        "of which before loading": round(before),
    }


def peak_megabytes() -> float:
    """The most memory this process has held; not what its parent held when it was forked, as ru_maxrss would say."""
    status = Path("/proc/self/status")
    if status.is_file():
        for line in status.read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure_apart(texts: Path, model: str) -> dict[str, float]:
    """What `measure` says of the model in a fresh process."""
    command = [sys.executable, __file__, "--one", model, "--texts", str(texts)]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | ONE_THREAD)
    if done.returncode:
        raise SystemExit(f"{model}: {(done.stderr.strip().splitlines() or ['no result'])[-1]}")
    found: dict[str, float] = json.loads(done.stdout)
    return found


def score(network: object, corpora: Path, raw: bool) -> dict[str, float]:
    """F1 by test set and label, words given; with `raw` also LAS and names from raw text."""
    from training.corpora import read_names, read_trees
    from training.evaluate import _ids, make_texts, raw_parser, score_gold_words, score_raw_text

    scores: dict[str, float] = {}
    for name in SETS:
        bank = name.partition("_")[0].upper()
        trees = read_trees(corpora, name)
        figures = score_gold_words(network, trees, read_names(corpora, f"NER_{name}")).rounded()  # type: ignore[arg-type]
        scores |= {f"{label} {bank}": figures[label] for label in QUALITY}
        if raw:
            parse = raw_parser(network)  # type: ignore[arg-type]
            texts = make_texts(list(zip(_ids(corpora, name), trees, strict=True)), lines=True)
            figures = score_raw_text(parse, texts)[0].rounded()
            scores |= {f"raw {label} {bank}": figures[label] for label in ("LAS", "names")}
    return scores


def find_network(model: str) -> object | None:
    """What scores a model; None if it parses nothing or speaks other labels than the corpora."""
    if model == "kg":
        from kg.text.parser.component import model_folder
        from kg.text.parser.network import load_network

        return load_network(model_folder())
    if (Path(model) / "training.json").is_file():
        from benchmarks.spacy_cnn import Cnn

        return Cnn(Path(model))
    return None


def size_of(model: str) -> float | None:
    """Megabytes on disk, None for what has no folder."""
    from kg.text.parser.component import model_folder

    folder = model_folder() if model == "kg" else Path(model)
    if model == "rules" or not folder.is_dir():
        return None
    return round(sum(p.stat().st_size for p in folder.rglob("*") if p.is_file()) / 1e6, 1)


def show(results: dict[str, dict[str, float]], columns: list[str]) -> None:
    """Print a Markdown table: a row for each figure, a column for each model."""
    print(f"\n| | {' | '.join(results)} |\n|---|{'---|' * len(results)}")
    for column in columns:
        cells = (f"{row[column]:,g}" if column in row else "" for row in results.values())
        print(f"| {column} | {' | '.join(cells)} |")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--models", nargs="+", help="values of --model; else ours, the CNN and the rules")
    parser.add_argument("--texts", type=Path, default=ROOT / "seeds", help="texts to measure speed on")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "training" / "data")
    parser.add_argument("--train-minutes", type=float, default=20, help="processor time for the CNN")
    parser.add_argument("--raw", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--json", type=Path, default=ROOT / "out" / "language_model.json")
    args = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    if args.one:
        print(json.dumps(measure(args.texts, args.one)))
        return
    os.environ |= ONE_THREAD
    models = args.models or ["kg", "rules"]
    corpora = args.data if args.data.is_dir() else None
    if corpora is None:
        print(f"{args.data}: no corpora there, so no CNN and no quality", file=sys.stderr)
    elif args.models is None:
        folder = ROOT / "out" / f"spacy-cnn-{args.train_minutes:g}min"
        if not (folder / "training.json").is_file():
            from benchmarks.spacy_cnn import train

            train(corpora, folder, args.train_minutes)
        models.insert(1, os.path.relpath(folder))
    results: dict[str, dict[str, float]] = {}
    for model in models:
        row = measure_apart(args.texts, model)
        size = size_of(model)
        row |= {"size MB": size} if size is not None else {}
        network = find_network(model) if corpora is not None else None
        results[model] = (score(network, corpora, args.raw) if network is not None and corpora else {}) | row
    quality = dict.fromkeys(label for row in results.values() for label in row if label not in SPEED)
    show(results, [*sorted(quality, key=_order), *SPEED])
    args.json.parent.mkdir(parents=True, exist_ok=True)
    args.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(f"\n{args.json}")


def _order(label: str) -> tuple[bool, int, str]:
    words = label.removeprefix("raw ").split()
    return label.startswith("raw "), QUALITY.index(words[0]), words[1]


if __name__ == "__main__":
    main()
