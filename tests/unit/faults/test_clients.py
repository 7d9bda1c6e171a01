"""A client repeats, asks and gives up as a real one does, and writes down what it was told."""

from collections.abc import Callable

import httpx
import pytest

from tests.faults import clients
from tests.faults.clients import Desk, GaveUp, Patience
from tests.faults.history import Operation

Answer = httpx.Response | Exception


class _Counter(Desk):
    """A client whose sign-in is counted."""

    channel = "portal"
    signed_in = 0

    async def sign_in(self) -> None:
        self.signed_in += 1


def _status(code: int) -> httpx.Response:
    return httpx.Response(code, json={"id": "application-1"}, request=httpx.Request("POST", "http://portal/"))


def _server(*answers: Answer) -> Callable[[], object]:
    left = list(answers)

    async def call() -> httpx.Response:
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    return call


@pytest.fixture
async def desk(monkeypatch: pytest.MonkeyPatch) -> _Counter:
    monkeypatch.setattr(clients, "PATIENCE_S", 1.0)
    return _Counter([], Patience())


def _told(desk: Desk) -> list[tuple[str, int]]:
    found: list[Operation] = desk._history
    return [(op.outcome, op.tries) for op in found]


async def test_what_is_answered_is_done(desk: _Counter) -> None:
    assert await desk.wanted("c", "draft", None, _server(_status(201))) == {"id": "application-1"}
    assert _told(desk) == [("ok", 1)]
    assert desk._history[0].application == "application-1"


@pytest.mark.parametrize(
    "trouble", [httpx.ConnectError("no"), httpx.ReadTimeout("no"), _status(503), _status(429)], ids=str
)
async def test_what_passes_is_tried_again(desk: _Counter, trouble: Answer) -> None:
    await desk.wanted("c", "form", "a", _server(trouble, trouble, _status(200)))
    assert _told(desk) == [("ok", 3)]


async def test_a_refused_call_has_not_happened(desk: _Counter) -> None:
    with pytest.raises(GaveUp):
        await desk.wanted("c", "form", "a", _server(_status(422)))
    assert _told(desk) == [("fail", 1)]


async def test_a_lost_answer_is_asked_for(desk: _Counter) -> None:
    async def happened() -> bool:
        return True

    await desk.wanted("c", "submit", "a", _server(httpx.ReadError("gone"), _status(409)), happened=happened)
    assert _told(desk) == [("ok", 2)]


@pytest.mark.parametrize(("code", "sign_ins"), [(503, 0), (401, 1)])
async def test_who_cannot_be_asked_now_is_asked_later(desk: _Counter, code: int, sign_ins: int) -> None:
    asked = 0

    async def happened() -> bool:
        nonlocal asked
        asked += 1
        if asked == 1:
            _status(code).raise_for_status()
        return True

    await desk.wanted("c", "submit", "a", _server(httpx.ReadError("gone")), happened=happened)
    assert _told(desk) == [("ok", 3)]
    assert desk.signed_in == sign_ins


async def test_an_ended_session_is_opened_anew(desk: _Counter) -> None:
    await desk.wanted("c", "form", "a", _server(_status(401), _status(200)))
    assert (desk.signed_in, _told(desk)) == (1, [("ok", 2)])


@pytest.mark.parametrize(
    ("trouble", "outcome"), [(httpx.ReadTimeout("no"), "unknown"), (httpx.ConnectError("no"), "fail")]
)
async def test_who_gives_up_knows_whether_it_may_have_happened(
    desk: _Counter, trouble: Exception, outcome: str
) -> None:
    with pytest.raises(GaveUp):
        await desk.wanted("c", "submit", "a", _server(trouble))
    assert _told(desk)[0][0] == outcome
