"""Who is silent is waited for once in a while, and what it says later is not lost."""

import asyncio

import pytest

from shared.kit import patience
from shared.kit.patience import PAUSE_S, Patience


class Bench:
    """A clock that is set by hand, and questions that never end."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.patience = Patience(lambda: self.seconds)

    async def ask(self) -> bool:
        """Whether a question without an answer was waited for."""
        question = asyncio.create_task(asyncio.Event().wait())
        loop = asyncio.get_running_loop()
        started = loop.time()
        await self.patience.wait([question])
        assert not question.done()
        question.cancel()
        return loop.time() - started >= patience.WAIT_S


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setattr(patience, "WAIT_S", 0.05)
    return Bench()


async def test_who_is_silent_is_waited_for_once_in_a_while(bench: Bench) -> None:
    assert [await bench.ask(), await bench.ask()] == [True, False]
    bench.seconds += PAUSE_S
    assert [await bench.ask(), await bench.ask()] == [True, False]


async def test_who_has_answered_is_waited_for_again(bench: Bench) -> None:
    assert await bench.ask()
    answer = asyncio.get_running_loop().create_future()
    answer.set_result(None)
    await bench.patience.wait([answer])  # type: ignore[list-item]
    assert await bench.ask()


async def test_what_a_question_raises_is_raised(bench: Bench) -> None:
    async def breaks() -> None:
        raise ValueError("planned")

    with pytest.raises(ValueError, match="planned"):
        await bench.patience.wait([asyncio.create_task(breaks())])
