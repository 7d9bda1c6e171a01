"""Logs without personal data: one JSON object a line for machines, or one readable line for people.

Both forms pass their finished line through ``mask_iins``, so that messages, fields and tracebacks are covered alike,
whichever library wrote them. ``extra={...}`` fields become members of the object.
"""

import json
import logging
import math
import re
import sys
from datetime import UTC, datetime
from typing import Literal, TextIO

from shared.kit.clock import rfc3339
from shared.kit.iin import is_valid, masked

LogForm = Literal["json", "human"]

_TWELVE_DIGITS = re.compile(r"(?<![0-9])[0-9]{12}(?![0-9])")
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}

_TOLD_AGAIN_AFTER_S = 60.0
_KINDS_KEPT = 1000


def mask_iins(text: str) -> str:
    """``text`` with every run of exactly twelve digits that is a valid IIN masked; other numbers stay."""
    return _TWELVE_DIGITS.sub(lambda run: masked(run[0]) if is_valid(run[0]) else run[0], text)


class _Masking(logging.Formatter):
    """Base of both forms: render, then mask."""

    def format(self, record: logging.LogRecord) -> str:
        return mask_iins(self.render(record))

    def render(self, record: logging.LogRecord) -> str:
        raise NotImplementedError

    def _stack(self, record: logging.LogRecord) -> str:
        parts = [self.formatException(record.exc_info) if record.exc_info else "", record.stack_info or ""]
        return "\n".join(part for part in parts if part)


class JSONFormatter(_Masking):
    """``time`` (real time, unlike the stand's), ``level``, ``logger``, ``message``, the fields, ``stack``."""

    def render(self, record: logging.LogRecord) -> str:
        """One line of JSON."""
        stack = self._stack(record)
        line = {
            **_fields(record),
            "time": rfc3339(datetime.fromtimestamp(record.created, UTC)),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **({"stack": stack} if stack else {}),
        }
        return json.dumps(line, ensure_ascii=False, default=str)


class HumanFormatter(_Masking):
    """``12:00:00 INFO    logger: message  field=value``, the stack below it."""

    def render(self, record: logging.LogRecord) -> str:
        """One line, and the stack on lines of its own."""
        time = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S")
        fields = "".join(f"  {name}={value}" for name, value in _fields(record).items())
        stack = self._stack(record)
        line = f"{time} {record.levelname:<7} {record.name}: {record.getMessage()}{fields}"
        return f"{line}\n{stack}" if stack else line


class Repeats(logging.Filter):
    """Lets a warning or an error through once a minute: what goes wrong a hundred times a second is told as once.

    The next line of the kind has ``repeated``, how many were left out before it.
    """

    def __init__(self) -> None:
        super().__init__()
        self._told: dict[tuple[str, ...], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether this one is written."""
        if record.levelno < logging.WARNING:
            return True
        error = record.exc_info[1] if record.exc_info else None
        kind = (record.name, record.getMessage(), type(error).__name__, str(error))
        told_at, repeated = self._told.get(kind, (-math.inf, 0))
        if told_at <= record.created < told_at + _TOLD_AGAIN_AFTER_S:
            self._told[kind] = told_at, repeated + 1
            return False
        if repeated:
            record.repeated = repeated
        if len(self._told) >= _KINDS_KEPT:
            self._told.clear()
        self._told[kind] = record.created, 0
        return True


def configure_logging(form: LogForm = "json", level: int | str = "INFO", stream: TextIO | None = None) -> None:
    """Send all logs to ``stream`` (standard error) in ``form``, the same warning once a minute. A second call replaces
    the first.

    Servers that bring handlers of their own (uvicorn) lose them, else their lines would not be masked; start uvicorn
    with ``log_config=None``.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.addFilter(Repeats())
    handler.setFormatter(JSONFormatter() if form == "json" else HumanFormatter())
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True


def _fields(record: logging.LogRecord) -> dict[str, object]:
    return {name: value for name, value in vars(record).items() if name not in _STANDARD}
