"""Process 3, condition 1 and process 4: what is asked of the registries, and what their answers do."""

import itertools
from datetime import date
from typing import Any

import pytest

from shared.crypto.testing import BIN
from shared.kit.ids import sha256_base64url
from shared.kit.iin import make_iin
from shared.messages.control import MessageRejected
from shared.messages.systems import System
from shared.messages.types import MessageType
from tests.unit.csc.answers import answer, obtained, person, power, requests
from tests.unit.csc.bench import Bench
from tests.unit.csc.forms import (
    APPLICANT,
    CHILD,
    DUPLICATE,
    OTHER_CERTIFICATION,
    QUEUE,
    duplicate_form,
    queue_form,
    represented,
)


async def asked(bench: Bench, form: dict[str, Any] | None = None, **more: Any) -> str:
    """A matter in which the registries were asked."""
    matter = await bench.entered(form or queue_form(), **more)
    await bench.done("POST", f"/matters/{matter}/registry-queries")
    return matter


class TestAsking:
    async def test_nothing_is_asked_without_the_written_consent(self, bench: Bench) -> None:
        matter = await bench.entered(queue_form(), consent=False)
        refused = await bench.call("POST", f"/matters/{matter}/registry-queries")
        assert refused.status_code == 409
        assert refused.json()["type"].endswith("consent-missing")
        assert await bench.sent(MessageType.REGISTRY_REQUESTED) == []

    async def test_a_form_about_somebody_else_needs_a_new_consent(self, bench: Bench) -> None:
        matter = await bench.entered(queue_form())
        child = {**queue_form()["child"], "iin": make_iin(date(2021, 1, 1), "male", 1), "birth_date": "2021-01-01"}
        entered = await bench.done("PUT", f"/matters/{matter}/form", json=queue_form(child=child))
        assert entered["consent"] is None
        assert (await bench.call("POST", f"/matters/{matter}/registry-queries")).status_code == 409

    async def test_applicant_and_child_are_asked_about_with_ground_and_consent(self, bench: Bench) -> None:
        matter = await asked(bench)
        sent = await requests(bench, matter)
        assert set(sent) == {"applicant", "child"}
        consent = (await bench.state(matter))["consent"]
        for message in sent.values():
            assert message.destination is System.PERSONS
            assert message.regulation == "almaty-city/preschool-queue"
            assert message.data["ground"]["consent"] == consent["id"]
            assert message.data["ground"]["asked_by"] == "aigerim"
            assert message.data["ground"]["application"] == message.subject == matter
        assert sent["child"].data["search"] == {"mode": "iin", "iin": CHILD}

    async def test_notary_is_asked_about_a_notarised_power_of_attorney_only(self, bench: Bench) -> None:
        notarised = await asked(bench, queue_form(**represented()))
        other = await asked(bench, queue_form(**represented(OTHER_CERTIFICATION)))
        assert set(await requests(bench, notarised)) == {"applicant", "child", "power_of_attorney"}
        assert set(await requests(bench, other)) == {"applicant", "child"}
        search = (await requests(bench, notarised))["power_of_attorney"].data["search"]
        assert search == {"mode": "register_number", "register_number": "1-2301", "notarised_on": "2026-01-15"}

    async def test_the_duplicate_asks_about_the_applicant(self, bench: Bench) -> None:
        matter = await asked(bench, duplicate_form(), service=DUPLICATE)
        assert set(await requests(bench, matter)) == {"applicant"}

    async def test_asked_twice_nothing_more_is_sent(self, bench: Bench) -> None:
        matter = await asked(bench)
        again = await bench.call("POST", f"/matters/{matter}/registry-queries")
        assert again.status_code == 202
        assert len(await bench.sent(MessageType.REGISTRY_REQUESTED)) == 2


