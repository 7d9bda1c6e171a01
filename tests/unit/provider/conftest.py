"""A provider on a real database with an authority in memory; messages are put in by hand, HTTP goes through the app."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from services.provider.settings import Settings
from shared.crypto.testing import MemoryPKI
from shared.kit.clock import Clock
from shared.regulations.terms import Role
from tests.unit.provider.bench import Bench

MONDAY = datetime(2026, 6, 1, 5, 0, tzinfo=UTC)
"""Ten in the morning in Almaty."""
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
  - {login: aliya, name: ТЕСТОВА, organisation: almaty, role: {kk: маман, ru: специалист, en: specialist},
     roles: [specialist], iin: "850615400026"}
  - {login: dana, name: ТЕСТОВА ДАНА, organisation: almaty, role: {kk: қызметкер, ru: работник, en: worker},
     roles: [responsible_person, office_worker], iin: "850615400026"}
  - {login: gulnar, name: ТЕСТОВА ГҮЛНӘР, organisation: almaty, role: {kk: басшы, ru: руководитель, en: head},
     roles: [head]}
  - {login: marat, name: ТЕСТОВ МАРАТ, organisation: almaty, role: {kk: маман, ru: специалист, en: specialist},
     roles: [specialist]}
  - {login: stranger, name: ТЕСТОВ, organisation: other, role: {kk: маман, ru: специалист, en: specialist},
     roles: [specialist]}
"""


@pytest.fixture
async def bench(tmp_path: Path, clock: Clock, database_kind: str) -> AsyncIterator[Bench]:
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
        kindergartens_file=places
        if (places := directory / "kindergartens.yaml").exists()
        else Settings().kindergartens_file,
        fetch_retry_s=0.01,
        verification_url="http://portal.test/verify",
    )


@pytest.fixture
async def manual(bench: Bench) -> Bench:
    """The provider with its autopilot off."""
    answer = await bench.http.put("/__stand/autopilot", json={"on": False})
    assert answer.status_code == httpx.codes.OK
    return bench


EVERYTHING = """
organisations:
  - {code: all, bin: "990140000017", name: {kk: ТЕСТ Барлығы, ru: ТЕСТ Все, en: TEST All},
     name_in_certificate: TEST all,
     serves: [almaty-city/*, almaty-oblast/*, karaganda/*, national/*],
     also_sign: {education_department_specialist: {iin: "850615400026", surname: ТЕСТОВА, given_name: ӘЛИЯ,
                                                   role: {kk: маман, ru: специалист, en: specialist}}},
     authorised_person: {iin: "790411431003", surname: ТЕСТОВА, given_name: ГҮЛНӘР,
                         role: {kk: басшы, ru: руководитель, en: head}}}
  - {code: other, bin: "050640001236", name: {kk: ТЕСТ, ru: ТЕСТ, en: TEST}, name_in_certificate: TEST other,
     authorised_person: {iin: "830902332004", surname: ТЕСТОВ, given_name: ТЕСТ,
                         role: {kk: басшы, ru: руководитель, en: head}}}
"""
KINDERGARTENS = """
kindergartens:
  - {code: first, organisation: all, number: "1", places: 1, name: {kk: ТЕСТ № 1, ru: ТЕСТ № 1, en: TEST No 1},
     address: {kk: Жоқ көшесі, ru: улица Нет, en: Nonexistent street}}
  - {code: second, organisation: all, number: "2", places: 1, name: {kk: ТЕСТ № 2, ru: ТЕСТ № 2, en: TEST No 2},
     address: {kk: Жоқ көшесі, ru: улица Нет, en: Nonexistent street}}
  - {code: foreign, organisation: nobody, number: "1", places: 9, name: {kk: ТЕСТ, ru: ТЕСТ, en: TEST},
     address: {kk: Жоқ, ru: Нет, en: None}}
"""
EVERY_ROLE = ", ".join(role.value for role in Role if role is not Role.RECIPIENT)
ANYBODY = f"""
officers:
  - {{login: aliya, name: ТЕСТОВА ӘЛИЯ, organisation: all, role: {{kk: маман, ru: специалист, en: specialist}},
     roles: [{EVERY_ROLE}], iin: "850615400026"}}
  - {{login: keyless, name: ТЕСТОВ, organisation: all, role: {{kk: маман, ru: специалист, en: specialist}},
     roles: [{EVERY_ROLE}]}}
  - {{login: idle, name: ТЕСТОВ БОС, organisation: all, role: {{kk: маман, ru: специалист, en: specialist}},
     iin: "850615400026"}}
  - {{login: stranger, name: ТЕСТОВ БӨТЕН, organisation: other, role: {{kk: маман, ru: специалист, en: specialist}},
     roles: [{EVERY_ROLE}], iin: "850615400026"}}
"""


