"""An attachment that whoever keeps it has lost: shown, counted, waited for, and not needed for an officer to go on."""

from typing import Any

import httpx
import pytest

from services.provider.service import attachments
from shared.kit.ids import sha256_hex
from shared.messages.control import JournalRecorded
from shared.messages.types import MessageType
from shared.messaging.testing import eventually
from tests.unit.provider.applications import SCAN, assigned, attachment
from tests.unit.provider.bench import Bench

APP = "application-1"
HREF = sha256_hex(SCAN)
LOST = "portal: answers 404"


async def assign(bench: Bench, application: str = APP, **changes: Any) -> None:
    message = assigned(bench.pki, application, attachments=(attachment(**changes),))
    await bench.deliver(MessageType.APPLICATION_ASSIGNED, application, message)


async def matter(bench: Bench, application: str = APP) -> dict[str, Any]:
    answer = await bench.http.get(f"/matters/{application}", headers=await bench.signed_in())
    assert answer.status_code == httpx.codes.OK, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def troubled(bench: Bench, trouble: str = LOST, application: str = APP) -> None:
    async def holds() -> bool:
        (found,) = (await matter(bench, application))["attachments"]
        return bool(found["trouble"] == trouble)

    await eventually(holds)


async def decided(bench: Bench) -> bool:
    return bool(await bench.sent(MessageType.QUEUE_PLACEMENT_REQUESTED) or await bench.sent(MessageType.DECISION_MADE))


async def marks(bench: Bench) -> list[tuple[str, str | None]]:
    found: list[tuple[str, str | None]] = []
    for message in await bench.sent(MessageType.JOURNAL_RECORDED):
        events = JournalRecorded.model_validate(message.data).events
        found += [(event.step, event.detail) for event in events if event.kind == "mark"]
    return found


async def act(bench: Bench, path: str, login: str = "aliya", **body: Any) -> httpx.Response:
    headers = await bench.signed_in(login)
    return await bench.http.post(f"/matters/{APP}/{path}", headers=headers, json=body or None)


def remarks(bench: Bench) -> dict[str, int]:
    return dict(bench.hosted.remarks())


def number(bench: Bench, keeper: str) -> float:
    assert bench.hosted.numbers is not None
    return bench.hosted.numbers.get_sample_value("egov_provider_attachments_missing", {"keeper": keeper}) or 0.0


