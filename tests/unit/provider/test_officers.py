"""Officers: sign-in, lock-out, whose matters they see, and the decision."""

import stat
from datetime import timedelta
from typing import Any

import httpx
import orjson
import pytest

from shared.kit.ids import sha256_hex
from shared.messages.types import MessageType
from shared.messaging.testing import eventually
from tests.unit.provider.applications import SCAN, assigned, attachment, child
from tests.unit.provider.bench import Bench

APP = "application-1"
REFUSAL = {"decision": "refused", "grounds": ["document-violations"], "note": "тек іс үшін"}


@pytest.fixture
async def reviewed(manual: Bench) -> Bench:
    """An application that waits for its officer."""
    await manual.deliver(MessageType.APPLICATION_ASSIGNED, APP, assigned(manual.pki, APP))
    return manual


async def decide(bench: Bench, body: dict[str, Any], login: str = "aliya", application: str = APP) -> httpx.Response:
    headers = await bench.sign_in(login)
    return await bench.http.post(f"/matters/{application}/decision", json=body, headers=headers)


class TestSignIn:
    async def test_the_list_says_where_and_in_which_roles_and_under_what_they_work(self, bench: Bench) -> None:
        told = {entry["login"]: entry for entry in (await bench.http.get("/__stand/officers")).json()}
        dana = {
            name: told["dana"][name] for name in ("name", "organisation", "organisation_name", "roles", "regulations")
        }
        assert dana == {
            "name": "ТЕСТОВА ДАНА",
            "organisation": "almaty",
            "organisation_name": "TEST Almaty",
            "roles": ["responsible_person", "office_worker"],
            "regulations": ["almaty-city/preschool-queue"],
        }
        assert told["stranger"]["regulations"] == []

    async def test_passwords_are_private_and_kept_over_a_restart_and_a_reset(self, bench: Bench) -> None:
        path = bench.directory / "provider" / "officers.json"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        before = path.read_text()
        hashes = (path.parent / "officers.hashes.json").read_text()
        assert not any(entry["password"] in hashes for entry in orjson.loads(before))
        await bench.close()
        await bench.open()
        await bench.platform.reset()
        assert path.read_text() == before
        assert await bench.sign_in()

    @pytest.mark.parametrize("login", ["aliya", "nobody"])
    async def test_failures_lock_known_and_unknown_logins_alike(self, bench: Bench, login: str) -> None:
        wrong = {"login": login, "password": "wrong"}
        answers = [await bench.http.post("/officer-sessions", json=wrong) for _ in range(6)]
        assert [answer.status_code for answer in answers] == [401] * 5 + [429]
        assert answers[0].json()["type"].endswith("sign-in-refused")
        assert answers[-1].headers["retry-after"] == "900"
        assert answers[-1].json()["retryable"] is True

    async def test_right_password_does_not_help_while_locked_but_does_afterwards(self, bench: Bench) -> None:
        told = (await bench.http.get("/__stand/officers")).json()[0]
        right = {"login": told["login"], "password": told["password"]}
        for _ in range(5):
            await bench.http.post("/officer-sessions", json={**right, "password": "wrong"})
        assert (await bench.http.post("/officer-sessions", json=right)).status_code == 429
        bench.pki.clock.advance(timedelta(minutes=15))
        assert (await bench.http.post("/officer-sessions", json=right)).status_code == 201

    async def test_session_ends_by_the_clock_and_by_signing_out(self, bench: Bench) -> None:
        first, second = await bench.sign_in(), await bench.sign_in()
        assert (await bench.http.delete("/officer-sessions/current", headers=first)).status_code == 204
        assert (await bench.http.get("/matters", headers=first)).status_code == 401
        assert (await bench.http.get("/matters", headers=second)).status_code == 200
        bench.pki.clock.advance(timedelta(hours=8))
        assert (await bench.http.get("/matters", headers=second)).status_code == 401
        # Both have ended for good, however the clock is set back.
        bench.pki.clock.advance(timedelta(days=-30))
        for ended in (first, second):
            assert (await bench.http.get("/matters", headers=ended)).status_code == 401

    @pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer x"}, {"authorization": "Basic eDp5"}])
    async def test_nothing_is_shown_without_a_session(self, reviewed: Bench, headers: dict[str, str]) -> None:
        assert (await reviewed.http.get("/matters", headers=headers)).status_code == 401
        assert (await reviewed.http.get(f"/matters/{APP}", headers=headers)).status_code == 401
        answer = await reviewed.http.post(f"/matters/{APP}/decision", json={"decision": "granted"}, headers=headers)
        assert answer.status_code == 401


