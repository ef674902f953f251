"""Breaks a connection so that nobody takes the answer for whole.

An answer without a length ends, for clients and proxies that speak HTTP/1.0, with the connection: closing it would
look like the end. A reset does not.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import cast

from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_KEY = "kg.transport"


class Protocol(HttpToolsProtocol):
    """uvicorn's protocol, with which an application can break its connection."""

    def on_message_begin(self) -> None:
        """Called by the parser when a request begins."""
        super().on_message_begin()
        cast(dict[str, object], self.scope)[_KEY] = self.transport


def break_off(scope: Scope) -> bool:
    """Break the connection of a request whose answer has begun; False where the server cannot."""
    if _KEY not in scope:
        return False
    transport = cast(asyncio.Transport, scope[_KEY])
    connection = transport.get_extra_info("socket")
    if connection is not None and connection.family in (socket.AF_INET, socket.AF_INET6):
        linger = struct.pack("ii", 1, 0)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    transport.abort()
    return True
