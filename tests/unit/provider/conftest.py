"""A provider on a real database with an authority in memory; messages are put in by hand, HTTP goes through the app."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from services.provider.settings import Settings
from shared.crypto.testing import MemoryPKI
from shared.kit.clock import Clock
from tests.unit.provider.bench import Bench

ORGANISATIONS = """
organisations:
  - {code: almaty, bin: "990140000017", name: {kk: ТЕСТ Алматы, ru: ТЕСТ Алматы, en: TEST Almaty},
     name_in_certificate: TEST Almaty, serves: [almaty-city/preschool-queue],
     authorised_person: {iin: "790411431003", surname: ТЕСТОВА, given_name: ГҮЛНӘР,
                         role: {kk: басшы, ru: руководитель, en: head}}}
  - {code: other, bin: "050640001236", name: {kk: ТЕСТ, ru: ТЕСТ, en: TEST}, name_in_certificate: TEST other,
     authorised_person: {iin: "830902332004", surname: ТЕСТОВ, given_name: ТЕСТ,
                         role: {kk: басшы, ru: руководитель, en: head}}}
"""
OFFICERS = """
officers:
  - {login: aliya, name: ТЕСТОВА, organisation: almaty, role: {kk: маман, ru: специалист, en: specialist}}
  - {login: stranger, name: ТЕСТОВ, organisation: other, role: {kk: маман, ru: специалист, en: specialist}}
"""


@pytest.fixture
async def bench(tmp_path: Path, clock: Clock) -> AsyncIterator[Bench]:
    """The provider in autopilot."""
    (tmp_path / "organisations.yaml").write_text(ORGANISATIONS, encoding="utf-8")
    (tmp_path / "officers.yaml").write_text(OFFICERS, encoding="utf-8")
    made = Bench(tmp_path, MemoryPKI(clock), settings(tmp_path))
    await made.open()
    try:
        yield made
    finally:
        await made.close()


def settings(directory: Path) -> Settings:
    """Settings with the two test organisations."""
    return Settings(
        organisations_file=directory / "organisations.yaml",
        officers_file=directory / "officers.yaml",
        fetch_retry_s=0.01,
        verification_url="http://portal.test/verify",
    )


@pytest.fixture
async def manual(bench: Bench) -> Bench:
    """The provider with its autopilot off."""
    answer = await bench.http.put("/__stand/autopilot", json={"on": False})
    assert answer.status_code == httpx.codes.OK
    return bench
