"""Every error of a service is one RFC 9457 document and tells nothing it should not."""

import logging

import httpx
import pytest

ERRORS = {
    "invalid-input": (422, False),
    "unauthorised": (401, False),
    "forbidden": (403, False),
    "not-found": (404, False),
    "conflict": (409, False),
    "too-large": (413, False),
    "unsupported-media": (415, False),
    "too-many-attempts": (429, True),
    "unavailable": (503, True),
    "message-rejected": (422, False),
    "transient": (503, True),
}


class TestExpectedErrors:
    @pytest.mark.parametrize("code", ERRORS)
    async def test_each_has_its_status_type_and_origin(self, client: httpx.AsyncClient, code: str) -> None:
        status, retryable = ERRORS[code]
        answer = await client.get(f"/v1/errors/{code}")
        problem = answer.json()
        assert answer.status_code == problem["status"] == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert problem["type"] == f"urn:egov:problem:{code}"
        assert problem["instance"] == f"/v1/errors/{code}"
        assert (problem["retryable"], problem["origin"]) == (retryable, "portal")

    @pytest.mark.parametrize(
        ("wanted", "language", "title"),
        [
            ("kk", "kk", "Табылмады"),
            ("ru-RU,ru;q=0.9", "ru", "Не найдено"),
            ("de", "en", "Not found"),
            ("", "en", "Not found"),
        ],
    )
    async def test_title_is_in_the_callers_language(
        self, client: httpx.AsyncClient, wanted: str, language: str, title: str
    ) -> None:
        answer = await client.get("/v1/errors/not-found", headers={"Accept-Language": wanted})
        assert answer.json()["title"] == title
        assert answer.headers["content-language"] == language
        assert "Accept-Language" in answer.headers["vary"]

    async def test_type_is_the_same_in_every_language(self, client: httpx.AsyncClient) -> None:
        answers = [
            await client.get("/v1/errors/conflict", headers={"Accept-Language": tag}) for tag in ("kk", "ru", "en")
        ]
        assert {answer.json()["type"] for answer in answers} == {"urn:egov:problem:conflict"}

    async def test_members_extend_the_document(self, client: httpx.AsyncClient) -> None:
        problem = (await client.get("/v1/errors/invalid-input")).json()
        assert problem["faults"] == [{"path": "/a", "message": "bad"}]
        assert problem["detail"] == "no"
        assert "detail" not in (await client.get("/v1/errors/conflict")).json()

    async def test_rejection_names_its_reason(self, client: httpx.AsyncClient) -> None:
        assert (await client.get("/v1/errors/message-rejected")).json()["reason"] == "signature"

    async def test_401_names_the_scheme(self, client: httpx.AsyncClient) -> None:
        assert (await client.get("/v1/errors/unauthorised")).headers["www-authenticate"] == 'Bearer realm="portal"'

    async def test_retry_after_is_given_or_assumed(self, client: httpx.AsyncClient) -> None:
        assert (await client.get("/v1/errors/too-many-attempts")).headers["retry-after"] == "17"
        assert (await client.get("/v1/errors/unavailable")).headers["retry-after"] == "1"
        assert "retry-after" not in (await client.get("/v1/errors/conflict")).headers

    async def test_a_crowd_of_waiters_writes_no_log(
        self, client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
    ) -> None:
        answer = await client.get("/v1/errors/no-room")
        assert (answer.status_code, answer.json()["retryable"], answer.headers["retry-after"]) == (503, True, "5")
        assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


class TestInvalidRequests:
    async def test_every_fault_is_named_at_once(self, client: httpx.AsyncClient) -> None:
        answer = await client.post("/v1/things/x", params={"size": -1}, json={"name": "", "sizes": [1, "two"]})
        found = {(fault["in"], fault["path"]) for fault in answer.json()["faults"]}
        assert answer.status_code == 422
        assert found == {("path", "/number"), ("query", "/size"), ("body", "/name"), ("body", "/sizes/1")}

    @pytest.mark.parametrize(
        ("body", "status"),
        [(b"{bad", 422), (b"", 422), (b'"\\ud800"', 422), (b"NaN", 422), (b"\xff\xfe{", 422), (b"[" * 5000, 422)],
    )
    async def test_malformed_json_is_a_problem(self, client: httpx.AsyncClient, body: bytes, status: int) -> None:
        answer = await client.post("/v1/things/1", content=body, headers={"Content-Type": "application/json"})
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.status_code == status

    async def test_broken_json_points_at_the_whole_body(self, client: httpx.AsyncClient) -> None:
        answer = await client.post("/v1/things/1", content=b"{bad", headers={"Content-Type": "application/json"})
        (fault,) = answer.json()["faults"]
        assert (fault["in"], fault["path"]) == ("body", "")
        assert "at character 1" in fault["message"]

    async def test_input_is_not_echoed(self, client: httpx.AsyncClient) -> None:
        answer = await client.post("/v1/things/1", json={"name": "950101300123" * 4})
        assert answer.status_code == 422
        assert "950101300123" not in answer.text

    @pytest.mark.parametrize("chunked", [False, True])
    async def test_body_over_the_limit_is_413(self, client: httpx.AsyncClient, chunked: bool) -> None:
        async def chunks():  # noqa: ANN202
            for _ in range(300):
                yield b" " * 100

        answer = await client.post(
            "/v1/things/1",
            content=chunks() if chunked else b" " * 30_000,
            headers={"Content-Type": "application/json"},
        )
        assert answer.status_code == 413
        assert answer.json()["type"] == "urn:egov:problem:too-large"


class TestFrameworkErrors:
    async def test_unknown_path_is_404(self, client: httpx.AsyncClient) -> None:
        answer = await client.get("/nowhere")
        assert (answer.status_code, answer.json()["type"]) == (404, "urn:egov:problem:not-found")

    async def test_wrong_method_names_all_that_work(self, client: httpx.AsyncClient) -> None:
        answer = await client.delete("/v1/things/1")
        assert (answer.status_code, answer.json()["type"]) == (405, "urn:egov:problem:method-not-allowed")
        assert answer.headers["allow"] == "GET, HEAD, POST"

    @pytest.mark.parametrize(
        ("status", "code"),
        [
            (400, "malformed"),
            (406, "not-acceptable"),
            (413, "too-large"),
            (415, "unsupported-media"),
            (418, "malformed"),
            (429, "too-many-attempts"),
            (500, "internal"),
            (502, "internal"),
            (503, "unavailable"),
        ],
    )
    async def test_http_exceptions_become_problems(self, client: httpx.AsyncClient, status: int, code: str) -> None:
        answer = await client.get(f"/v1/statuses/{status}")
        assert (answer.status_code, answer.json()["type"]) == (status, f"urn:egov:problem:{code}")
        assert answer.headers["x-kept"] == "yes"
        assert ("retry-after" in answer.headers) == (status in {429, 503})

    async def test_statuses_without_a_body_stay_without(self, client: httpx.AsyncClient) -> None:
        answer = await client.get("/v1/statuses/304")
        assert (answer.status_code, answer.content) == (304, b"")


class TestDefects:
    async def test_defect_is_500_without_internals_and_logged_once(
        self, client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.ERROR):
            answer = await client.get("/v1/defect")
        assert answer.status_code == 500
        assert answer.json()["type"] == "urn:egov:problem:internal"
        assert "C0FFEE" not in answer.text
        assert "ZeroDivision" not in answer.text
        assert [str(record.exc_info and record.exc_info[1]) for record in caplog.records] == ["the key is 0xC0FFEE"]