class TestMatters:
    async def test_matter_waits_for_its_officer(self, reviewed: Bench) -> None:
        assert len(await reviewed.sent(MessageType.REVIEW_STARTED)) == 1
        assert await reviewed.steps() == []
        shown = (await reviewed.http.get(f"/matters/{APP}", headers=await reviewed.sign_in())).json()
        assert shown["summary"]["state"] == "in_review"
        assert shown["document"]["form"]["child"]["given_name"] == "ӘЛІ"
        assert shown["signature_report"]["indication"] == "passed"
        assert "document-violations" in [ground["code"] for ground in shown["possible_grounds"]]
        assert (shown["proposed_grounds"], shown["decision"]) == ([], None)

    async def test_grounds_found_by_rule_are_proposed(self, manual: Bench) -> None:
        old = {**child(), "birth_date": "2018-01-01"}
        await manual.deliver(MessageType.APPLICATION_ASSIGNED, APP, assigned(manual.pki, APP, child=old))
        shown = (await manual.http.get(f"/matters/{APP}", headers=await manual.sign_in())).json()
        found = [ground["code"] for ground in shown["proposed_grounds"]]
        assert found == ["child-data-mismatch", "child-not-under-seven"]

    async def test_list_is_filtered_and_paged(self, reviewed: Bench) -> None:
        for number in range(2, 6):
            name = f"application-{number}"
            await reviewed.deliver(MessageType.APPLICATION_ASSIGNED, name, assigned(reviewed.pki, name))
        assert (await decide(reviewed, REFUSAL)).status_code == 200
        headers, seen, address = await reviewed.sign_in(), [], "/matters?state=in_review&limit=3"
        while address:
            page = await reviewed.http.get(address, headers=headers)
            seen += [entry["application"] for entry in page.json()]
            address = page.links.get("next", {}).get("url")
        assert seen == [f"application-{number}" for number in (5, 4, 3, 2)]

    async def test_matter_of_another_organisation_does_not_exist(self, reviewed: Bench) -> None:
        headers = await reviewed.sign_in("stranger")
        assert (await reviewed.http.get("/matters", headers=headers)).json() == []
        assert (await reviewed.http.get(f"/matters/{APP}", headers=headers)).status_code == 404
        assert (await decide(reviewed, {"decision": "granted"}, "stranger")).status_code == 404
        assert await reviewed.steps() == []

    async def test_attachment_is_shown_as_it_was_signed_and_to_its_officer_only(self, manual: Bench) -> None:
        manual.portal[sha256_hex(SCAN)] = SCAN
        message = assigned(manual.pki, APP, attachments=(attachment(),))
        await manual.deliver(MessageType.APPLICATION_ASSIGNED, APP, message)
        address, headers = f"/matters/{APP}/attachments/{sha256_hex(SCAN)}", await manual.sign_in()

        async def there() -> bool:
            return (await manual.http.get(address, headers=headers)).status_code == 200

        await eventually(there)
        answer = await manual.http.get(address, headers=headers)
        assert answer.content == SCAN
        assert "sandbox" in answer.headers["content-security-policy"]
        stranger = await manual.sign_in("stranger")
        assert (await manual.http.get(address, headers=stranger)).status_code == 404
        other = f"/matters/{APP}/attachments/{'0' * 64}"
        assert (await manual.http.get(other, headers=headers)).status_code == 404


class TestDecision:
    async def test_refusal_rests_on_the_ground_the_officer_named(self, reviewed: Bench) -> None:
        answer = await decide(reviewed, REFUSAL)
        assert answer.status_code == 200
        act = orjson.loads(answer.json()["act"]["content"])
        assert [ground["code"] for ground in act["grounds"]] == ["document-violations"]
        assert "тек іс үшін" not in answer.json()["act"]["content"]
        assert answer.json()["decided_by"] == "aliya"
        assert await reviewed.steps() == [("condition-3", False), ("process-7", None)]

    async def test_grant_goes_over_the_queue(self, reviewed: Bench) -> None:
        answer = await decide(reviewed, {"decision": "granted"})
        assert (answer.json()["state"], answer.json()["act"]) == ("placing", None)
        await reviewed.place(APP)
        headers = await reviewed.sign_in()
        shown = (await reviewed.http.get(f"/matters/{APP}?wait=5", headers=headers)).json()["decision"]
        assert (shown["state"], shown["queue_number"]) == ("granted", 7)

    @pytest.mark.parametrize(
        ("body", "path"),
        [
            ({"decision": "refused"}, "/grounds"),
            ({"decision": "refused", "grounds": []}, "/grounds"),
            ({"decision": "refused", "grounds": ["document-violations", "bad mood"]}, "/grounds/1"),
            ({"decision": "refused", "grounds": ["signature-not-confirmed"]}, "/grounds/0"),
            ({"decision": "granted", "grounds": ["document-violations"]}, "/grounds"),
            ({"decision": "postponed"}, "/decision"),
        ],
    )
    async def test_free_invention_is_impossible(self, reviewed: Bench, body: dict[str, Any], path: str) -> None:
        answer = await decide(reviewed, body)
        assert answer.status_code == 422
        assert [fault["path"] for fault in answer.json()["faults"]] == [path]
        assert await reviewed.steps() == []

    async def test_same_decision_again_gets_the_same_answer_another_one_a_conflict(self, reviewed: Bench) -> None:
        first = await decide(reviewed, REFUSAL)
        again = await decide(reviewed, REFUSAL)
        other = await decide(reviewed, {"decision": "granted"})
        assert again.json() == first.json()
        assert (other.status_code, other.json()["decision"]) == (409, "refused")
        assert len(await reviewed.sent(MessageType.DECISION_MADE)) == 1
        assert await reviewed.steps() == [("condition-3", False), ("process-7", None)]

    async def test_matter_with_attachments_on_their_way_cannot_be_decided(self, manual: Bench) -> None:
        message = assigned(manual.pki, APP, attachments=(attachment(),))
        await manual.deliver(MessageType.APPLICATION_ASSIGNED, APP, message)
        answer = await decide(manual, REFUSAL)
        assert (answer.status_code, answer.json()["state"]) == (409, "received")
