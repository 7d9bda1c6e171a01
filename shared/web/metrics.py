"""Numbers for Prometheus and the outermost layer of the application.

Every application has a registry of its own, because all services may run in one process.
"""

import asyncio
import logging
import math
import time
from collections.abc import Awaitable, Callable

from fastapi import Request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.kit.clock import Clock
from shared.kit.errors import TooLarge, Transient
from shared.web.problems import PROBLEM_MEDIA_TYPE, stand_problem

_LOG = logging.getLogger(__name__)
_PATIENCE_S = 4.0
_MEASURED_EVERY_S = 1.0

# A "created" series beside each counter would double the output and show the wall clock.
disable_created_metrics()  # type: ignore[no-untyped-call]


Measure = Callable[[], Awaitable[None]]
"""Brings the numbers of a registry up to date; may fail, then they stay as they were."""


class Metrics:
    """The HTTP numbers of one service, and where other parts of it add theirs (``sources``)."""

    def __init__(self, clock: Clock) -> None:
        self.registry = CollectorRegistry()
        self.sources: dict[CollectorRegistry, Measure] = {}
        self._measured_at = -math.inf
        self._measuring = asyncio.Lock()
        offset = Gauge(
            "egov_clock_offset_seconds", "How far the stand's time is ahead of real time", registry=self.registry
        )
        offset.set_function(lambda: clock.offset_s)
        self.waiting = Gauge(
            "egov_http_waiting_readers",
            "Requests that wait for a change (?wait=, event streams)",
            registry=self.registry,
        )
        self.requests = Counter(
            "egov_http_requests", "HTTP requests answered", ["method", "route", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "egov_http_request_seconds",
            "Time to the end of an HTTP answer",
            ["method", "route"],
            registry=self.registry,
        )

    async def exposition(self) -> bytes:
        """All numbers in Prometheus' text format. However often it is asked for, things are measured once a second."""
        async with self._measuring:
            now = time.monotonic()
            if now - self._measured_at >= _MEASURED_EVERY_S:
                self._measured_at = now
                await asyncio.gather(*(_measured(measure) for measure in self.sources.values()))
        return b"".join(generate_latest(registry) for registry in (self.registry, *self.sources))


async def _measured(measure: Measure) -> None:
    """Numbers that cannot be had just now must not keep the others back: ``/readyz`` says what is wrong."""
    try:
        async with asyncio.timeout(_PATIENCE_S):
            await measure()
    except (TimeoutError, Transient) as error:
        _LOG.warning("some numbers are not up to date: %s", error or type(error).__name__)
    except Exception:  # noqa: BLE001 — told, and the other numbers are still worth something
        _LOG.exception("some numbers are not up to date")


class ServiceEdge:
    """Outermost ASGI layer: counts and times every request and keeps the errors of the framework in our one shape.

    Starlette answers a defect by the handler of ``error_handlers`` and raises it again; it is logged by then, so it
    stops here unless the answer was cut short. Its body limiter answers in plain text; that becomes a problem.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection; other kinds than HTTP pass untouched."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(send)
        started = time.perf_counter()
        try:
            await self._app(scope, receive, answer.send)
        except Exception:
            if not answer.complete:
                raise
        finally:
            method, route = _method_of(scope), _route_of(scope)
            self._metrics.requests.labels(method, route, str(answer.status)).inc()
            self._metrics.seconds.labels(method, route).observe(time.perf_counter() - started)
        if answer.withheld:
            await stand_problem(Request(scope), TooLarge())(scope, receive, send)


class _Answer:
    """Watches an answer on its way out and holds back the limiter's plain one."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 0
        self.withheld = False
        self.complete = False

    async def send(self, message: Message) -> None:
        """Pass ``message`` on, unless the answer is withheld."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            kind = dict(message["headers"]).get(b"content-type", b"")
            self.withheld = self.status == TooLarge.status_code and kind != PROBLEM_MEDIA_TYPE.encode()
        elif message["type"] == "http.response.body":
            self.complete = not message.get("more_body", False)
        if not self.withheld:
            await self._send(message)


def _method_of(scope: Scope) -> str:
    """The method, or ``other``: labels must not grow with whatever a caller invents."""
    method = str(scope["method"])
    return method if method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} else "other"


def _route_of(scope: Scope) -> str:
    """The path template, never the path itself, which holds identifiers."""
    context = scope.get("fastapi", {}).get("effective_route_context")
    return str(getattr(context or scope.get("route"), "path_format", "unmatched"))
