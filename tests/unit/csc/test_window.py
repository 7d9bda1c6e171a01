"""Processes 1 and 2: signing in, choosing the service, entering data, the consent; and who may see what."""

import stat
from datetime import timedelta
from typing import Any

import pytest

from tests.unit.csc.answers import obtained
from tests.unit.csc.bench import Bench
from tests.unit.csc.forms import (
    APPLICANT,
    ATTORNEY,
    CHILD,
    DUPLICATE,
    NOTARIAL,
    OTHER_CERTIFICATION,
    QUEUE,
    duplicate_form,
    queue_form,
    represented,
)


class TestSignIn:
    async def test_passwords_are_told_once_in_a_private_file(self, bench: Bench) -> None:
        path = bench.platform.stand.data_dir / "csc" / "operators.json"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        told = await bench.told()
        assert {"aigerim", "olga", "supervisor"} <= set(told)
        hashes = (path.parent / "operators.hashes.json").read_text()
        assert not any(entry["password"] in hashes for entry in told.values())
        await bench.restart()
        assert await bench.told() == told

    async def test_an_unknown_login_gets_the_same_answer(self, bench: Bench) -> None:
        answers = [
            await bench.http.post("/operator-sessions", json={"login": login, "password": "wrong"})
            for login in ("aigerim", "nobody")
        ]
        first, second = (answer.json() for answer in answers)
        assert answers[0].status_code == answers[1].status_code == 401
        assert first["type"].endswith("sign-in-refused")
        assert first == second

    @pytest.mark.parametrize("login", ["aigerim", "nobody"])
    async def test_repeated_failures_lock_the_login_for_a_while(self, bench: Bench, login: str) -> None:
        body = {"login": login, "password": "wrong"}
        codes = [(await bench.http.post("/operator-sessions", json=body)).status_code for _ in range(6)]
        assert codes == [401] * 5 + [429]
        told = await bench.told()
        right = {"login": "aigerim", "password": told["aigerim"]["password"]}
        expected = 429 if login == "aigerim" else 201
        assert (await bench.http.post("/operator-sessions", json=right)).status_code == expected
        bench.clock.advance(timedelta(minutes=15))
        assert (await bench.http.post("/operator-sessions", json=right)).status_code == 201

    async def test_a_session_ends_by_itself_and_by_signing_out(self, bench: Bench) -> None:
        assert (await bench.call("GET", "/operator-sessions/current")).json()["centre"] == "almaly"
        bench.clock.advance(timedelta(hours=8))
        assert (await bench.call("GET", "/matters")).status_code == 401
        bench.clock.advance(timedelta(days=-30))
        assert (await bench.call("GET", "/matters")).status_code == 401
        bench.headers = await bench.sign_in()
        assert (await bench.call("DELETE", "/operator-sessions/current")).status_code == 204
        assert (await bench.call("GET", "/matters")).status_code == 401

    @pytest.mark.parametrize("method_path", ["GET /matters", "POST /matters", "POST /queue/next", "GET /access-log"])
    async def test_nothing_without_a_session(self, bench: Bench, method_path: str) -> None:
        method, path = method_path.split()
        body = {"json": {"service": QUEUE}} if method == "POST" else {}
        assert (await bench.http.request(method, path, **body)).status_code == 401

    async def test_every_operator_has_a_certificate_with_the_bin_of_the_centre(self, bench: Bench) -> None:
        issued = {certificate.thumbprint: certificate for certificate in bench.pki.certificates}
        bins = {login: issued[entry["certificate"]].bin for login, entry in (await bench.told()).items()}
        assert bins["aigerim"] == bins["arman"] == bins["supervisor"] == "041040000118"
        assert bins["olga"] == bins["auezov-supervisor"] == "051140000212"


