"""What an akim's office prepares for the provider is signed by the provider's head, and nobody else there meddles."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import orjson
import pytest

from services.provider.service.organisations import load_organisations
from services.provider.settings import Settings
from shared.crypto.testing import MemoryPKI
from shared.kit.clock import Clock
from shared.regulations.loader import load_regulations
from tests.unit.provider.bench import Bench
from tests.unit.provider.conftest import ANYBODY, EVERYTHING, MONDAY, settings
from tests.unit.provider.counter import do, hand_in, shown, verdict

PROVIDER, AKIM = "aliya", "stranger"
"""Officers of either, each with every role."""
OKRUG = EVERYTHING.replace(
    "name_in_certificate: TEST other,",
    "name_in_certificate: TEST other,\n     serves: [{regulation: almaty-oblast/*, channels: [akim], signed_by: all}],",
)
REGULATIONS = ("targeted-social-assistance", "local-social-assistance", "rural-specialists-fuel")


@pytest.fixture
async def okrug(tmp_path: Path, clock: Clock) -> AsyncIterator[Bench]:
    """A provider, and an akim who prepares what its head signs; autopilot off."""
    (tmp_path / "organisations.yaml").write_text(OKRUG, encoding="utf-8")
    (tmp_path / "officers.yaml").write_text(ANYBODY, encoding="utf-8")
    made = Bench(tmp_path, MemoryPKI(clock), settings(tmp_path))
    await made.open()
    made.turn_clock(MONDAY)
    try:
        answer = await made.http.put("/__stand/autopilot", json={"on": False})
        assert answer.status_code == httpx.codes.OK
        yield made
    finally:
        await made.close()


async def prepared(bench: Bench, name: str) -> str:
    """An application whose result waits for the signature."""
    answer = await hand_in(bench, f"almaty-oblast/{name}", "akim", "akim", login=AKIM)
    assert answer.status_code == httpx.codes.CREATED, answer.text
    bench.tick()
    application = str(answer.json()["summary"]["application"])
    for task, body in (("procedure-2", {}), ("procedure-3", {"decision": "granted"}), ("procedure-4", {})):
        done = await do(bench, application, task, AKIM, **body)
        assert done.status_code == httpx.codes.OK, done.text
    return application


@pytest.mark.parametrize("name", REGULATIONS)
async def test_the_head_of_the_provider_signs_and_the_act_is_the_providers(okrug: Bench, name: str) -> None:
    application = await prepared(okrug, name)
    own = await do(okrug, application, "procedure-5", AKIM)
    assert (own.status_code, own.json()["clause"]) == (httpx.codes.FORBIDDEN, "5(5)")
    listed = await okrug.http.get("/tasks", headers=await okrug.signed_in(PROVIDER))
    assert [(task["application"], task["task"]) for task in listed.json()] == [(application, "procedure-5")]
    assert (await do(okrug, application, "procedure-5", PROVIDER)).status_code == httpx.codes.OK
    assert (await do(okrug, application, "procedure-6", AKIM)).status_code == httpx.codes.OK
    matter = await shown(okrug, application, AKIM)
    act = orjson.loads(matter["decision"]["act"]["content"])
    assert (act["provider"]["bin"], act["signed_by"]["name"]) == ("990140000017", "ТЕСТОВА ГҮЛНӘР")
    found = await verdict(okrug, application)
    assert (found.verdict, found.outcome, found.deviations) == ("conformant", "granted", ())


async def test_the_provider_does_nothing_but_sign(okrug: Bench) -> None:
    name = "rural-specialists-fuel"
    application = await prepared(okrug, name)
    headers = await okrug.signed_in(PROVIDER)
    assert (await okrug.http.get(f"/matters/{application}", headers=headers)).status_code == httpx.codes.OK
    await do(okrug, application, "procedure-5", PROVIDER)
    last = await do(okrug, application, "procedure-6", PROVIDER)
    assert (last.status_code, last.json()["type"]) == (httpx.codes.FORBIDDEN, "urn:egov:problem:wrong-role")
    body = {"decision": "granted"}
    decided = await okrug.http.post(f"/matters/{application}/decision", json=body, headers=headers)
    assert decided.status_code == httpx.codes.NOT_FOUND
    assert (await okrug.http.get("/matters", headers=headers)).json() == []


def test_the_akims_and_the_centres_results_are_the_providers_but_not_the_vouchers_of_2012() -> None:
    organisations = load_organisations(Settings().organisations_file, load_regulations())
    akim, centre = organisations.of_code("rural-akim"), organisations.of_code("oblast-employment-centre")
    for name in REGULATIONS:
        assert organisations.signing_for(akim, f"almaty-oblast/{name}").code == "oblast-employment"
    assert organisations.signing_for(centre, "almaty-oblast/targeted-social-assistance").code == "oblast-employment"
    assert organisations.signing_for(akim, "national/preschool-queue-2012") == akim


def test_who_signs_has_to_be_there(tmp_path: Path) -> None:
    path = tmp_path / "organisations.yaml"
    path.write_text(OKRUG.replace("signed_by: all", "signed_by: nobody"), encoding="utf-8")
    with pytest.raises(ValueError, match="nobody"):
        load_organisations(path, load_regulations())
