"""Who may call at all: by a name of this service, and not from the page of another site.

A page that somebody opens in a browser can send calls to every port of the machine it is read on, and by a name of its
own that leads there (DNS rebinding) also read the answers. So a call names this service in ``Host`` (RFC 9110 §7.2),
and what a browser says about where a call comes from (``Origin``, RFC 6454; ``Sec-Fetch-Site``, W3C Fetch Metadata) is
its own site or one that the operator has named. Programs send neither of the two and are not asked.
"""

import ipaddress
from collections.abc import Collection
from typing import ClassVar
from urllib.parse import urlsplit

from fastapi import Request
from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.kit.errors import Forbidden, StandError
from shared.kit.settings import StandSettings
from shared.kit.text import Text
from shared.web.problems import stand_problem

_READ_BY_SCRIPTS = ("Content-Disposition", "Link", "Location", "Retry-After")
_THIS_MACHINE = {"localhost", "host.docker.internal", "host.containers.internal"}
"""What programs call it, in containers too: nobody can have these names."""
_OWN_SITE = {"same-origin", "none"}


class MisdirectedRequest(StandError):
    """The call names a host that is none of this service's."""

    code = "misdirected-request"
    status_code: ClassVar[int] = 421
    title = Text(kk="Бұл мекенжай стендтікі емес", ru="Это не адрес стенда", en="That is no address of this service")


class CrossSite(Forbidden):
    """The call comes from the page of another site."""

    code = "cross-site"
    title = Text(
        kk="Бөгде сайттан келген сұрау қабылданбайды",
        ru="Запрос с чужого сайта не принимается",
        en="A call from another site is not taken",
    )


def own_names(stand: StandSettings, code: str, *addresses: str) -> frozenset[str]:
    """The names of the service ``code``: its code, the hosts of ``addresses`` and of those that are shown to people,
    and the names that the operator has set."""
    shown = (urlsplit(address).hostname or "" for address in (*addresses, *stand.addresses.values()))
    return frozenset({code, *shown, *stand.hosts} - {""})


class Callers:
    """ASGI layer that turns away calls by another name, and from pages of other sites than ``origins``.

    ``hosts``: names of this service, in lower case; ``*.example.org`` means all below ``example.org``. Numerical
    addresses and ``localhost`` always lead here. ``origins``: sites whose pages may call and read (CORS).
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str], origins: Collection[str]) -> None:
        self._app = app
        self._hosts = frozenset(host for host in hosts if not host.startswith("*."))
        self._below = tuple(host[1:] for host in hosts if host.startswith("*."))
        self._origins = frozenset(origins)
        self._checked: ASGIApp = self._check
        if origins:
            self._checked = CORSMiddleware(
                self._check,
                allow_origins=sorted(origins),
                allow_methods=["*"],
                allow_headers=["*"],
                expose_headers=_READ_BY_SCRIPTS,
            )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection; other kinds than HTTP pass untouched."""
        await (self._checked if scope["type"] == "http" else self._app)(scope, receive, send)

    async def _check(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        try:
            self._check_host(headers)
            self._check_site(headers, scope["method"])
        except StandError as error:
            await stand_problem(Request(scope), error)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _check_host(self, headers: Headers) -> None:
        # Without the field it is no browser: HTTP/1.1 demands it, and what checks our health speaks 1.0.
        for host in headers.getlist("host"):
            name = _authority(f"//{host}")[0]
            if not (_leads_here(name) or name in self._hosts or name.endswith(self._below)):
                raise MisdirectedRequest(f"{host[:100]!r} is no name of this service; EGOV_HOSTS adds one")

    def _check_site(self, headers: Headers, method: str) -> None:
        origin = headers.get("origin")
        if origin is not None:
            if origin in self._origins or _same(origin, headers.get("host", "")):
                return
            raise CrossSite(f"the page is of {origin[:100]!r}; EGOV_CORS_ORIGINS lets pages of a site call")
        site = headers.get("sec-fetch-site", "none")
        followed = method in {"GET", "HEAD"} and headers.get("sec-fetch-mode") == "navigate"
        if site not in _OWN_SITE and not followed:
            raise CrossSite(f"the call is {site[:100]!r}: only links lead here from pages of other sites")


def _authority(url: str) -> tuple[str, int | None]:
    """Host, in lower case and without a dot at its end, and port; an empty host for what is none."""
    try:
        found = urlsplit(url)
        return ("" if "@" in found.netloc else (found.hostname or "").rstrip(".")), found.port
    except ValueError:
        return "", None


def _leads_here(name: str) -> bool:
    """Whether no name service can have been asked: a numerical address, or this machine (RFC 6761, 6.3)."""
    if name in _THIS_MACHINE or name.endswith(".localhost"):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _same(origin: str, host: str) -> bool:
    """Whether ``origin`` is the site that ``host`` names. What stands before the service may speak TLS for it."""
    name, port = _authority(origin)
    usual = {"http": 80, "https": 443}.get(origin.partition("://")[0])
    own, own_port = _authority(f"//{host}")
    return bool(name) and usual is not None and (name, port or usual) == (own, own_port or usual)