class TestAnswers:
    @pytest.mark.parametrize("order", list(itertools.permutations(("applicant", "child", "power_of_attorney"))))
    async def test_any_order_leads_to_process_5(self, bench: Bench, order: tuple[str, ...]) -> None:
        matter = await asked(bench, queue_form(**represented()))
        sent = await requests(bench, matter)
        for about in order:
            assert (await bench.state(matter))["state"] == "querying"
            await answer(bench, sent[about])
        assert (await bench.state(matter))["state"] == "completing"
        assert await bench.steps(matter) == [
            ("process-1", None),
            ("process-2", None),
            ("process-3", None),
            ("condition-1", True),
        ]
        assert await bench.deviations(matter) == ["no-terminal"]

    async def test_a_second_answer_changes_nothing(self, bench: Bench) -> None:
        matter = await asked(bench)
        sent = await requests(bench, matter)
        await answer(bench, sent["applicant"])
        await answer(bench, sent["applicant"], absent=True)
        await answer(bench, sent["child"])
        await answer(bench, sent["child"], absent=True)
        assert (await bench.state(matter))["state"] == "completing"
        assert await bench.dead_letters() == []

    async def test_the_operator_reads_what_the_registry_states(self, bench: Bench) -> None:
        matter = await asked(bench)
        await answer(bench, (await requests(bench, matter))["applicant"])
        enquiries = {item["about"]: item for item in (await bench.state(matter))["enquiries"]}
        assert enquiries["applicant"]["record"]["iin"] == APPLICANT
        assert enquiries["child"]["state"] == "waiting"
        assert enquiries["child"]["record"] is None


class TestForeignAnswers:
    """What is not the answer to our request is not taken, and the matter goes on waiting."""

    @pytest.mark.parametrize(
        ("wrong", "reason"),
        [
            ({"digest": sha256_base64url(b"another request")}, "request-digest"),
            ({"request_id": "01890000-0000-7000-8000-000000000000"}, "not-requested"),
            ({"request": {"message_id": "x", "digest": sha256_base64url(b"x")}}, "request-digest"),
            ({"application": "another"}, "document"),
            ({"regulation": QUEUE}, "document"),
            ({"registry": "notary"}, "document"),
            ({"record": person("850615400026", [])}, "document"),
            ({"record": {"iin": APPLICANT}}, "document"),
        ],
    )
    async def test_is_rejected(self, bench: Bench, wrong: dict[str, Any], reason: str) -> None:
        matter = await asked(bench, duplicate_form(), service=DUPLICATE)
        request = (await requests(bench, matter))["applicant"]
        await answer(bench, request, **wrong)
        assert await bench.dead_letters() == [reason]
        assert (await bench.state(matter))["state"] == "querying"
        await answer(bench, request)
        assert (await bench.state(matter))["state"] == "completing"

    async def test_of_another_registry_is_rejected(self, bench: Bench) -> None:
        matter = await asked(bench, duplicate_form(), service=DUPLICATE)
        request = (await requests(bench, matter))["applicant"]
        await answer(bench, request, signer=bench.pki.officer(bin="110740000929"))
        await answer(bench, request, signer=bench.pki.officer(bin=BIN))
        await answer(bench, request, signer=bench.pki.person())
        assert await bench.dead_letters() == ["document-signature"] * 3
        assert (await bench.state(matter))["state"] == "querying"

    async def test_with_a_revoked_certificate_is_rejected(self, bench: Bench) -> None:
        matter = await asked(bench, duplicate_form(), service=DUPLICATE)
        signer = bench.pki.officer(bin="080540000913")
        bench.pki.revoke(signer.certificate)
        bench.directory.crl = bench.pki.crl()
        await answer(bench, (await requests(bench, matter))["applicant"], signer=signer)
        assert await bench.dead_letters() == ["document-signature"]

    async def test_that_nobody_asked_for_is_rejected(self, bench: Bench) -> None:
        matter = await asked(bench, duplicate_form(), service=DUPLICATE)
        request = (await requests(bench, matter))["applicant"]
        stray = request.model_copy(update={"subject": "01890000-0000-7000-8000-000000000000"})
        await answer(bench, stray)
        assert await bench.dead_letters() == ["not-requested"]


