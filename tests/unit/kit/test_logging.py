"""Logs are structured and hold no IIN, whichever way it got in."""

import io
import json
import logging
from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kit.iin import is_valid, make_iin
from shared.kit.logging import configure_logging, mask_iins

IIN = make_iin(date(1995, 1, 1), "male", 12)
NOT_AN_IIN = IIN[:11] + str((int(IIN[11]) + 1) % 10)


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Where the logs go; the root logger is put back afterwards."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield io.StringIO()
    root.handlers[:], root.level = before


class TestMasking:
    def test_valid_iin_is_masked_and_stays_recognisable_as_one(self) -> None:
        assert mask_iins(f"iin={IIN}.") == f"iin=******{IIN[6:9]}***."

    @pytest.mark.parametrize("text", [NOT_AN_IIN, "1" + IIN, IIN + "1", "2026-06-02T09:00:00", "123"])
    def test_other_numbers_stay(self, text: str) -> None:
        assert mask_iins(text) == text

    @given(st.dates(date(1930, 1, 1), date(2025, 1, 1)), st.integers(0, 9999), st.text(max_size=20))
    def test_no_valid_iin_survives(self, born: date, serial: int, around: str) -> None:
        iin = make_iin(born, "female", serial)
        if not (around[-1:].isdecimal() and around[-1:].isascii()):
            assert iin not in mask_iins(f"{around}{iin} IIN{iin},{iin}")

    @given(st.text(alphabet="0123456789 ", max_size=40))
    def test_only_valid_iins_change(self, text: str) -> None:
        if not any(is_valid(run) for run in text.split()):
            assert mask_iins(text) == text


class TestJSON:
    def test_one_object_a_line_with_the_fields(self, stream: io.StringIO) -> None:
        configure_logging("json", stream=stream)
        logging.getLogger("gateway").info("relayed %s", "m1", extra={"message_id": "m1", "attempt": 2})
        logging.getLogger("gateway").info("two\nlines")
        first, second = (json.loads(line) for line in stream.getvalue().splitlines())
        assert first.pop("time").endswith("Z")
        assert first == {
            "level": "info",
            "logger": "gateway",
            "message": "relayed m1",
            "message_id": "m1",
            "attempt": 2,
        }
        assert second["message"] == "two\nlines"

    def test_fields_never_replace_the_frame(self, stream: io.StringIO) -> None:
        configure_logging("json", stream=stream)
        logging.getLogger("x").warning("real", extra={"level": "fake", "logger": "fake"})
        assert json.loads(stream.getvalue())["level"] == "warning"

    def test_what_json_cannot_hold_is_written_as_text(self, stream: io.StringIO) -> None:
        configure_logging("json", stream=stream)
        logging.getLogger("x").warning("real", extra={"born": date(2020, 1, 2)})
        assert json.loads(stream.getvalue())["born"] == "2020-01-02"


class TestBothForms:
    @pytest.mark.parametrize("form", ["json", "human"])
    def test_message_arguments_fields_and_stack_are_masked(self, stream: io.StringIO, form: str) -> None:
        configure_logging("json" if form == "json" else "human", stream=stream)
        try:
            raise LookupError(f"no person {IIN}")
        except LookupError:
            logging.getLogger("persons").exception("asked %s", IIN, extra={"url": f"/people/{IIN}", "iin": IIN})
        text = stream.getvalue()
        assert "LookupError" in text
        assert IIN not in text
        assert text.count(f"******{IIN[6:9]}***") >= 4

    @pytest.mark.parametrize("form", ["json", "human"])
    def test_server_logs_are_masked_too(self, stream: io.StringIO, form: str) -> None:
        access = logging.getLogger("uvicorn.access")
        access.addHandler(logging.StreamHandler(stream))
        access.propagate = False
        configure_logging("json" if form == "json" else "human", stream=stream)
        access.info('"GET /people/%s HTTP/1.1" 200', IIN)
        assert len(stream.getvalue().splitlines()) == 1
        assert IIN not in stream.getvalue()

    def test_level(self, stream: io.StringIO) -> None:
        configure_logging("human", level="WARNING", stream=stream)
        logging.getLogger("x").info("quiet")
        logging.getLogger("x").warning("loud", extra={"n": 1})
        assert stream.getvalue().strip().endswith("WARNING x: loud  n=1")

    def test_second_call_replaces_the_first(self, stream: io.StringIO) -> None:
        configure_logging("json", stream=io.StringIO())
        configure_logging("human", stream=stream)
        logging.getLogger("x").warning("once")
        assert len(stream.getvalue().splitlines()) == 1


class TestRepeats:
    def lines(self, *records: tuple[float, str, BaseException | None]) -> list[dict[str, object]]:
        stream = io.StringIO()
        configure_logging(stream=stream)
        for at, message, error in records:
            info = (type(error), error, None) if error else None
            record = logging.LogRecord("x", logging.WARNING, "x", 1, message, (), info)
            record.created = at
            logging.getLogger("x").handle(record)
        return [json.loads(line) for line in stream.getvalue().splitlines()]

    def test_the_same_warning_is_told_once_a_minute_with_how_often(self) -> None:
        found = self.lines(*((second, "the disk is full", None) for second in range(130)))
        assert [line.get("repeated") for line in found] == [None, 59, 59]

    def test_others_are_told(self) -> None:
        errors = [OSError(28, "full"), OSError(30, "read-only"), OSError(28, "full"), ValueError("x")]
        found = self.lines(*((1.0, "it broke", error) for error in errors), (1.0, "something else", None))
        assert len(found) == 4
