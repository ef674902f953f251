"""Runs the eight tasks of one tool and counts its lines: ``python tasks.py MODULE URL DUMP``; see docs/comparison.md.

Lines are those of the functions' bodies, without blank ones; what tasks share counts with the first that uses it.
"""

import ast
import importlib
import json
import sys
import time
from pathlib import Path

TASKS = (
    "open_graph",
    "find_by_name",
    "table",
    "neighbourhood",
    "evidence",
    "picture",
    "as_of",
    "shortest_path",
)


def count_lines(path):
    """Function → lines of its body."""
    text = path.read_text(encoding="utf-8").splitlines()
    found = {}
    for node in ast.parse("\n".join(text)).body:
        if isinstance(node, ast.FunctionDef):
            body = text[node.body[0].lineno - 1 : node.end_lineno]
            found[node.name] = sum(bool(line.strip()) and not line.strip().startswith("#") for line in body)
    return found


def shown(task, answer, module):
    """What a task answered, in short."""
    if task == "table":
        return module.check_types(answer)
    if task == "neighbourhood":
        return f"{answer.number_of_nodes()} nodes, {answer.number_of_edges()} edges"
    if task == "evidence":
        return f"{len(answer)} sentences"
    return type(answer).__name__ if task in ("open_graph", "picture") else answer


def main():
    name, url, dump = sys.argv[1:]
    folder = Path(__file__).parent
    sys.path.insert(0, str(folder))
    begun = time.perf_counter()
    module = importlib.import_module(name)
    imported = time.perf_counter() - begun
    lines = count_lines(folder / f"{name}.py")
    shared = sum(lines[one] for one in getattr(module, "SHARED", ()))
    graph, total = None, 0
    for task in TASKS:
        if not hasattr(module, task):
            print(json.dumps({"task": task, "lines": None}))
            continue
        begun = time.perf_counter()
        answer = module.open_graph(url, dump) if task == "open_graph" else getattr(module, task)(graph)
        took = time.perf_counter() - begun
        graph = answer if task == "open_graph" else graph
        extra = shared if task == "find_by_name" else 0
        total += lines[task] + extra
        said = shown(task, answer, module)
        row = {"task": task, "lines": lines[task] + extra, "seconds": round(took, 2), "answer": said}
        print(json.dumps(row, default=str))
    print(json.dumps({"import": round(imported, 2), "lines": total}))


if __name__ == "__main__":
    main()
