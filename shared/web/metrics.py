"""Numbers for Prometheus and the outermost layer of the application.

Every application has a registry of its own, because all services may run in one process.
"""

import time

from fastapi import Request
from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.kit.errors import TooLarge
from shared.web.problems import PROBLEM_MEDIA_TYPE, stand_problem

# A "created" series beside each counter would double the output and show the wall clock.
disable_created_metrics()  # type: ignore[no-untyped-call]


class Metrics:
    """The HTTP numbers of one service. Other parts of the service register theirs with ``registry``."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "egov_http_requests", "HTTP requests answered", ["method", "route", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "egov_http_request_seconds",
            "Time to the end of an HTTP answer",
            ["method", "route"],
            registry=self.registry,
        )


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
