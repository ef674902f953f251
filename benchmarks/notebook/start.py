"""How long it is from nothing to ``import kg``, to an open graph, to a widget, to a picture: ``start.py STORE``."""

import subprocess
import sys
import time

OPEN = "import kg; g = kg.open({store!r})"
STEPS = {
    "python": "pass",
    "import kg": "import kg",
    "an open graph": OPEN,
    "the widget": OPEN + "; g['Gen Nakatani'].widget()._repr_mimebundle_()",
    "the first picture": OPEN + "; g['Gen Nakatani'].neighbourhood().plot().figure.canvas.draw()",
}


def main() -> None:
    """Print the least of five runs of each, in seconds."""
    for name, code in STEPS.items():
        command = [sys.executable, "-c", code.format(store=sys.argv[1])]
        times = []
        for _ in range(5):
            begun = time.perf_counter()
            subprocess.run(command, check=True)
            times.append(time.perf_counter() - begun)
        print(f"{name:20} {min(times):.2f}")


if __name__ == "__main__":
    main()