class TestServices:
    async def test_every_service_with_the_channel(self, bench: Bench) -> None:
        listed = (await bench.http.get("/services", headers={"accept-language": "ru"})).json()
        assert {item["id"] for item in listed} == {known.id for known in bench.regulations.offered("csc")}
        assert {QUEUE, DUPLICATE} < {item["id"] for item in listed}
        assert any("Постановка на очередь" in item["name"] for item in listed)

    async def test_the_form_comes_from_the_regulation(self, bench: Bench) -> None:
        schema = (await bench.http.get(f"/services/{DUPLICATE}/form", headers={"accept-language": "kk"})).json()
        assert {"applicant", "representative", "power_of_attorney", "reason"} <= set(schema["properties"])

    async def test_an_unknown_service(self, bench: Bench) -> None:
        answer = await bench.call("POST", "/matters", json={"service": "nowhere/nothing"})
        assert answer.status_code == 404


class TestForm:
    @pytest.mark.parametrize(("service", "form"), [(QUEUE, queue_form()), (DUPLICATE, duplicate_form())])
    async def test_is_kept(self, bench: Bench, service: str, form: dict[str, Any]) -> None:
        matter = await bench.entered(form, service)
        assert (await bench.state(matter))["form"] == form

    async def test_every_fault_is_named_and_the_former_form_stays(self, bench: Bench) -> None:
        matter = await bench.entered(queue_form())
        wrong = queue_form(district="nowhere")
        wrong["applicant"] = {**wrong["applicant"], "iin": "900101300018", "phone": "1"}
        answer = await bench.call("PUT", f"/matters/{matter}/form", json=wrong)
        assert answer.status_code == 422
        assert {fault["path"] for fault in answer.json()["faults"]} == {
            "/applicant/iin",
            "/applicant/phone",
            "/district",
        }
        assert (await bench.state(matter))["form"] == queue_form()

    @pytest.mark.parametrize("service", [QUEUE, DUPLICATE])
    async def test_data_of_a_power_of_attorney_only_if_it_is_notarised(self, bench: Bench, service: str) -> None:
        make = queue_form if service == QUEUE else duplicate_form
        matter = str((await bench.done("POST", "/matters", json={"service": service}))["id"])
        path = f"/matters/{matter}/form"
        filled = make(**represented({**NOTARIAL, **OTHER_CERTIFICATION}))
        answer = await bench.call("PUT", path, json=filled, headers={"accept-language": "ru"})
        assert answer.status_code == 422
        faults = {fault["path"]: fault["message"] for fault in answer.json()["faults"]}
        assert set(faults) == {"/power_of_attorney/register_number", "/power_of_attorney/notarised_on"}
        assert set(faults.values()) == {"при ином удостоверении доверенности ее данные не заполняются"}
        lacking = await bench.call("PUT", path, json=make(**represented({"certification": "notarial"})))
        assert {fault["path"] for fault in lacking.json()["faults"]} == set(faults)
        for power in (NOTARIAL, OTHER_CERTIFICATION):
            assert (await bench.call("PUT", path, json=make(**represented(power)))).status_code == 200

    async def test_a_representative_without_a_power_of_attorney(self, bench: Bench) -> None:
        matter = str((await bench.done("POST", "/matters", json={"service": QUEUE}))["id"])
        alone = queue_form(representative=represented()["representative"])
        answer = await bench.call("PUT", f"/matters/{matter}/form", json=alone)
        assert [fault["path"] for fault in answer.json()["faults"]] == ["/power_of_attorney"]

    async def test_stands_once_the_registries_are_asked(self, bench: Bench) -> None:
        matter = await bench.entered(queue_form())
        await bench.done("POST", f"/matters/{matter}/registry-queries")
        assert (await bench.call("PUT", f"/matters/{matter}/form", json=queue_form())).status_code == 409


