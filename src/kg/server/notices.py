"""Tells systemd how the service is (sd_notify(3)); where nobody asked for that, nothing happens."""

from __future__ import annotations

import os
import socket
import time
from contextlib import suppress


def notify(state: str) -> None:
    """Send `state`, such as ``READY=1``, to the socket that the variable NOTIFY_SOCKET names."""
    path = os.environ.get("NOTIFY_SOCKET", "")
    if not path.startswith(("/", "@")):
        return
    address = "\0" + path[1:] if path.startswith("@") else path
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out:
        out.sendto(state.encode("utf-8"), address)


def notify_reloading() -> None:
    """Say that settings are being read; `notify` says when that is done."""
    notify(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")
