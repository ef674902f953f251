"""Load time, words a second on one core and peak memory of language models, each in a process of its own.

    python benchmarks/language_model.py seeds kg rules en_core_web_sm

The first argument is a file or folder of texts, the rest are values of ``--model``. Quality on the same corpora for
every model comes from ``python -m training.evaluate``.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

REPEATS = 3
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def measure(folder: Path, model: str) -> dict[str, float | str]:
    from kg.catalog import load_catalog
    from kg.model import Document
    from kg.text.reader import Reader

    paths = sorted(folder.rglob("*.txt")) if folder.is_dir() else [folder]
    documents = [Document((path.name,), path.read_text(encoding="utf-8")) for path in paths]
    catalog = load_catalog()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    reader = Reader(catalog, model)
    loaded = time.perf_counter() - began
    speeds = []
    for _ in range(REPEATS):
        began_cpu = time.process_time()
        words = sum(sum(not t.is_space for t in reader.read(document).doc) for document in documents)
        speeds.append(words / (time.process_time() - began_cpu))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "model": model,
        "load seconds": round(loaded, 2),
        "words/s per core": round(max(speeds)),
        "peak MB": round(peak / 1024),
        "of which before loading": round(before / 1024),
    }


def main() -> None:
    if len(sys.argv) < 3:
        raise SystemExit(__doc__)
    if sys.argv[1] == "--one":
        print(json.dumps(measure(Path(sys.argv[2]), sys.argv[3])))
        return
    for model in sys.argv[2:]:
        command = [sys.executable, __file__, "--one", sys.argv[1], model]
        done = subprocess.run(command, capture_output=True, text=True, env=os.environ | ONE_THREAD)
        print(done.stdout.strip() or f"{model}: {done.stderr.strip().splitlines()[-1]}", flush=True)


if __name__ == "__main__":
    main()
