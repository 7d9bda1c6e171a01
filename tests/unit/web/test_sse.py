"""Event streams: complete, in order, resumable, kept alive, and gone when the client is."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import httpx
import pytest
from fastapi import FastAPI

from shared.web import wait
from shared.web.sse import EventStream, LastEventId, StreamEvent, event_stream, follow
from shared.web.wait import Changes

Until = Callable[[Callable[[], bool]], Awaitable[None]]


class Timeline:
    """A growing list of events; ``closed`` when a reader's iterator was closed."""

    def __init__(self, *names: str) -> None:
        self.events = [StreamEvent(str(number), name, {"имя": name}) for number, name in enumerate(names, 1)]
        self.readings = 0

    def add(self, name: str) -> None:
        self.events.append(StreamEvent(str(len(self.events) + 1), name, {}))

    async def read(self) -> Sequence[StreamEvent]:
        self.readings += 1
        return tuple(self.events)


def after(events: Sequence[StreamEvent], last: str | None) -> Sequence[StreamEvent]:
    return events[int(last or 0) :]


def finished(event: StreamEvent) -> bool:
    return event.name == "granted"


class TestFollow:
    async def test_ends_with_the_finishing_event(self) -> None:
        timeline = Timeline("submitted", "granted", "never seen")
        seen = [event.name async for event in follow(timeline.read, after, finished, Changes(), "a")]
        assert seen == ["submitted", "granted"]

    async def test_resumes_after_the_last_id(self) -> None:
        timeline = Timeline("submitted", "registered", "granted")
        seen = [event.id async for event in follow(timeline.read, after, finished, Changes(), "a", "1")]
        assert seen == ["2", "3"]

    async def test_new_events_follow_once_each(self, monkeypatch: pytest.MonkeyPatch, until: Until) -> None:
        monkeypatch.setattr(wait, "POLL_S", 3600)
        timeline, changes = Timeline("submitted"), Changes()
        seen: list[str] = []

        async def listen() -> None:
            seen.extend([event.name async for event in follow(timeline.read, after, finished, changes, "a")])

        listening = asyncio.create_task(listen())
        for name in ("registered", "granted"):
            readings = timeline.readings
            await until(lambda readings=readings: timeline.readings > readings or timeline.readings == 1)
            timeline.add(name)
            changes.notify("a")
        async with asyncio.timeout(5):
            await listening
        assert seen == ["submitted", "registered", "granted"]

    async def test_another_replicas_event_is_found_by_polling(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(wait, "POLL_S", 0.01)
        timeline = Timeline("submitted")
        events = follow(timeline.read, after, finished, Changes(), "a")
        assert (await anext(events)).name == "submitted"
        timeline.add("granted")
        async with asyncio.timeout(5):
            assert (await anext(events)).name == "granted"
        await events.aclose()

    @pytest.mark.parametrize("told", [True, False])
    async def test_followers_share_every_reading(
        self, monkeypatch: pytest.MonkeyPatch, until: Until, told: bool
    ) -> None:
        """Of a change in this process and of polls for the others'; where each begins makes no difference."""
        monkeypatch.setattr(wait, "POLL_S", 3600 if told else 0.05)
        timeline, changes = Timeline("submitted"), Changes()

        async def listen(last: str | None) -> list[str]:
            events = follow(timeline.read, after, finished, changes, "a", last, share="owner")
            return [event.id async for event in events]

        listening = [asyncio.create_task(listen("1" if number % 2 else None)) for number in range(200)]
        await until(lambda: changes.readers == 200)
        for name in ("registered", "granted"):
            readings = timeline.readings
            if not told:
                await until(lambda readings=readings: timeline.readings > readings)
            timeline.add(name)
            if told:
                changes.notify("a")
                await until(lambda readings=readings: timeline.readings > readings)
        async with asyncio.timeout(5):
            seen = await asyncio.gather(*listening)
        assert seen == [["1", "2", "3"], ["2", "3"]] * 100
        assert timeline.readings <= 10  # not shared they are hundreds
        assert changes._readings == {}


class TestWire:
    async def test_over_http(self) -> None:
        app = FastAPI()
        timeline = Timeline("submitted", "registered", "granted")

        @app.get("/events", response_class=EventStream)
        async def get(last: LastEventId = None) -> EventStream:
            return event_stream(follow(timeline.read, after, finished, Changes(), "a", last))

        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
            answer = await client.get("/events", headers={"Last-Event-ID": "2"})
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        assert answer.text == 'retry: 1000\n\nevent: granted\ndata: {"имя": "granted"}\nid: 3\n\n'

    @pytest.mark.parametrize("text", ["a\nid: 9", "a\rb", "a\0"])
    def test_id_and_name_cannot_smuggle_fields(self, text: str) -> None:
        with pytest.raises(ValueError, match="single lines"):
            StreamEvent(text, "x", {}).encode()
        with pytest.raises(ValueError, match="single lines"):
            StreamEvent("1", text, {}).encode()

    def test_line_breaks_in_data_stay_inside_the_json(self) -> None:
        assert StreamEvent("1", "x", "a\n\nevent: y").encode() == b'event: x\ndata: "a\\n\\nevent: y"\nid: 1\n\n'


class TestLife:
    async def test_silence_is_filled_and_the_source_survives_it(self) -> None:
        ready = asyncio.Event()
        closed = []

        async def source() -> AsyncIterator[StreamEvent]:
            try:
                await ready.wait()
                yield StreamEvent("1", "granted", {})
            finally:
                closed.append(True)

        parts = event_stream(source(), keep_alive=0.01).body_iterator
        assert await anext(parts) == b"retry: 1000\n\n"
        assert await anext(parts) == b": keep-alive\n\n"
        assert await anext(parts) == b": keep-alive\n\n"
        ready.set()
        async with asyncio.timeout(5):
            while (part := await anext(parts)) == b": keep-alive\n\n":
                pass
        assert part == b"event: granted\ndata: {}\nid: 1\n\n"
        with pytest.raises(StopAsyncIteration):
            await anext(parts)
        assert closed == [True]

    async def test_leaving_client_ends_the_source(self) -> None:
        changes, timeline = Changes(), Timeline("submitted")
        parts = event_stream(follow(timeline.read, after, finished, changes, "a"), keep_alive=0.01).body_iterator
        while await anext(parts) != b": keep-alive\n\n":
            pass
        assert changes._events
        await parts.aclose()
        assert changes._events == {}

    async def test_failing_source_fails_the_stream(self) -> None:
        async def source() -> AsyncIterator[StreamEvent]:
            raise LookupError("gone")
            yield

        parts = event_stream(source()).body_iterator
        await anext(parts)
        with pytest.raises(LookupError):
            await anext(parts)