class TestConsent:
    async def test_is_recorded_with_time_operator_and_version(self, bench: Bench) -> None:
        matter = await bench.entered(queue_form())
        consent = (await bench.state(matter))["consent"]
        assert consent["recorded_by"] == "aigerim"
        assert consent["given_by"] == "applicant"
        assert consent["given_at"].startswith("2026-06-02T09:00:00")
        assert consent["version"] == "1"

    async def test_another_text_is_in_force(self, bench: Bench) -> None:
        matter = await bench.entered(queue_form(), consent=False)
        answer = await bench.call("POST", f"/matters/{matter}/consent", json={"version": "0"})
        assert answer.status_code == 409
        assert answer.json()["version"] == "1"

    async def test_of_a_representative_needs_one(self, bench: Bench) -> None:
        body = {"version": "1", "given_by": "representative"}
        alone = await bench.entered(queue_form(), consent=False)
        assert (await bench.call("POST", f"/matters/{alone}/consent", json=body)).status_code == 422
        both = await bench.entered(queue_form(**represented()), consent=False)
        assert (await bench.call("POST", f"/matters/{both}/consent", json=body)).status_code == 200

    async def test_nobody_consents_before_they_are_named(self, bench: Bench) -> None:
        matter = str((await bench.done("POST", "/matters", json={"service": QUEUE}))["id"])
        assert (await bench.call("POST", f"/matters/{matter}/consent", json={"version": "1"})).status_code == 409


class TestWhoMaySeeWhat:
    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("GET", "", None),
            ("PUT", "/form", queue_form()),
            ("POST", "/consent", {"version": "1"}),
            ("POST", "/registry-queries", None),
            ("POST", "/registry-queries/retry", None),
            ("PUT", "/documents/benefit_document", {"present": True}),
            ("GET", "/documents/benefit_document/scan", None),
            ("GET", "/document", None),
            ("POST", "/sign", None),
            ("POST", "/submit", None),
            ("POST", "/refuse-acceptance", None),
            ("GET", "/acceptance-receipt", None),
            ("GET", "/refusal-receipt.pdf", None),
            ("GET", "/result", None),
            ("POST", "/hand-out", {"who": "applicant", "identity_document": "1"}),
        ],
    )
    async def test_another_centres_matter_does_not_exist(
        self, bench: Bench, method: str, path: str, body: dict[str, Any] | None
    ) -> None:
        matter = await bench.entered(queue_form())
        bench.headers = await bench.sign_in("olga")
        answer = await bench.call(method, f"/matters/{matter}{path}", **({} if body is None else {"json": body}))
        assert answer.status_code == 404, answer.text
        assert (await bench.call("GET", "/matters")).json() == []

    async def test_colleagues_share_their_centres_matters(self, bench: Bench) -> None:
        matter = await bench.entered(queue_form())
        bench.headers = await bench.sign_in("arman")
        assert [line["id"] for line in (await bench.call("GET", "/matters")).json()] == [matter]
        assert (await bench.state(matter))["operator"] == "aigerim"

    @pytest.mark.parametrize("wrong", ["x", "%00", "01890000-0000-7000-8000-00000000000G"])
    async def test_what_is_no_id_names_nothing(self, bench: Bench, wrong: str) -> None:
        assert (await bench.call("GET", f"/matters/{wrong}")).status_code in (404, 422)

    async def test_every_look_is_in_the_access_log(self, bench: Bench) -> None:
        matter = await bench.entered(queue_form(**represented()))
        await obtained(bench, matter)
        await bench.state(matter)
        bench.headers = await bench.sign_in("supervisor")
        log = await bench.call("GET", "/access-log", params={"matter": matter})
        looks = {(entry["look"], entry["role"]) for entry in log.json()}
        for look in ("form_entered", "registries_asked", "matter_read"):
            assert {(look, role) for role in ("applicant", "representative", "child")} <= looks
        assert {entry["operator"] for entry in log.json()} == {"aigerim"}
        assert not any(iin in log.text for iin in (APPLICANT, CHILD, ATTORNEY))
        of_child = (await bench.call("GET", "/access-log", params={"iin": CHILD})).json()
        assert {entry["role"] for entry in of_child} == {"child"}

    async def test_the_access_log_is_for_the_supervisor_of_the_centre(self, bench: Bench) -> None:
        await bench.entered(queue_form())
        assert (await bench.call("GET", "/access-log")).status_code == 403
        bench.headers = await bench.sign_in("auezov-supervisor")
        assert (await bench.call("GET", "/access-log")).json() == []

    async def test_the_list_has_no_personal_data(self, bench: Bench) -> None:
        await bench.entered(queue_form())
        listed = await bench.call("GET", "/matters")
        assert APPLICANT not in listed.text
        assert "ТЕСТОВА" not in listed.text
