"""Texts, identifiers, errors and settings of the kit."""

import re
import uuid
from datetime import timedelta

import pytest
from pydantic import ValidationError

from shared.kit import errors
from shared.kit.clock import Clock
from shared.kit.ids import base64url, sha256_base64url, sha256_hex, uuid7
from shared.kit.settings import StandSettings, WrongSetting
from shared.kit.text import Text, negotiate


class TestNegotiate:
    @pytest.mark.parametrize(
        ("header", "language"),
        [
            (None, "en"),
            ("", "en"),
            ("kk", "kk"),
            ("KK-KZ", "kk"),
            ("ru;q=0.5, kk;q=0.9", "kk"),
            ("kk;q=0.5, ru;q=0.5", "kk"),
            ("kk;q=0, ru;q=0.1", "ru"),
            ("de, *;q=0.1", "en"),
            ("ru;q=nonsense", "en"),
            (";;;,,", "en"),
        ],
    )
    def test_header(self, header: str | None, language: str) -> None:
        assert negotiate(header) == language

    def test_default_is_the_callers(self) -> None:
        assert negotiate("de", "kk") == "kk"

    def test_text_has_all_three(self) -> None:
        text = Text(kk="бір", ru="один", en="one")
        assert [text.pick("kk"), text.pick("ru"), text.pick("en")] == ["бір", "один", "one"]
        with pytest.raises(ValidationError):
            Text.model_validate({"kk": "бір", "ru": "один"})


class TestIdentifiers:
    def test_uuid7_is_one_and_carries_stand_time(self, clock: Clock) -> None:
        value = uuid.UUID(uuid7(clock))
        assert (value.version, value.variant) == (7, uuid.RFC_4122)
        assert value.int >> 80 == int(clock.timestamp() * 1000)

    def test_uuid7_sorts_by_time_and_does_not_repeat(self, clock: Clock) -> None:
        made = []
        for _ in range(50):
            made.append(uuid7(clock))
            clock.advance(timedelta(milliseconds=1))
        assert made == sorted(made)
        assert len({uuid7(clock) for _ in range(500)}) == 500

    def test_digests_of_known_content(self) -> None:
        # The digest of "abc" is printed in FIPS 180-2, appendix B.1.
        digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        assert sha256_hex(b"abc") == digest
        assert sha256_base64url(b"abc") == base64url(bytes.fromhex(digest))
        assert base64url(b"\xfb\xff") == "-_8"


class TestErrors:
    def test_codes_are_distinct_and_fit_a_urn(self) -> None:
        codes = [error.code for error in _tree(errors.StandError)]
        assert len(codes) == len(set(codes)) >= 12
        assert all(re.fullmatch("[a-z][a-z-]+", code) for code in codes)

    def test_only_what_may_pass_later_is_retryable(self) -> None:
        retryable = {error.code for error in _tree(errors.StandError) if error.retryable}
        assert {"unavailable", "transient", "too-many-attempts"} <= retryable
        assert not {"invalid-input", "conflict", "forbidden", "message-rejected"} & retryable

    def test_message_falls_back_to_the_title(self) -> None:
        assert str(errors.NotFound()) == "Not found"
        assert str(errors.NotFound("no such notice", notice="7")) == "no such notice"
        assert errors.NotFound("x", notice="7").members == {"notice": "7"}


class TestSettings:
    def test_defaults_are_safe(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in StandSettings.model_fields:
            monkeypatch.delenv(f"EGOV_{name.upper()}", raising=False)
        settings = StandSettings()
        assert settings.tools is False
        assert settings.enrolment_token.get_secret_value() == ""

    def test_environment_wins_and_secrets_are_not_shown(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("EGOV_TOOLS", "true")
        monkeypatch.setenv("EGOV_ENROLMENT_TOKEN", "hidden-word")
        settings = StandSettings()
        assert settings.tools is True
        assert "hidden-word" not in repr(settings)

    def test_nonsense_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("EGOV_RESEND_AFTER_S", "0")
        monkeypatch.setenv("EGOV_KAFKA_REPLICAS", "many")
        with pytest.raises(WrongSetting, match=r"EGOV_KAFKA_REPLICAS: .*\nEGOV_RESEND_AFTER_S: ") as refused:
            StandSettings()
        assert "many" not in str(refused.value)  # it may be a secret

    def test_a_file_that_is_not_there_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("EGOV_ENROLMENT_TOKEN_FILE", "/nonexistent")
        with pytest.raises(WrongSetting, match="EGOV_ENROLMENT_TOKEN_FILE"):
            StandSettings()


def _tree(error: type[errors.StandError]) -> list[type[errors.StandError]]:
    """``error`` and what the kit derives from it; errors of services are theirs to test."""
    below = [child for child in error.__subclasses__() if child.__module__ == errors.__name__]
    return [error, *(found for child in below for found in _tree(child))]