REFUSED = [
    ("applicant", {"life_status": "dead", "died_on": "2025-01-01"}, "applicant-dead", "not-in-persons-registry"),
    ("applicant", {"capability": {"status": "incapable"}}, "applicant-incapable", "not-in-persons-registry"),
    ("applicant", {"removed": True}, "applicant-removed", "not-in-persons-registry"),
    ("child", {"life_status": "dead", "died_on": "2025-01-01"}, "child-dead", "not-in-persons-registry"),
    ("power_of_attorney", {"valid_until": "2026-06-01"}, "power-of-attorney-expired", "power-of-attorney-not-found"),
    (
        "power_of_attorney",
        {"valid_from": "2026-06-03"},
        "power-of-attorney-not-yet-valid",
        "power-of-attorney-not-found",
    ),
    (
        "power_of_attorney",
        {"revoked_at": "2026-06-01T00:00:00Z"},
        "power-of-attorney-revoked",
        "power-of-attorney-not-found",
    ),
    (
        "power_of_attorney",
        {"powers": [{"code": "sell_vehicle", "text": {"kk": "т", "ru": "т"}, "services": []}]},
        "power-of-attorney-not-covering",
        "power-of-attorney-not-found",
    ),
    (
        "power_of_attorney",
        {"powers": [{"code": "apply", "text": {"kk": "т", "ru": "т"}, "services": [DUPLICATE]}]},
        "power-of-attorney-not-covering",
        "power-of-attorney-not-found",
    ),
    (
        "power_of_attorney",
        {"attorney": {**power()["attorney"], "iin": "950611312736"}},
        "other-attorney",
        "power-of-attorney-not-found",
    ),
    (
        "power_of_attorney",
        {"principal": {**power()["principal"], "iin": "950611312736"}},
        "other-principal",
        "power-of-attorney-not-found",
    ),
]


class TestProcess4:
    @pytest.mark.parametrize(("about", "change", "finding", "ground"), REFUSED, ids=[case[2] for case in REFUSED])
    async def test_the_message_says_which_and_why(
        self, bench: Bench, about: str, change: dict[str, Any], finding: str, ground: str
    ) -> None:
        matter = await bench.entered(queue_form(**represented()))
        if about == "power_of_attorney":
            record = {"powers_of_attorney": [power(**change)]}
        else:
            iin, parts = (APPLICANT, ["capability"]) if about == "applicant" else (CHILD, ["birth_certificate"])
            record = {**person(iin, parts), **change}
        await obtained(bench, matter, **{about: record})
        view = await bench.state(matter)
        assert view["state"] == "data_unavailable"
        assert view["closing"]["step"] == "process-4"
        (told,) = view["closing"]["findings"]
        assert (told["finding"], told["ground"]) == (finding, ground)
        assert all(told["text"][language] for language in ("kk", "ru", "en"))
        steps = await bench.steps(matter)
        assert steps[-2:] == [("condition-1", False), ("process-4", None)]
        assert await bench.deviations(matter) == []

    @pytest.mark.parametrize(
        ("about", "finding"),
        [
            ("applicant", "applicant-absent"),
            ("child", "child-absent"),
            ("power_of_attorney", "power-of-attorney-absent"),
        ],
    )
    async def test_who_is_not_in_the_registry(self, bench: Bench, about: str, finding: str) -> None:
        matter = await asked(bench, queue_form(**represented()))
        for name, request in (await requests(bench, matter)).items():
            await answer(bench, request, absent=name == about)
        view = await bench.state(matter)
        assert [item["finding"] for item in view["closing"]["findings"]] == [finding]
        assert (await bench.verdict(matter)).outcome == "refused"

    async def test_every_finding_is_named(self, bench: Bench) -> None:
        matter = await asked(bench, queue_form(**represented()))
        for request in (await requests(bench, matter)).values():
            await answer(bench, request, absent=True)
        named = [item["finding"] for item in (await bench.state(matter))["closing"]["findings"]]
        assert named == ["applicant-absent", "child-absent", "power-of-attorney-absent"]

    async def test_a_late_answer_after_process_4_changes_nothing(self, bench: Bench) -> None:
        matter = await asked(bench, duplicate_form(), service=DUPLICATE)
        request = (await requests(bench, matter))["applicant"]
        await answer(bench, request, absent=True)
        await answer(bench, request)
        assert (await bench.state(matter))["state"] == "data_unavailable"


