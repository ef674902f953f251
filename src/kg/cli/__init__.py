"""The command line: ``kg``, also ``python -m kg``. No logic of its own.

Exit status: 0 done, also if the reader of a pipe had enough; 1 refused or failed; 2 the command line is wrong;
3 built, but some documents could not be read.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from kg.errors import KgError


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line `arguments` (those of the process if None) and end the process with its status.

    An error is one line on standard error, never a stack trace; a reader that closes the pipe ends us
    quietly.
    """
    from kg.cli.commands import app

    try:
        app(args=None if arguments is None else list(arguments), prog_name="kg")
    except SystemExit as ended:
        # Typer turns a closed pipe into status 1; what is still in the buffer finds out only now.
        gone = isinstance(ended.__context__, BrokenPipeError)
        try:
            sys.stdout.flush()
        except BrokenPipeError:
            _silence()
        if not gone:
            raise
        _silence()
        sys.exit(0)
    except KgError as error:
        fail(str(error))
    except BrokenPipeError:
        _silence()
        sys.exit(0)
    except OSError as error:
        named = f"{error.filename}: " if error.filename else ""
        fail(f"{named}{error.strerror or error}")


def _silence() -> None:
    """Let what is still to be written go nowhere: Python would complain when it flushes at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def fail(message: str, status: int = 1) -> None:
    """Say `message` in one line on standard error and end the process."""
    print(f"kg: {' '.join(message.split())}", file=sys.stderr)
    sys.exit(status)
