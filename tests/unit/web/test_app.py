"""The shell of a service: health, numbers, pages, what the tools switch opens, and its OpenAPI document."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from fastapi.responses import StreamingResponse
from prometheus_client import CollectorRegistry, Gauge

from shared.kit.clock import Clock
from shared.kit.errors import Transient
from shared.web import health, metrics
from tests.factories.bare_services import bare_service

Opener = Callable[[FastAPI], AbstractAsyncContextManager[httpx.AsyncClient]]


class TestHealth:
    async def test_live_and_ready(self, client: httpx.AsyncClient) -> None:
        assert (await client.get("/livez")).json() == {"status": "alive"}
        answer = await client.get("/readyz")
        assert answer.json() == {"status": "ready", "checks": ["broker", "database"]}

    async def test_a_dependency_that_is_down_is_named(
        self, client: httpx.AsyncClient, checks: dict[str, str | None]
    ) -> None:
        checks["broker"] = "no connection"
        answer = await client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["reasons"] == {"broker": "no connection"}
        assert answer.json()["retryable"] is True
        assert (await client.get("/livez")).status_code == 200

    async def test_a_broken_check_means_not_ready(self, clock: Clock, open_client: Opener) -> None:
        async def broken() -> dict[str, str | None]:
            raise OSError("disk")

        async with open_client(_bare(clock, broken)) as client:
            answer = await client.get("/readyz")
        assert (answer.status_code, answer.json()["reasons"]) == (503, {"readiness": "OSError"})

    async def test_a_hanging_check_means_not_ready(
        self, clock: Clock, open_client: Opener, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def hanging() -> dict[str, str | None]:
            await asyncio.Event().wait()
            return {}

        monkeypatch.setattr(health, "_PATIENCE_S", 0.01)
        async with open_client(_bare(clock, hanging)) as client:
            answer = await client.get("/readyz")
        assert (answer.status_code, list(answer.json()["reasons"])) == (503, ["readiness"])


class TestMetrics:
    async def test_requests_are_counted_by_template_not_by_path(self, client: httpx.AsyncClient) -> None:
        await client.get("/v1/things/950101300123")
        await client.get("/v1/defect")
        await client.get("/nowhere/950101300123")
        await client.request("BREW", "/v1/things/1")
        text = (await client.get("/metrics")).text
        assert 'egov_http_requests_total{method="GET",route="/v1/things/{number}",status="200"} 1.0' in text
        assert 'egov_http_requests_total{method="GET",route="/v1/defect",status="500"} 1.0' in text
        assert 'egov_http_requests_total{method="GET",route="unmatched",status="404"} 1.0' in text
        assert 'method="other"' in text
        assert "950101300123" not in text
        assert "BREW" not in text

    async def test_two_services_of_one_process_count_apart(
        self, make_app: Callable[[bool], FastAPI], open_client: Opener
    ) -> None:
        async with open_client(make_app(False)) as first, open_client(make_app(False)) as second:
            await first.get("/v1/things/1")
            assert "/v1/things" in (await first.get("/metrics")).text
            assert "/v1/things" not in (await second.get("/metrics")).text

    async def test_offset_of_the_clock_follows_it(self, client: httpx.AsyncClient, clock: Clock) -> None:
        clock.resume()
        assert "egov_clock_offset_seconds 0.0" in (await client.get("/metrics")).text
        clock.advance(timedelta(days=2))
        assert "egov_clock_offset_seconds 172800.0" in (await client.get("/metrics")).text

    async def test_numbers_of_other_parts_are_measured_once_a_second_however_often_asked(
        self, make_app: Callable[[bool], FastAPI], open_client: Opener
    ) -> None:
        app, registry = make_app(False), CollectorRegistry()
        gauge = Gauge("egov_part", "Of another part", registry=registry)

        async def measure() -> None:
            gauge.inc()

        app.state.metrics.sources[registry] = measure
        async with open_client(app) as client:
            answers = await asyncio.gather(*(client.get("/metrics") for _ in range(5)))
        assert all("egov_part 1.0" in answer.text for answer in answers)

    @pytest.mark.parametrize("failure", [Transient("database: silent"), RuntimeError("a defect"), None])
    async def test_part_that_cannot_be_measured_keeps_nothing_back(
        self,
        make_app: Callable[[bool], FastAPI],
        open_client: Opener,
        failure: Exception | None,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        async def measure() -> None:
            if failure is None:
                await asyncio.Event().wait()
            else:
                raise failure

        monkeypatch.setattr(metrics, "_PATIENCE_S", 0.01)
        app = make_app(False)
        app.state.metrics.sources[CollectorRegistry()] = measure
        async with open_client(app) as client:
            answer = await client.get("/metrics")
        assert answer.status_code == 200
        assert "egov_http_waiting_readers" in answer.text
        assert "some numbers are not up to date" in caplog.text


class TestPages:
    @pytest.mark.parametrize(
        ("language", "words"),
        [("en", "not a state system"), ("ru", "не государственная система"), ("kk", "мемлекеттік жүйе емес")],
    )
    async def test_every_page_says_what_it_is_not(self, client: httpx.AsyncClient, language: str, words: str) -> None:
        for path in ("/", "/docs"):
            answer = await client.get(path, headers={"Accept-Language": language})
            assert words in answer.text
            assert answer.headers["content-language"] == language

    async def test_pages_load_nothing(self, client: httpx.AsyncClient) -> None:
        for path in ("/", "/docs"):
            answer = await client.get(path)
            assert "://" not in answer.text
            assert "<script" not in answer.text
            assert "default-src 'none'" in answer.headers["content-security-policy"]

    async def test_titles_are_escaped(self, client: httpx.AsyncClient) -> None:
        assert "<h1>Sample &lt;portal&gt;</h1>" in (await client.get("/")).text

    async def test_docs_list_every_operation(self, client: httpx.AsyncClient) -> None:
        text = (await client.get("/docs")).text
        for path in (await client.get("/openapi.json")).json()["paths"]:
            assert f"<code>{path}</code>" in text


class TestTools:
    async def test_without_tools_no_stand_path_exists(
        self, make_app: Callable[[bool], FastAPI], open_client: Opener
    ) -> None:
        async with open_client(make_app(False)) as client:
            for path in ("clock", "reset", "faults"):
                assert (await client.get(f"/__stand/{path}")).status_code == 404
                assert (await client.post(f"/__stand/{path}")).status_code == 404
            assert "__stand" not in (await client.get("/openapi.json")).text
            assert "__stand" not in (await client.get("/")).text

    async def test_state_carries_code_and_clock(self, make_app: Callable[[bool], FastAPI], clock: Clock) -> None:
        app = make_app(True)
        assert (app.state.code, app.state.clock, app.state.tools) == ("portal", clock, True)


class TestOpenAPI:
    async def test_every_operation_documents_the_problem(self, client: httpx.AsyncClient) -> None:
        document = (await client.get("/openapi.json")).json()
        assert document["components"]["schemas"]["Problem"]["properties"]["faults"]
        for path, operations in document["paths"].items():
            for operation in operations.values():
                for status in ("4XX", "5XX"):
                    assert list(operation["responses"][status]["content"]) == ["application/problem+json"], path
                assert "422" not in operation["responses"], path


class TestEdge:
    async def test_an_answer_cut_short_stays_an_error_of_the_connection(
        self, clock: Clock, open_client: Opener
    ) -> None:
        router = APIRouter()

        @router.get("/stream")
        async def stream() -> StreamingResponse:
            async def parts():  # noqa: ANN202
                yield b"one"
                raise ValueError("broken midway")

            return StreamingResponse(parts())

        async with open_client(_bare(clock, None, router)) as client:
            with pytest.raises(ValueError, match="broken midway"):
                await client.get("/stream")


def _bare(clock: Clock, readiness: health.Readiness | None, *routers: APIRouter) -> FastAPI:
    return bare_service("pki", clock, routers=routers, **({} if readiness is None else {"readiness": readiness}))
