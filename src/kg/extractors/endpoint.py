"""One chat completion from an OpenAI-compatible endpoint: retried, bounded, and no more than asked for.

Requests follow the Chat Completions API (``POST {base}/chat/completions``) with ``response_format`` of type
``json_schema``, which OpenAI, vLLM, llama.cpp, Ollama and LM Studio understand.
"""

from __future__ import annotations

import json
import time
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from kg.errors import ExtractorError, NoAnswer

#: HTTP statuses that another try may get past: time-outs, too many requests, trouble on the server's side.
_PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
#: HTTP statuses that no document would get past: the key, the address or the model is wrong.
_FINAL = frozenset({401, 403, 404, 405})
_FIRST_WAIT, _LONGEST_WAIT = 1.0, 60.0  # seconds
_LONGEST_ANSWER = 8_000_000  # bytes
_SHOWN = 200  # code points of a server's own words


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model wrote; `finish` is why it stopped; `refusal` its words if it would not answer."""

    content: str
    finish: str = "stop"
    refusal: str = ""


class Endpoint:
    """An endpoint and how patiently it is asked."""

    def __init__(
        self,
        base_url: str,
        key: str = "",
        *,
        timeout: float = 120.0,
        retries: int = 4,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`timeout` in seconds for one answer. Raises `ExtractorError` if `base_url` is no http(s) address."""
        parts = urlsplit(base_url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ExtractorError(
                f"KG_LLM_BASE_URL={base_url!r}: want the address of an OpenAI-compatible endpoint, "
                "such as http://127.0.0.1:11434/v1"
            )
        if timeout <= 0 or retries < 0:
            raise ExtractorError(
                "KG_LLM_TIMEOUT and KG_LLM_RETRIES: want a time above 0 and no fewer than 0 tries"
            )
        self._address = base_url.rstrip("/") + "/chat/completions"
        self._retries = retries
        self._sleep = sleep
        self._client = httpx.Client(
            timeout=timeout,
            follow_redirects=False,
            headers={"Authorization": f"Bearer {key}"} if key else {},
        )
        weakref.finalize(self, self._client.close)

    def ask(self, request: Mapping[str, object]) -> Answer:
        """The model's answer to the body `request`.

        Raises `NoAnswer` if this request gets none, `ExtractorError` if no request would get one.
        """
        body = json.dumps(request, ensure_ascii=False, sort_keys=True).encode()
        fault, down, wait = "", False, 0.0
        for tried in range(self._retries + 1):
            if tried:
                self._sleep(wait)
            wait = min(_FIRST_WAIT * 2**tried, _LONGEST_WAIT)
            try:
                status, headers, answer = self._post(body)
            except httpx.ConnectError as error:
                fault, down = f"cannot be reached ({error})", True
                continue
            except httpx.TimeoutException:
                fault, down = f"no answer within {self._client.timeout.read:g} seconds", False
                continue
            except httpx.TransportError as error:
                fault, down = f"broke off ({type(error).__name__}: {error})", False
                continue
            if status == 200:
                return _read(answer, self._address)
            fault, down = f"HTTP {status}: {_words(answer)}", False
            if status in _FINAL:
                raise ExtractorError(f"{self._address}: {fault}")
            if status not in _PASSING:
                raise NoAnswer(f"{self._address}: {fault}")
            wait = _asked_wait(headers, wait)
        times = f"after {self._retries + 1} tries" if self._retries else "at once"
        raise (ExtractorError if down else NoAnswer)(f"{self._address}: {fault}, given up {times}")

    def _post(self, body: bytes) -> tuple[int, httpx.Headers, bytes]:
        headers = {"Content-Type": "application/json"}
        with self._client.stream("POST", self._address, content=body, headers=headers) as response:
            parts: list[bytes] = []
            size = 0
            for part in response.iter_bytes():
                size += len(part)
                if size > _LONGEST_ANSWER:
                    raise NoAnswer(f"{self._address}: an answer of more than {_LONGEST_ANSWER} bytes")
                parts.append(part)
            return response.status_code, response.headers, b"".join(parts)


def _asked_wait(headers: httpx.Headers, wait: float) -> float:
    """Seconds to wait: what ``Retry-After`` asks for in seconds (RFC 9110, section 10.2.3), within bounds."""
    asked = headers.get("Retry-After", "")
    return min(max(float(asked), 0.0), _LONGEST_WAIT) if asked.isdigit() else wait


def _read(body: bytes, address: str) -> Answer:
    """The first choice of a chat completion. Raises `NoAnswer` if the body is none."""
    try:
        data = json.loads(body)
        choice = data["choices"][0]
        message = choice["message"]
        content, refusal = message.get("content") or "", message.get("refusal") or ""
        finish = choice.get("finish_reason") or "stop"
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        raise NoAnswer(f"{address}: not a chat completion: {_words(body)}") from None
    if not all(isinstance(text, str) for text in (content, refusal, finish)):
        raise NoAnswer(f"{address}: not a chat completion: {_words(body)}")
    return Answer(_sound(content), finish, _sound(refusal))


def _sound(text: str) -> str:
    """`text` without half characters, which JSON can spell but no file can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _words(body: bytes) -> str:
    """The first of what a server says, on one line."""
    text = body[: 8 * _SHOWN].decode("utf-8", "replace")
    try:
        error = json.loads(body)["error"]
        text = error["message"] if isinstance(error, dict) else str(error)
    except (ValueError, KeyError, TypeError):
        pass
    return " ".join(str(text).split())[:_SHOWN] or "(empty)"
