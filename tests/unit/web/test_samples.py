"""The samples of portal, centre and provider: for every regulation and channel a form that is taken."""

from typing import Any

import httpx
import pytest

from shared.regulations.documents import expected_from_registries, to_hand_in
from shared.regulations.forms import validate_form
from shared.regulations.grounds import evaluate
from shared.regulations.loader import load_regulations
from shared.regulations.restrictions import restriction_findings
from shared.regulations.samples import variants_of
from tests.conventions.openapi import app

ALL = load_regulations()
IIN, CHILD = "900412412107", "211125625724"
HERE = {
    "portal": ("portal", "mobile"),
    "csc": ("csc", "employment_centre"),
    "provider": ("office", "akim", "proactive"),
}
OFFERED = [
    pytest.param(code, regulation.id, channel, id=f"{code}:{regulation.id}:{channel}")
    for code, channels in HERE.items()
    for regulation in ALL.values()
    for channel in channels
    if any(name == channel and part.steps for name, part in regulation.channels.items())
]


async def asked(code: str, service: str, **query: str) -> httpx.Response:
    transport = httpx.ASGITransport(app(code))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
        return await http.get(f"/services/{service}/sample", params=query)


def faults(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY, answer.text
    return {fault["path"]: fault["message"] for fault in answer.json()["faults"]}


@pytest.mark.parametrize(("code", "service", "channel"), OFFERED)
async def test_a_sample_is_taken_with_the_documents_it_names(code: str, service: str, channel: str) -> None:
    answer = await asked(code, service, channel=channel, iin=IIN)
    if answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY:  # taken by people of the other system
        assert "is filled here" in faults(answer)["/channel"]
        other = "provider" if code == "csc" else "csc"
        answer = await asked(other, service, channel=channel, iin=IIN)
    assert answer.status_code == httpx.codes.OK, answer.text
    found: dict[str, Any] = answer.json()
    regulation, part = ALL[service], ALL[service].channel(channel)
    assert validate_form(regulation, channel, found["form"]) == []
    assert restriction_findings(part, found["form"]) == []
    assert found["form"].get("applicant", {}).get("iin", IIN) == IIN
    given = {document["code"] for document in found["documents"]}
    assert given == {d.code for d in to_hand_in(part, found["form"], expected_from_registries(part))}
    today = app(code).state.clock.now().date()
    assert evaluate(regulation, channel, found["form"], given | set(expected_from_registries(part)), today) == []
    assert found["variants"] == list(variants_of(regulation, channel))


async def test_all_27_regulations_have_a_sample_somewhere() -> None:
    assert {param.values[1] for param in OFFERED} == set(ALL)
    assert len(ALL) == 27


async def test_the_child_is_the_one_asked_for() -> None:
    found = (await asked("portal", "almaty-city/preschool-queue", iin=IIN, child=CHILD)).json()
    assert (found["form"]["child"]["iin"], found["form"]["child"]["birth_date"]) == (CHILD, "2021-11-25")


async def test_every_case_that_the_answer_names_can_be_asked_for() -> None:
    service = "almaty-oblast/semey-nuclear-victims"
    for variant in (await asked("csc", service)).json()["variants"]:
        assert (await asked("csc", service, variant=variant)).json()["variant"] == variant


async def test_everything_that_is_wrong_with_the_question_is_told_at_once() -> None:
    wrong = await asked("portal", "almaty-city/preschool-queue", iin="900412412100", child="1", variant="no-such")
    assert set(faults(wrong)) == {"/iin", "/child", "/variant"}
    assert "default" in faults(wrong)["/variant"]


async def test_a_form_that_is_filled_elsewhere_is_not_given_here() -> None:
    assert "/channel" in faults(await asked("portal", "almaty-city/preschool-queue", channel="csc"))


async def test_a_child_with_whom_nothing_fits_is_named() -> None:
    grown_up = await asked("portal", "almaty-city/preschool-queue", iin=IIN, child=IIN)
    assert "/child" in faults(grown_up)


async def test_an_unknown_service_and_a_channel_that_the_text_does_not_give() -> None:
    assert (await asked("portal", "almaty-city/no-such")).status_code == httpx.codes.NOT_FOUND
    refused = await asked("portal", "almaty-city/preschool-queue", channel="mobile")
    assert refused.json()["type"] == "urn:egov:problem:channel-not-offered"
