"""Which way one applies: channels the text gives, restrictions of a channel, and the short form of the oblast."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from shared.crypto.testing import IIN
from shared.messages.application import ApplicationSubmitted
from shared.messages.types import MessageType
from tests.unit.portal.acts import answered, registered
from tests.unit.portal.bench import SERVICE, Bench
from tests.unit.portal.laws import SCHOOLING, SHORT, know, schooling, short_form

FORM: dict[str, Any] = {"applicant": {"iin": IIN, "surname": "ТЕСТОВА"}, "category": "disability"}


@pytest.fixture(autouse=True)
def _laws(bench: Bench) -> None:
    know(bench, short_form(), schooling())


async def choose(bench: Bench, **chosen: str) -> httpx.Response:
    bench.headers = bench.headers or await bench.enter()
    return await bench.call("POST", "/applications", json=chosen)


class TestChoice:
    async def test_portal_is_chosen_unless_another_way_is_named(self, bench: Bench) -> None:
        assert (await choose(bench, service=SHORT)).json()["channel"] == "portal"
        assert (await choose(bench, service=SCHOOLING, channel="mobile")).json()["channel"] == "mobile"

    @pytest.mark.parametrize(
        ("service", "channel", "clause"),
        [(SHORT, "mobile", "1(1)"), (SCHOOLING, "portal", "1(3)"), (SERVICE, "x", "1(")],
    )
    async def test_channel_that_the_text_does_not_give_is_refused_with_the_clause(
        self, bench: Bench, service: str, channel: str, clause: str
    ) -> None:
        answer = await choose(bench, service=service, channel=channel)
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:egov:problem:channel-not-offered")
        assert clause in answer.json()["clause"]
        assert channel not in {given["channel"] for given in answer.json()["channels"]}

    @pytest.mark.parametrize(("service", "channel", "clause"), [(SHORT, "csc", "1(1)"), (SCHOOLING, "proactive", "3")])
    async def test_channel_that_begins_elsewhere(self, bench: Bench, service: str, channel: str, clause: str) -> None:
        answer = await choose(bench, service=service, channel=channel)
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:egov:problem:wrong-way")
        assert answer.json()["clause"] == clause

    @pytest.mark.parametrize("channel", ["", "PORTAL", "por tal", "x" * 41])
    async def test_what_is_no_channel(self, bench: Bench, channel: str) -> None:
        assert (await choose(bench, service=SHORT, channel=channel)).status_code == httpx.codes.UNPROCESSABLE_ENTITY

    async def test_form_and_service_are_those_of_the_channel(self, bench: Bench) -> None:
        answer = await bench.http.get(f"/services/{SCHOOLING}/form", params={"channel": "mobile"})
        assert list(answer.json()["properties"]) == ["applicant"]
        shown = (await bench.http.get(f"/services/{SCHOOLING}", params={"channel": "mobile"})).json()
        assert (shown["channel"], shown["clause"]) == ("mobile", "1(3)")
        assert (await bench.http.get(shown["links"]["form"])).json() == answer.json()
        assert (await bench.http.get(f"/services/{SCHOOLING}/form")).status_code == httpx.codes.CONFLICT

    async def test_no_regulation_is_asked_for_through_a_channel_it_does_not_give(self, bench: Bench) -> None:
        missing = [
            (regulation.id, channel)
            for regulation in bench.regulations.values()
            for channel in ("office", "csc", "portal", "akim", "employment_centre", "mobile", "proactive")
            if channel not in regulation.channels
        ]
        assert missing
        for service, channel in missing:
            answer = await choose(bench, service=service, channel=channel)
            assert answer.json()["type"] == "urn:egov:problem:channel-not-offered", (service, channel)
            assert answer.json()["clause"], (service, channel)


class TestRestriction:
    async def test_channel_is_refused_with_the_words_and_the_clause(self, bench: Bench) -> None:
        application = await bench.draft(service=SHORT, filled=False)
        path = f"/applications/{application}/form"
        answer = await bench.call("PUT", path, json={**FORM, "category": "other"})
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:egov:problem:channel-restricted")
        (restriction,) = answer.json()["restrictions"]
        assert restriction["clause"] == "1(3)"
        assert set(restriction["text"]) == {"kk", "ru", "en"}
        assert (await bench.state(application))["form"] is None
        assert (await bench.call("PUT", path, json=FORM)).status_code == httpx.codes.OK


class TestShortForm:
    async def test_one_signed_step_and_the_cabinet_shows_acceptance(self, bench: Bench) -> None:
        application = await bench.draft(service=SHORT, fill=FORM)
        answer = await bench.submit(application)
        assert answer.status_code == httpx.codes.ACCEPTED, answer.text
        assert await bench.steps(application) == [("step-1", None), ("step-2", None)]
        (message,) = await bench.sent(MessageType.APPLICATION_SUBMITTED)
        assert ApplicationSubmitted.model_validate(message.data).channel == "portal"
        assert message.regulation == SHORT
        (notice,) = (await bench.call("GET", "/notices")).json()
        assert (notice["kind"], notice["clause"]) == ("request-accepted", "10")
        await registered(bench, application)
        assert len((await bench.call("GET", "/notices")).json()) == 1

    async def test_result_ends_a_conformant_run(self, bench: Bench) -> None:
        application = await bench.draft(service=SHORT, fill=FORM)
        await bench.submit(application)
        await answered(bench, application, act={"service": SHORT})
        assert (await bench.state(application))["state"] == "granted"
        assert (await bench.steps(application))[-1] == ("delivery", None)

    async def test_due_date_is_planned_and_told(self, bench: Bench) -> None:
        application = await bench.draft(service=SHORT, fill=FORM)
        sent = (await bench.submit(application)).json()
        assert datetime.fromisoformat(sent["counts_from"]) == bench.clock.now()
        # Tuesday 14:00 in Almaty: half an hour, then the close of business two working days later.
        assert datetime.fromisoformat(sent["due_at"]) == datetime(2026, 6, 4, 13, 0, tzinfo=UTC)
        (notice,) = (await bench.call("GET", "/notices")).json()
        assert all("04.06.2026 18:00" in words for words in notice["texts"].values())
        (matter,) = (await bench.call("GET", "/applications")).json()
        assert (matter["due_at"], matter["channel"]) == (sent["due_at"], "portal")

    async def test_what_comes_after_hours_counts_from_the_next_working_day(self, bench: Bench) -> None:
        bench.clock.set(datetime(2026, 6, 5, 14, 0, tzinfo=UTC), freeze=True)  # Friday 19:00
        application = await bench.draft(service=SHORT, fill=FORM)
        sent = (await bench.submit(application)).json()
        assert datetime.fromisoformat(sent["counts_from"]) == datetime(2026, 6, 8, 4, 0, tzinfo=UTC)  # Monday 09:00
        assert datetime.fromisoformat(sent["due_at"]) == datetime(2026, 6, 10, 13, 0, tzinfo=UTC)

    async def test_certificate_that_does_not_pass_leaves_the_draft(self, bench: Bench) -> None:
        """The short form has no step that would refuse the service for it."""
        application = await bench.draft(service=SHORT, fill=FORM)
        answer = await bench.submit(application, bench.pki.expired())
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:egov:problem:signature-not-confirmed")
        assert (await bench.state(application))["state"] == "draft"
        assert await bench.steps(application) == []
        assert (await bench.submit(application)).status_code == httpx.codes.ACCEPTED

    async def test_it_is_not_confirmed_with_a_password(self, bench: Bench) -> None:
        application = await bench.draft(service=SHORT, fill=FORM)
        device = await bench.device()
        for path, body in (("password", {"device": device}), ("confirm", {"password": "123456"})):
            answer = await bench.call("POST", f"/applications/{application}/{path}", json=body)
            assert answer.json()["type"] == "urn:egov:problem:wrong-way"

    async def test_due_date_of_the_diagram_is_the_end_of_the_procedure(self, bench: Bench) -> None:
        application = await bench.draft()
        sent = (await bench.submit(application)).json()
        assert datetime.fromisoformat(sent["due_at"]) - bench.clock.now() == timedelta(minutes=35)
