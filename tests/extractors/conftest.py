"""A stub of an OpenAI-compatible endpoint on the loopback, and readings to propose things for."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from kg.catalog import load_catalog
from kg.model import Document
from kg.settings import Settings, load_settings
from kg.text.reader import Reader
from kg.text.reading import Reading

_READER: list[Reader] = []


@dataclass
class Reply:
    """What the stub sends: a status with a body, or nothing within `delay` seconds."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0


def completion(content: object, finish: str = "stop", refusal: str | None = None) -> Reply:
    text = content if isinstance(content, str) else json.dumps(content)
    message = {"role": "assistant", "content": text, "refusal": refusal}
    body = {
        "id": "x",
        "object": "chat.completion",
        "choices": [{"message": message, "finish_reason": finish}],
    }
    return Reply(body=json.dumps(body).encode())


@dataclass
class Stub:
    """The endpoint: `replies` are sent in turn, the last one again and again; `requests` are what came."""

    url: str = ""
    replies: list[Reply | Callable[[dict[str, Any]], Reply]] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)

    def take(self, body: dict[str, Any]) -> Reply:
        self.requests.append(body)
        reply = self.replies[min(len(self.requests), len(self.replies)) - 1]
        return reply(body) if callable(reply) else reply


@pytest.fixture
def stub() -> Iterator[Stub]:
    state = Stub()
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            return

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with lock:
                state.paths.append(self.path)
                state.keys.append(self.headers.get("Authorization"))
                reply = state.take(body)
            time.sleep(reply.delay)
            try:
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body)
            except (BrokenPipeError, ConnectionResetError):
                return  # whoever asked has given up

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}/v1"
    yield state
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def llm_settings(stub: Stub, tmp_path: Path) -> Settings:
    return load_settings(
        {
            "KG_LLM_BASE_URL": stub.url,
            "KG_LLM_CACHE": str(tmp_path / "answers"),
            "KG_LLM_API_KEY": "sesame",
            "KG_LLM_RETRIES": "0",
            "KG_LLM_TIMEOUT": "5",
        }
    )


@pytest.fixture
def read() -> Callable[[str], Reading]:
    if not _READER:
        _READER.append(Reader(load_catalog(), "rules"))
    return lambda text: _READER[0].read(Document(("note.txt",), text))
