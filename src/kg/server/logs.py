"""The log: one JSON object for each line, or text, on standard error or in a file."""

from __future__ import annotations

import json
import logging
import sys
import time
from contextvars import ContextVar
from logging.handlers import WatchedFileHandler

from kg.errors import SettingsError
from kg.settings import Settings

#: The id of the request that is being answered.
request_id: ContextVar[str] = ContextVar("request_id", default="")

#: Loggers that are ours to configure; uvicorn's says what it makes of broken requests.
_LOGGERS = ("kg", "uvicorn")
#: Where a record carries what a request was, beside its message.
FIELDS = "kg_fields"


def configure(settings: Settings) -> None:
    """Let the log go where `settings` say, as they say; replaces what an earlier call set up.

    Raises `SettingsError` for a file that cannot be written. A file that was moved away is opened anew by itself.
    """
    handler: logging.Handler
    if settings.log_file:
        try:
            handler = WatchedFileHandler(settings.log_file, encoding="utf-8")
        except OSError as error:
            raise SettingsError(
                f"log_file={settings.log_file!r}: cannot be written: {error.strerror or error}"
            ) from None
    else:
        handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if settings.log_format == "json" else TextLines())
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        for old in logger.handlers[:]:
            logger.removeHandler(old)
            old.close()
        logger.addHandler(handler)
        logger.propagate = False
        # uvicorn greets and takes leave at info; who serves says so already
        level = settings.log_level if name == "kg" or settings.log_level in ("error", "debug") else "warning"
        logger.setLevel(level.upper())


class JsonLines(logging.Formatter):
    """A record as one line of JSON; times are UTC."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without line feed."""
        said: dict[str, object] = {
            "time": f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(record.created))}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        asked = request_id.get()
        if asked:
            said["request_id"] = asked
        said.update(getattr(record, FIELDS, {}))
        if record.exc_info:
            said["trace"] = self.formatException(record.exc_info)
        return json.dumps(said, ensure_ascii=False, default=str)


class TextLines(logging.Formatter):
    """A record as text for people."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without line feed."""
        text = f"{record.levelname.lower()}: {record.getMessage()}"
        fields: dict[str, object] = getattr(record, FIELDS, {})
        if fields:
            text += " " + " ".join(f"{key}={value}" for key, value in fields.items())
        elif request_id.get():
            text += f" request_id={request_id.get()}"
        if record.exc_info:
            text += "\n" + self.formatException(record.exc_info)
        return text.replace("\r", " ") if record.exc_info else " ".join(text.split())
