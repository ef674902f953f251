from __future__ import annotations

import socket

import pytest

from kg.errors import ExtractorError, NoAnswer
from kg.extractors.endpoint import Endpoint

from .conftest import Reply, Stub, completion


def endpoint(stub: Stub, waits: list[float] | None = None, retries: int = 3, timeout: float = 5) -> Endpoint:
    def sleep(seconds: float) -> None:
        if waits is not None:
            waits.append(seconds)

    return Endpoint(stub.url, "sesame", retries=retries, timeout=timeout, sleep=sleep)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_the_request_goes_to_the_chat_completions_with_the_key(stub: Stub) -> None:
    stub.replies = [completion("fine")]
    assert endpoint(stub).ask({"model": "m"}).content == "fine"
    assert (stub.paths, stub.keys, stub.requests) == (
        ["/v1/chat/completions"],
        ["Bearer sesame"],
        [{"model": "m"}],
    )


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_passing_trouble_is_waited_out_longer_each_time(stub: Stub, status: int) -> None:
    stub.replies = [Reply(status), Reply(status), Reply(status), completion("fine")]
    waits: list[float] = []
    assert endpoint(stub, waits).ask({}).content == "fine"
    assert waits == [1.0, 2.0, 4.0]


def test_the_server_says_how_long_to_wait(stub: Stub) -> None:
    stub.replies = [
        Reply(429, headers={"Retry-After": "7"}),
        Reply(429, headers={"Retry-After": "86400"}),
        Reply(429, headers={"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}),
        completion("fine"),
    ]
    waits: list[float] = []
    endpoint(stub, waits).ask({})
    assert waits == [7.0, 60.0, 4.0]


def test_trouble_that_does_not_pass_leaves_the_document_without_an_answer(stub: Stub) -> None:
    stub.replies = [Reply(500, b'{"error": {"message": "out of\\n memory"}}')]
    waits: list[float] = []
    with pytest.raises(NoAnswer, match=r"HTTP 500: out of memory, given up after 4 tries"):
        endpoint(stub, waits).ask({})
    assert len(stub.requests) == 4


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_request_that_is_refused_is_not_made_again(stub: Stub, status: int) -> None:
    stub.replies = [Reply(status, b'{"error": "context length exceeded"}')]
    with pytest.raises(NoAnswer, match="context length exceeded"):
        endpoint(stub).ask({})
    assert len(stub.requests) == 1


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_wrong_key_or_model_stops_everything(stub: Stub, status: int) -> None:
    stub.replies = [Reply(status, b'{"error": {"message": "no such model"}}')]
    with pytest.raises(ExtractorError, match=f"HTTP {status}: no such model") as caught:
        endpoint(stub).ask({})
    assert "sesame" not in str(caught.value)
    assert len(stub.requests) == 1


def test_a_redirect_is_not_followed_with_the_key(stub: Stub) -> None:
    stub.replies = [Reply(302, headers={"Location": stub.url + "/elsewhere"})]
    with pytest.raises(NoAnswer, match="HTTP 302"):
        endpoint(stub).ask({})
    assert len(stub.requests) == 1


def test_no_answer_in_time(stub: Stub) -> None:
    stub.replies = [Reply(delay=0.5)]
    with pytest.raises(NoAnswer, match=r"no answer within 0.1 seconds, given up after 2 tries"):
        endpoint(stub, retries=1, timeout=0.1).ask({})


def test_an_endpoint_that_is_down_stops_everything() -> None:
    waits: list[float] = []
    down = Endpoint(f"http://127.0.0.1:{free_port()}/v1", retries=2, sleep=waits.append)
    with pytest.raises(ExtractorError, match="cannot be reached"):
        down.ask({})
    assert waits == [1.0, 2.0]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>busy</html>",
        b"[]",
        b'{"choices": []}',
        b'{"choices": [{"message": {"content": 7}}]}',
        b"\xff\xfe",
    ],
)
def test_what_is_no_chat_completion_is_no_answer(stub: Stub, body: bytes) -> None:
    stub.replies = [Reply(body=body)]
    with pytest.raises(NoAnswer, match="not a chat completion"):
        endpoint(stub).ask({})


def test_half_characters_in_an_answer_are_replaced(stub: Stub) -> None:
    stub.replies = [Reply(body=b'{"choices": [{"message": {"content": "a\\ud800b"}}]}')]
    assert endpoint(stub).ask({}).content == "a?b"


@pytest.mark.parametrize("address", ["", "127.0.0.1:8000", "file:///etc/passwd", "http://", "ftp://host/v1"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ExtractorError, match="KG_LLM_BASE_URL"):
        Endpoint(address)


@pytest.mark.parametrize("options", [{"timeout": 0.0}, {"retries": -1}])
def test_times_that_make_no_sense_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(ExtractorError, match="KG_LLM_TIMEOUT"):
        Endpoint("http://127.0.0.1/v1", **options)  # type: ignore[arg-type]


def test_a_very_long_answer_is_not_read_to_its_end(stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.extractors.endpoint._LONGEST_ANSWER", 1000)
    stub.replies = [Reply(body=b"x" * 5000)]
    with pytest.raises(NoAnswer, match="more than 1000 bytes"):
        endpoint(stub).ask({})