class TestToldAndCounted:
    async def test_matter_readiness_and_numbers_name_it_until_it_is_back(self, bench: Bench) -> None:
        await assign(bench)
        await troubled(bench)
        assert (await matter(bench))["trouble"] == f"жеңілдік.pdf is missing: {LOST}"

        async def counted() -> bool:
            return remarks(bench) == {"attachments_missing": 1} and number(bench, "portal") == 1

        await eventually(counted)
        bench.portal[HREF] = SCAN
        await eventually(lambda: decided(bench))
        assert await bench.steps() == [("condition-3", True)]
        found = await matter(bench)
        assert (found["trouble"], found["attachments"][0]["trouble"]) == (None, None)

        async def none() -> bool:
            return not remarks(bench) and number(bench, "portal") == 0

        await eventually(none)

    @pytest.mark.parametrize(
        ("href", "trouble"),
        [
            (f"egov://csc/attachments/{HREF}", "csc: answers 404"),
            (f"egov://nobody/attachments/{HREF}", "portal, csc: answers 404"),
        ],
    )
    async def test_who_is_asked_is_named(self, bench: Bench, href: str, trouble: str) -> None:
        await assign(bench, href=href)
        await troubled(bench, trouble)

    async def test_a_keeper_that_does_not_answer_is_named_as_well(self, bench: Bench) -> None:
        bench.portal[HREF] = httpx.ConnectError("refused")
        await assign(bench)
        await troubled(bench, "portal: does not answer (ConnectError)")

    @pytest.mark.parametrize(
        "answer",
        [
            httpx.Response(200, html="<h1>It works!</h1>"),
            httpx.Response(200, json={"status": "ok"}, headers={"etag": '"5e1f"'}),
            httpx.Response(200),
            httpx.Response(302, headers={"location": "/"}),
        ],
    )
    async def test_another_program_in_its_place_has_nothing_refused(self, bench: Bench, answer: httpx.Response) -> None:
        bench.portal[HREF] = answer
        await assign(bench)
        given = "302" if answer.is_redirect else "with something else"
        await troubled(bench, f"portal: answers {given}")
        bench.portal[HREF] = SCAN
        await eventually(lambda: decided(bench))
        assert await bench.steps() == [("condition-3", True)]

    async def test_it_is_still_shown_after_a_restart(self, bench: Bench) -> None:
        await assign(bench)
        await troubled(bench)
        await bench.close()
        await bench.open()
        assert (await matter(bench))["attachments"][0]["trouble"] == LOST

    async def test_many_that_are_missing_keep_no_other_from_being_fetched(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(attachments, "_PAGE", 2)
        for index in range(3):
            lost = bytes([index]) * 10
            await assign(bench, f"application-{index}", size=10, sha256=sha256_hex(lost))
            await troubled(bench, application=f"application-{index}")
        bench.portal[HREF] = SCAN
        await assign(bench, "application-9")
        await eventually(lambda: decided(bench))


class TestGoingOnWithoutIt:
    async def test_an_officer_refuses_on_grounds_of_the_law(self, bench: Bench) -> None:
        await assign(bench)
        await troubled(bench)
        assert (await act(bench, "decision", decision="granted")).status_code == httpx.codes.CONFLICT
        begun = await act(bench, "review")
        assert begun.json()["summary"]["state"] == "in_review"
        assert begun.json()["proposed_grounds"] == []  # it is not the recipient who has lost it
        assert ("attachments_missing", f"aliya: жеңілдік.pdf ({LOST})") in await marks(bench)
        assert not await decided(bench)  # nor does the autopilot decide
        code = begun.json()["possible_grounds"][0]["code"]
        answer = await act(bench, "decision", decision="refused", grounds=[code], reasons="lost")
        assert answer.json()["state"] == "refused"
        assert (await bench.sent(MessageType.DECISION_MADE))[0].data["decision"] == "refused"

    async def test_an_officer_grants(self, bench: Bench) -> None:
        await assign(bench)
        await troubled(bench)
        assert (await act(bench, "review")).status_code == httpx.codes.OK
        assert (await act(bench, "decision", decision="granted")).json()["state"] == "placing"

    async def test_once(self, bench: Bench) -> None:
        await assign(bench)
        await troubled(bench)
        assert [(await act(bench, "review")).status_code for _ in range(2)] == [200, 200]
        assert [name for name, _ in await marks(bench)].count("attachments_missing") == 1

    async def test_not_while_it_is_only_on_its_way(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(attachments, "_TELL_AFTER", 1 << 30)
        await assign(bench)
        answer = await act(bench, "review")
        assert (answer.status_code, answer.json()["attachments"]) == (409, ["жеңілдік.pdf"])

    async def test_not_by_somebody_who_does_not_examine(self, bench: Bench) -> None:
        await assign(bench)
        await troubled(bench)
        assert (await act(bench, "review", "gulnar")).status_code == httpx.codes.FORBIDDEN
        assert (await act(bench, "review", "stranger")).status_code == httpx.codes.NOT_FOUND

    async def test_what_comes_back_later_is_kept_and_leaves_the_matter_to_the_officer(self, bench: Bench) -> None:
        await assign(bench)
        await troubled(bench)
        await act(bench, "review")
        bench.portal[HREF] = SCAN

        async def stored() -> bool:
            return bool((await matter(bench))["attachments"][0]["state"] == "stored")

        await eventually(stored)
        assert not await decided(bench)
        assert (await matter(bench))["proposed_grounds"] == []

    async def test_what_comes_back_as_something_else_is_a_ground(self, bench: Bench) -> None:
        await assign(bench)
        await troubled(bench)
        await act(bench, "review")
        bench.portal[HREF] = b"another"

        async def found() -> bool:
            return [ground["code"] for ground in (await matter(bench))["proposed_grounds"]] == ["document-violations"]

        await eventually(found)