@pytest.fixture
async def town(tmp_path: Path, clock: Clock) -> AsyncIterator[Bench]:
    """One organisation that renders everything, in autopilot, on a Monday morning."""
    (tmp_path / "organisations.yaml").write_text(EVERYTHING, encoding="utf-8")
    (tmp_path / "kindergartens.yaml").write_text(KINDERGARTENS, encoding="utf-8")
    (tmp_path / "officers.yaml").write_text(ANYBODY, encoding="utf-8")
    made = Bench(tmp_path, MemoryPKI(clock), settings(tmp_path))
    await made.open()
    made.turn_clock(MONDAY)
    try:
        yield made
    finally:
        await made.close()


@pytest.fixture
async def busy_town(town: Bench) -> Bench:
    """The same with its autopilot off."""
    answer = await town.http.put("/__stand/autopilot", json={"on": False})
    assert answer.status_code == httpx.codes.OK
    return town


BODY, MINISTRY, AKIMAT = "990140000017", "280340001292", "290440001307"
_ROLE = "role: {kk: р, ru: р, en: r}"
_PERSON = 'authorised_person: {iin: "790411431003", surname: ТЕСТОВА, given_name: ГҮЛНӘР, role: {kk: р, ru: р, en: r}}'
ADDRESSEES = f"""
organisations:
  - {{code: body, bin: "{BODY}", name: {{kk: Орган, ru: Орган, en: Body}}, name_in_certificate: TEST body,
     serves: [national/*], {_PERSON},
     also_sign: {{education_department_specialist: {{iin: "850615400026", surname: ТЕСТОВА, given_name: ӘЛИЯ,
                                                     role: {{kk: маман, ru: специалист, en: specialist}}}}}}}}
  - {{code: ministry, kind: ministry, bin: "{MINISTRY}", name: {{kk: Мин, ru: Мин, en: Ministry}},
     name_in_certificate: TEST ministry, {_PERSON}}}
  - {{code: akimat, kind: akimat, bin: "{AKIMAT}", name: {{kk: Әкімдік, ru: Акимат, en: Akimat}},
     name_in_certificate: TEST akimat, {_PERSON}}}
"""
HEARERS = f"""
officers:
  - {{login: clerk, name: ТЕСТОВ ҚАБЫЛДАУШЫ, organisation: body, {_ROLE}, roles: [office_worker]}}
  - {{login: head, name: ТЕСТОВА БАСШЫ, organisation: body, {_ROLE}, roles: [head], iin: "850615400026"}}
  - {{login: head-two, name: ТЕСТОВ ОРЫНБАСАР, organisation: body, {_ROLE}, roles: [head]}}
  - {{login: head-again, name: ТЕСТОВА Б., organisation: body, {_ROLE}, roles: [specialist, head], iin: "850615400026"}}
  - {{login: minister, name: ТЕСТОВА МИНИСТР, organisation: ministry, {_ROLE}, roles: [head]}}
  - {{login: moonlighter, name: ТЕСТОВА БАСШЫ, organisation: ministry, {_ROLE}, roles: [head]}}
  - {{login: akim, name: ТЕСТОВ ӘКІМ, organisation: akimat, {_ROLE}, roles: [akim]}}
"""


@pytest.fixture
async def body(tmp_path: Path, clock: Clock) -> AsyncIterator[Bench]:
    """A body that renders the service, the Ministry and an akimat, on a Monday morning."""
    (tmp_path / "organisations.yaml").write_text(ADDRESSEES, encoding="utf-8")
    (tmp_path / "officers.yaml").write_text(HEARERS, encoding="utf-8")
    made = Bench(tmp_path, MemoryPKI(clock), settings(tmp_path))
    await made.open()
    made.turn_clock(MONDAY)
    try:
        yield made
    finally:
        await made.close()
