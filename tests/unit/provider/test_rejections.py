"""A message of the provider that another system does not take: the matter shows it, and is open for another one."""

from typing import Any

import httpx
import orjson
import pytest

from shared.kit.ids import sha256_base64url, sha256_hex
from shared.messages.application import ApplicationSupplemented, DecisionMade, ResultReturned
from shared.messages.control import MessageRejected
from shared.messages.envelope import Message
from shared.messages.payload import SignedDocument
from shared.messages.types import MessageType
from tests.unit.provider.bench import Bench
from tests.unit.provider.counter import journal
from tests.unit.provider.test_intake import APP, assign

DECISION = "decision.made"


async def rejects(bench: Bench, message: Message, reason: str = "document-signature", **changes: str) -> None:
    """The portal does not take what the regional gateway made of ``message``."""
    digest = changes.get("digest") or sha256_base64url(message.encode())
    report = {"detail": "planned", "rejected_by": "portal"}
    payload = MessageRejected(message_id=message.id, digest=digest, reason=reason, report=report)
    bench.tick()
    await bench.deliver(MessageType.MESSAGE_REJECTED, APP, payload, regulation=None)
    bench.tick()


async def decisions(bench: Bench) -> list[Message]:
    return await bench.sent(MessageType.DECISION_MADE)


async def shown(bench: Bench) -> dict[str, Any]:
    headers = await bench.signed_in("aliya")
    found: dict[str, Any] = (await bench.http.get(f"/matters/{APP}", headers=headers)).json()
    return found


async def decide(bench: Bench, decision: str = "granted", **body: Any) -> httpx.Response:
    headers = await bench.signed_in("aliya")
    return await bench.http.post(f"/matters/{APP}/decision", json={"decision": decision, **body}, headers=headers)


async def granted(bench: Bench) -> Message:
    """The application is granted; the message."""
    await assign(bench)
    await bench.place(APP)
    (message,) = await decisions(bench)
    return message


async def marks(bench: Bench) -> list[str]:
    return [e.step for e in await journal(bench, APP) if e.kind == "mark" and e.step in ("rejected", "sent_again")]


class TestDecision:
    async def test_the_autopilot_signs_and_sends_it_again_once(self, bench: Bench) -> None:
        first = await granted(bench)
        await rejects(bench, first)
        _, second = await decisions(bench)
        assert second.requestdigest == first.requestdigest
        acts = [orjson.loads(DecisionMade.model_validate(m.data).document.content) for m in (first, second)]
        assert acts[0] == acts[1]
        matter = await shown(bench)
        assert matter["summary"]["state"] == "granted"
        rejected = matter["rejected"]
        assert (rejected["message"], rejected["by"], rejected["reason"]) == (DECISION, "portal", "document-signature")
        assert rejected["report"]["detail"] == "planned"
        assert rejected["sent_by"] == "autopilot"
        assert await marks(bench) == ["rejected", "sent_again"]

        await rejects(bench, first)  # an old one: nobody waits for it
        await rejects(bench, second)
        assert len(await decisions(bench)) == 2
        assert (await shown(bench))["summary"]["state"] == "in_review"
        assert await marks(bench) == ["rejected", "sent_again", "rejected"]

    async def test_an_officer_sends_it_again_from_the_list_of_tasks(self, bench: Bench) -> None:
        first = await granted(bench)
        await rejects(bench, first)
        await rejects(bench, (await decisions(bench))[-1])
        headers = await bench.signed_in("gulnar")
        tasks = (await bench.http.get("/tasks", params={"role": "head"}, headers=headers)).json()
        tasks += (await bench.http.get("/tasks", params={"role": "office_worker"}, headers=headers)).json()
        tasks += (await bench.http.get("/tasks", params={"role": "specialist"}, headers=headers)).json()
        assert [task["state"] for task in tasks] == ["rejected"]
        other = await decide(bench, "refused", grounds=["child-not-under-seven"], reasons="ТЕСТ")
        assert other.status_code == httpx.codes.CONFLICT, other.text
        assert len(await decisions(bench)) == 2
        for _ in range(2):  # asked twice, sent once
            answer = await decide(bench, "granted", note="қайта")
            assert answer.status_code == httpx.codes.OK, answer.text
        assert len(await decisions(bench)) == 3
        matter = await shown(bench)
        assert (matter["summary"]["state"], matter["trouble"], matter["note"]) == ("granted", None, "қайта")
        assert {task["state"] for task in matter["tasks"]} <= {"done"}
        steps = [name for name, _ in await bench.steps()]
        assert len(steps) == len(set(steps))

    @pytest.mark.parametrize("reason", ["handler-failed", "already-decided"])
    async def test_what_is_redriven_or_has_arrived_is_not_sent_again(self, bench: Bench, reason: str) -> None:
        await rejects(bench, await granted(bench), reason)
        assert len(await decisions(bench)) == 1
        assert (await shown(bench))["summary"]["state"] == "granted"

    async def test_what_failed_there_may_be_sent_again_by_an_officer(self, bench: Bench) -> None:
        await rejects(bench, await granted(bench), "handler-failed")
        assert (await decide(bench)).status_code == httpx.codes.OK
        assert len(await decisions(bench)) == 2

    async def test_a_report_about_other_bytes_changes_nothing(self, bench: Bench) -> None:
        await rejects(bench, await granted(bench), digest=sha256_base64url(b"a forgery"))
        assert ((await shown(bench))["rejected"], len(await decisions(bench))) == (None, 1)


async def test_a_request_for_a_queue_number_is_made_again_once(bench: Bench) -> None:
    await assign(bench)
    (request,) = await bench.sent(MessageType.QUEUE_PLACEMENT_REQUESTED)
    await rejects(bench, request, "unknown-application")
    requests = await bench.sent(MessageType.QUEUE_PLACEMENT_REQUESTED)
    assert len(requests) == 2
    await rejects(bench, requests[-1], "unknown-application")
    assert len(await bench.sent(MessageType.QUEUE_PLACEMENT_REQUESTED)) == 2
    assert (await shown(bench))["rejected"]["message"] == "queue_placement.requested"


@pytest.mark.parametrize("kind", [MessageType.APPLICATION_SUPPLEMENTED, MessageType.RESULT_RETURNED])
async def test_what_goes_back_to_another_assignment_is_rejected(bench: Bench, kind: MessageType) -> None:
    made = DecisionMade.model_validate((await granted(bench)).data)
    sha256 = sha256_hex(made.document.content.encode())
    now = bench.pki.clock.now()
    payload: Any = (
        ResultReturned(document_sha256=sha256, received_at=now, returned_at=now, centre_bin="990140000017")
        if kind is MessageType.RESULT_RETURNED
        else ApplicationSupplemented(channel="portal", document=SignedDocument(content="{}", signature=""))
    )
    await bench.deliver(kind, APP, payload, request_digest=sha256_base64url(b"another"))
    assert await bench.dead_letters() == ["request-digest"]
