"""Faults a test can switch on: silence, lateness, doubles, answers for another request, another signer."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import httpx

from shared.kit.ids import sha256_base64url
from shared.messages.registry import ByIIN, ByParties, RegistryAnswered
from shared.messaging.testing import eventually
from tests.factories.pages import walked
from tests.unit.registries.bench import Bench, person_extract

MOTHER = "900412412107"
Until = Callable[[Callable[[], bool]], Awaitable[None]]


async def test_silent_registry_holds_its_answers_until_they_are_released(persons: Bench) -> None:
    await persons.arm("silent", None)
    first, second = (persons.received(ByIIN(iin=MOTHER), application=f"application-{n}") for n in (1, 2))
    await persons.deliver(first, second)
    assert await persons.answers() == []
    # It looked all the same.
    assert len(await persons.log(iin=MOTHER)) == 2
    held = (await persons.http.get("/held-answers")).json()
    assert {item["application"] for item in held} == {"application-1", "application-2"}
    assert await walked(persons.http.get, "/held-answers") == held
    await persons.http.delete("/faults/silent")
    assert (await persons.http.post("/held-answers/release")).json() == {"released": 2}
    assert (await persons.http.post("/held-answers/release")).json() == {"released": 0}
    (answer,) = await persons.answers(first)
    assert answer.requestdigest == first.digest
    assert persons.verified(RegistryAnswered.model_validate(answer.data)).passed
    assert (await persons.http.get("/held-answers")).json() == []


async def test_late_answer_comes_when_the_stand_clock_says_so(persons: Bench) -> None:
    await persons.arm("late")
    request = persons.received(ByIIN(iin=MOTHER))
    await persons.deliver(request)
    assert await persons.answers() == []

    async def answered() -> bool:
        return len(await persons.answers(request)) == 1

    persons.pki.clock.advance(timedelta(seconds=1.9))
    assert not await answered()
    persons.pki.clock.advance(timedelta(seconds=0.2))
    await eventually(answered, what="the late answer")
    (answer,) = await persons.answers(request)
    assert answer.time - request.message.time == timedelta(seconds=2.1)


async def test_late_answer_survives_a_restart(persons: Bench) -> None:
    await persons.arm("late")
    request = persons.received(ByIIN(iin=MOTHER))
    await persons.deliver(request)
    await persons.close()
    persons.pki.clock.advance(timedelta(hours=1))
    await persons.open()

    async def answered() -> bool:
        return len(await persons.answers(request)) == 1

    await eventually(answered, what="the late answer")


async def test_twice(persons: Bench) -> None:
    await persons.arm("twice")
    request = persons.received(ByIIN(iin=MOTHER))
    await persons.deliver(request)
    first, second = await persons.answers(request)
    assert first.id != second.id
    assert (first.data, first.requestdigest) == (second.data, second.requestdigest)
    assert len(await persons.log(iin=MOTHER)) == 1


async def test_held_and_twice(persons: Bench) -> None:
    await persons.arm("silent")
    await persons.arm("twice")
    request = persons.received(ByIIN(iin=MOTHER))
    await persons.deliver(request)
    assert await persons.answers() == []
    await persons.http.post("/held-answers/release")
    assert len(await persons.answers(request)) == 2


async def test_wrong_hash_binds_to_another_request(persons: Bench) -> None:
    await persons.arm("wrong-hash")
    request = persons.received(ByIIN(iin=MOTHER))
    await persons.deliver(request)
    (message,) = await persons.answers(request)
    answer = RegistryAnswered.model_validate(message.data)
    assert message.requestdigest != sha256_base64url(request.record.value)
    assert person_extract(answer).request.digest == message.requestdigest
    # Everything else is in order: only the digest tells.
    assert persons.verified(answer).passed


async def test_wrong_signer_is_the_other_registry(persons: Bench, notary: Bench) -> None:
    await persons.arm("wrong-signer")
    await notary.arm("wrong-signer")
    parties = ByParties(principal_iin=MOTHER, attorney_iin="010705612384")
    for bench, answer in ((persons, await persons.ask(ByIIN(iin=MOTHER))), (notary, await notary.ask(parties))):
        failure = bench.verified(answer).failure
        assert failure is not None
        assert (failure.n, failure.name) == (6, "policy")
    # The fault was for one answer.
    assert persons.verified(await persons.ask(ByIIN(iin=MOTHER))).passed


async def test_reset_seeds_anew_and_disarms(persons: Bench) -> None:
    await persons.arm("silent", None)
    await persons.deliver(persons.received(ByIIN(iin=MOTHER)))
    await persons.http.patch(f"/persons/{MOTHER}", json={"life_status": "dead", "died_on": "2026-06-01"})
    assert (await persons.http.post("/reset")).status_code == httpx.codes.NO_CONTENT
    assert await persons.log() == []
    assert (await persons.http.get("/held-answers")).json() == []
    assert not any(fault["armed"] for fault in (await persons.http.get("/faults")).json())
    assert person_extract(await persons.ask(ByIIN(iin=MOTHER))).record.life_status == "alive"


async def test_without_tools_there_are_no_controls(persons: Bench) -> None:
    await persons.close()
    await persons.open(tools=False)
    paths = ("/access-log", "/persons", f"/persons/{MOTHER}", "/faults", "/held-answers", "/reset")
    for path in paths:
        assert (await persons.http.get(path)).status_code == httpx.codes.NOT_FOUND, path
    assert persons.verified(await persons.ask(ByIIN(iin=MOTHER))).passed