class TestSilence:
    async def test_is_asked_again_with_growing_pauses_then_the_operator_decides(self, bench: Bench) -> None:
        matter = await asked(bench, duplicate_form(), service=DUPLICATE)
        for pause, count in ((29, 1), (1, 2), (59, 2), (1, 3), (120, 4), (239, 4)):
            await bench.turn(seconds=pause)
            assert len(await bench.sent(MessageType.REGISTRY_REQUESTED)) == count
            assert (await bench.state(matter))["state"] == "querying"
        await bench.turn(seconds=1)
        view = await bench.state(matter)
        assert view["state"] == "registry_silent"
        assert view["enquiries"][0]["state"] == "silent"
        ids = [message.id for message in await bench.sent(MessageType.REGISTRY_REQUESTED)]
        assert len(set(ids)) == 4

    async def silent(self, bench: Bench) -> str:
        matter = await asked(bench, duplicate_form(), service=DUPLICATE)
        for _ in range(4):
            await bench.turn(seconds=3600)
        assert (await bench.state(matter))["state"] == "registry_silent"
        return matter

    async def test_the_operator_has_it_asked_again(self, bench: Bench) -> None:
        matter = await self.silent(bench)
        view = await bench.done("POST", f"/matters/{matter}/registry-queries/retry")
        assert view["state"] == "querying"
        assert len(await bench.sent(MessageType.REGISTRY_REQUESTED)) == 5
        await answer(bench, (await requests(bench, matter))["applicant"])
        assert (await bench.state(matter))["state"] == "completing"
        assert await bench.deviations(matter, DUPLICATE) == ["no-terminal"]

    async def test_retry_is_for_silence_only(self, bench: Bench) -> None:
        matter = await asked(bench)
        assert (await bench.call("POST", f"/matters/{matter}/registry-queries/retry")).status_code == 409

    async def test_a_late_answer_to_the_first_request_still_counts(self, bench: Bench) -> None:
        matter = await self.silent(bench)
        first, *_ = await bench.sent(MessageType.REGISTRY_REQUESTED)
        await answer(bench, first)
        assert (await bench.state(matter))["state"] == "completing"

    async def test_only_the_silent_one_is_asked_again(self, bench: Bench) -> None:
        matter = await asked(bench)
        await answer(bench, (await requests(bench, matter))["child"])
        await bench.turn(seconds=30)
        searched = [m.data["search"]["iin"] for m in await bench.sent(MessageType.REGISTRY_REQUESTED)]
        assert searched == [APPLICANT, CHILD, APPLICANT]

    async def test_a_restart_loses_nothing(self, bench: Bench) -> None:
        matter = await asked(bench, duplicate_form(), service=DUPLICATE)
        await bench.restart()
        await bench.turn(seconds=30)
        assert len(await bench.sent(MessageType.REGISTRY_REQUESTED)) == 2
        await answer(bench, (await requests(bench, matter))["applicant"])
        assert (await bench.state(matter))["state"] == "completing"

    async def test_a_request_that_is_not_taken_is_shown_and_can_be_repeated(self, bench: Bench) -> None:
        matter = await asked(bench, duplicate_form(), service=DUPLICATE)
        request = (await requests(bench, matter))["applicant"]
        rejection = MessageRejected(
            message_id=request.id, digest=sha256_base64url(request.encode()), reason="ground", report={}
        )
        await bench.deliver(MessageType.MESSAGE_REJECTED, matter, rejection, source=System.PERSONS)
        view = await bench.state(matter)
        assert view["state"] == "registry_silent"
        assert view["enquiries"][0]["trouble"] == "persons: ground"
        assert (await bench.done("POST", f"/matters/{matter}/registry-queries/retry"))["state"] == "querying"

    async def test_the_rejection_of_a_tampered_copy_means_nothing(self, bench: Bench) -> None:
        matter = await asked(bench, duplicate_form(), service=DUPLICATE)
        request = (await requests(bench, matter))["applicant"]
        rejection = MessageRejected(message_id=request.id, digest=sha256_base64url(b"x"), reason="schema", report={})
        await bench.deliver(MessageType.MESSAGE_REJECTED, matter, rejection, source=System.GATEWAY)
        assert (await bench.state(matter))["state"] == "querying"
