"""Bytes to text: byte order marks, UTF-8, a declared encoding, and a guess for the rest."""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

from kg.errors import DocumentError

# UTF-32 first: its little-endian mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
_CONTROL_BYTES = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
# One stray form feed or escape is found in old texts; one in a hundred is no text.
_MOST_CONTROL = 0.01
# With so few bytes above 0x7F a guess has nothing to go by: Western European is what such English texts are
# in.
_FEW_HIGH = 0.05
_SURROGATE = re.compile("[\ud800-\udfff]")


def decode_text(data: bytes, where: str, declared: str | None = None) -> str:
    """The text of `data`, without byte order mark; line ends are kept.

    A byte order mark decides; then UTF-8 if `data` is that; then `declared` (an encoding that a page names,
    often wrongly) if it fits; then a guess. Raises `DocumentError` with `where` for binary data.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            try:
                return check_text(data[len(mark) :].decode(encoding), where)
            except UnicodeDecodeError as error:
                raise DocumentError(
                    f"{where}: marked as {encoding.upper()}, but at byte {error.start}: {error.reason}"
                ) from None
    controls = len(_CONTROL_BYTES.findall(data[:1_000_000]))
    if b"\0" in data or controls > _MOST_CONTROL * len(data[:1_000_000]):
        raise DocumentError(f"{where}: binary data, not text (or UTF-16 without a byte order mark)")
    try:
        return check_text(data.decode("utf-8"), where)
    except UnicodeDecodeError:
        pass
    if declared:
        try:
            return check_text(data.decode(declared), where)
        except (LookupError, UnicodeError):
            pass
    return check_text(_guess(data, where), where)


def _guess(data: bytes, where: str) -> str:
    high = sum(byte > 0x7F for byte in data[:1_000_000])
    if high < _FEW_HIGH * len(data[:1_000_000]):
        try:
            return data.decode("cp1252")
        except UnicodeDecodeError:
            pass
    best = from_bytes(data).best()
    if best is None:
        raise DocumentError(f"{where}: in no encoding that could be found; save it as UTF-8")
    return str(best)


def check_text(text: str, where: str) -> str:
    """`text` if it can be stored: code points without lone surrogates, and not control characters in plenty.

    Raises `DocumentError` with `where` and the offset.
    """
    lone = _SURROGATE.search(text)
    if lone:
        raise DocumentError(
            f"{where}: lone surrogate U+{ord(lone[0]):04X} at offset {lone.start()}: not Unicode text"
        )
    if "\0" in text or len(_CONTROL.findall(text)) > max(1, _MOST_CONTROL * len(text)):
        raise DocumentError(f"{where}: binary data (control characters), not text")
    return text
