"""A stand that the user names by ``--url``: asked so that whatever answers, or does not, ends in one clear line."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import httpx

from services.stand.addresses import Addresses
from services.stand.embedded import fixed_ports
from shared.hosting.timekeeping import Follower
from shared.kit.clock import Clock, rfc3339
from shared.messaging.http import client_to

_ANSWERS_WITHIN_S = 10.0


class Cannot(Exception):
    """Why a command cannot do what it was asked, in one line for the user."""


def answer_of(http: httpx.Client, method: str, url: str, **arguments: Any) -> Any:
    """The JSON that ``url`` answers with. Raises ``Cannot`` if it does not, or answers with a problem."""
    try:
        answer = http.request(method, url, **arguments)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise _silent(url, error) from error
    return content_of(answer)


def content_of(answer: httpx.Response) -> Any:
    """The JSON in an answer of the stand; ``None`` where it has nothing to say (204). Raises ``Cannot`` if it is no
    JSON, or a problem."""
    if answer.status_code == httpx.codes.NO_CONTENT:
        return None
    url = answer.request.url.copy_with(query=None)
    try:
        content = answer.json()
    except ValueError as error:
        kind = answer.headers.get("content-type", "nothing")
        raise Cannot(f"{url} is no stand's: it answered {answer.status_code} with {kind}") from error
    if answer.is_success:
        return content
    if not isinstance(content, dict) or "title" not in content:
        raise Cannot(f"{url} answered {answer.status_code}: {json.dumps(content)[:200]}")
    title = content["title"]
    detail = content.get("detail") or (title.get("en") if isinstance(title, dict) else title)
    faults = "; ".join(
        f"{fault.get('path')}: {fault.get('message')}" for fault in content.get("faults", ()) if isinstance(fault, dict)
    )
    raise Cannot(" ".join(part for part in (f"{url}: {detail}", faults) if part))


def fitting(content: Any, kind: type, *names: str) -> Any:
    """``content``, if it is a ``kind`` with these members. Raises ``Cannot``: somebody else's JSON."""
    if isinstance(content, kind) and set(names) <= set(content if isinstance(content, dict) else ()):
        return content
    raise Cannot(f"the answer is no stand's: {json.dumps(content)[:100]}")


def _silent(url: str, error: Exception) -> Cannot:
    return Cannot(f"{url} does not answer ({type(error).__name__}: {error}); is the stand up?")


@asynccontextmanager
async def playing_at(url: str, what: str) -> AsyncIterator[tuple[Addresses, Clock]]:
    """The addresses of the stand at ``url`` and a clock that follows its, for a command ``what`` that plays on it.

    The provider's autopilot is on meanwhile. At the end it says by how much the stand's clock was moved, and how it is
    brought back: not by itself, for what was done on the stand at the later time would then lie ahead.

    Raises ``Cannot`` if there is no stand, or its tools are off.
    """
    try:
        addresses = Addresses.at(url, fixed_ports())
    except ValueError as error:
        raise Cannot(str(error)) from error
    clock = Clock()
    async with client_to(addresses.of("pki"), timeout=_ANSWERS_WITHIN_S) as http:
        await _require_tools(http, addresses.urls, what)
        before = fitting(await _ask(http, f"{addresses.of('pki')}/__stand/clock"), dict, "now", "frozen")
        started = asyncio.get_running_loop().time()
        # Whoever signs does so at the stand's time, wherever that has been moved to.
        switch = f"{addresses.of('provider')}/__stand/autopilot"
        autopilot = fitting(await _ask(http, switch), dict, "on")
        follower = Follower(clock, addresses.of("pki"), what, client_to(addresses.of("pki"), timeout=5))
        await follower.start()
        try:
            await http.put(switch, json={"on": True})  # somebody may want to decide by hand; nobody does here
            yield addresses, clock
        finally:
            await http.put(switch, json={"on": autopilot["on"]})
            await follower.stop()
            _tell_moved(before, asyncio.get_running_loop().time() - started, clock, addresses.of("pki"))


def _tell_moved(before: Mapping[str, Any], passed_s: float, clock: Clock, url: str) -> None:
    then = datetime.fromisoformat(before["now"])
    moved_s = (clock.now() - then).total_seconds() - (0 if before["frozen"] else passed_s)
    if abs(moved_s) < 1.0:
        return
    days, rest = divmod(round(abs(moved_s)), 86400)
    by = f"{days} d {rest // 3600} h {rest % 3600 // 60} min {'ahead' if moved_s > 0 else 'back'}"
    print(
        f"The stand's clock was moved {by}, from {rfc3339(then)} to {rfc3339(clock.now())}, and stays there."
        f" `egov clock resume --url {url}` brings it to real time.",
        file=sys.stderr,
    )


async def _require_tools(http: httpx.AsyncClient, urls: Mapping[str, str], what: str) -> None:
    answers = await asyncio.gather(*(_get(http, f"{url}/__stand/clock") for url in urls.values()))
    closed = [code for code, answer in zip(urls, answers, strict=True) if answer.status_code == httpx.codes.NOT_FOUND]
    if closed:
        raise Cannot(
            f"{what} needs the stand's tools (clock, autopilot, officers and operators with their passwords), which are"
            f" off at {', '.join(closed)}: start the services with EGOV_TOOLS=true"
        )
    for answer in answers:
        content_of(answer)


async def _ask(http: httpx.AsyncClient, url: str) -> Any:
    return content_of(await _get(http, url))


async def _get(http: httpx.AsyncClient, url: str) -> httpx.Response:
    try:
        return await http.get(url)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise _silent(url, error) from error
