"""Attachments: fetched after the commit, checked against the signed document, kept by their content."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Mapping

import httpx

from services.provider import repository
from services.provider.domain.attachments import Attachment, AttachmentState
from services.provider.repository import ATTACHMENTS
from services.provider.service.matters import FETCH, Matters
from services.provider.service.missing import MissingAttachments
from shared.db.content import ContentStore
from shared.db.missed import until_loaded
from shared.db.states import StateKey
from shared.kit.background import Background
from shared.kit.ids import sha256_hex
from shared.messages.payload import keeper_of
from shared.messages.systems import System
from shared.messaging.platform import Platform
from shared.web.wait import Changes, pause

log = logging.getLogger(__name__)

_AT_ONCE = 4
_PAGE = 100
_LOOK_AGAIN_S = 5.0
"""How often the database is read without being told, for attachments another replica took in and died."""
_LONGEST_PAUSE_S = 60.0
_TELL_AFTER = 3
"""So often it is asked for in vain before the matter shows it: a keeper that is restarted is back sooner."""


class _NotGiven(httpx.HTTPError):
    """Whoever keeps it answers, and does not give it."""


class AttachmentFetcher:
    """The background worker. What is to be fetched stands in the database, so a restart goes on where it was."""

    def __init__(
        self,
        platform: Platform,
        matters: Matters,
        store: ContentStore,
        changes: Changes,
        missing: MissingAttachments,
        *,
        keepers: Mapping[System, str],
        limit: int,
        retry_s: float,
    ) -> None:
        """``keepers``: the base URL of every system that keeps attachments; ``limit`` in bytes."""
        self._keepers = {system: url.rstrip("/") for system, url in keepers.items()}
        self._platform = platform
        self._matters = matters
        self._store = store
        self._changes = changes
        self._limit = limit
        self._retry_s = retry_s
        self._missing = missing
        self._failures: dict[str, tuple[int, float]] = {}
        self.background = Background("provider: attachments", self._run, again_after_s=retry_s)

    def start(self) -> None:
        """Begin to fetch."""
        self.background.start()

    async def stop(self) -> None:
        """Drop what is being fetched; it is fetched again after the next start."""
        await self.background.stop(cancel=True)

    async def _run(self) -> None:
        with self._changes.watch(FETCH) as event:
            while True:
                event.clear()
                due_in = await until_loaded(self._turn)
                if due_in > 0:
                    await pause(event, due_in)

    async def _turn(self) -> float:
        """Fetch what is due; returns the seconds until something is due again."""
        now, keys, missing = asyncio.get_running_loop().time(), set[str](), list[Attachment]()
        async for pending in self._pending():
            keys.update(item.key for item in pending)
            missing += (item for item in pending if item.missing)
            due = [item for item in pending if self._failures.get(item.key, (0, now))[1] <= now]
            for start in range(0, len(due), _AT_ONCE):
                await asyncio.gather(*(self._fetch(item) for item in due[start : start + _AT_ONCE]))
        self._missing.count(missing)
        # A reset may have taken attachments away; their failures must not stay in memory.
        self._failures = {key: failure for key, failure in self._failures.items() if key in keys}
        soonest = min((at for _, at in self._failures.values()), default=now + _LOOK_AGAIN_S)
        return max(0.0, min(soonest, now + _LOOK_AGAIN_S) - asyncio.get_running_loop().time())

    async def _pending(self) -> AsyncIterator[list[Attachment]]:
        """All of them, page by page: however many are missing, they keep no other from being fetched."""
        after = ""
        while True:
            async with self._platform.database.session() as session:
                page = await repository.pending_attachments(session, _PAGE, after)
            if not page:
                return
            yield page
            after = page[-1].key

    async def _fetch(self, attachment: Attachment) -> None:
        if attachment.size > self._limit:
            await self._note(attachment, AttachmentState.MISMATCH)
            return
        try:
            content = await self._found(attachment)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            count = self._failures.get(attachment.key, (0, 0.0))[0] + 1
            wait = min(self._retry_s * 2 ** min(count - 1, 16), _LONGEST_PAUSE_S)
            self._failures[attachment.key] = count, asyncio.get_running_loop().time() + wait
            log.warning("attachment %s: %s, again in %.1f s", attachment.key, _said(error), wait)
            if count >= _TELL_AFTER:
                await self._tell(attachment, error)
            return
        state = AttachmentState.MISMATCH
        if _fits(attachment, content):
            await asyncio.to_thread(self._store.save, content)
            state = AttachmentState.STORED
        await self._note(attachment, state)
        self._failures.pop(attachment.key, None)

    async def _found(self, attachment: Attachment) -> bytes:
        """The content, from the system that keeps it; from any, where the message names none of ours. Where that system
        is reached today is in our settings: addresses of a message may be out of date, or lead to strangers."""
        keeper = keeper_of(attachment.href)
        places = list(self._keepers.values()) if keeper not in self._keepers else [self._keepers[keeper]]
        for place in places[:-1]:
            with contextlib.suppress(httpx.HTTPError):
                return await self._download(place, attachment)
        return await self._download(places[-1], attachment)

    async def _download(self, place: str, attachment: Attachment) -> bytes:
        """The content; of a longer one no more than it takes to see that it is longer than announced."""
        content = bytearray()
        url = f"{place}/attachments/{attachment.sha256}"
        http, signature = self._platform.http, self._platform.signature
        async with http.stream("GET", url, auth=signature, follow_redirects=False) as answer:
            if answer.status_code != httpx.codes.OK:
                raise _NotGiven(f"answers {answer.status_code}")
            async for chunk in answer.aiter_bytes():
                content += chunk
                if len(content) > attachment.size:
                    break
            named = attachment.sha256 in answer.headers.get("etag", "")
        if not named and not _fits(attachment, bytes(content)):
            # Not the keeper's, who names the digest: another program in its place has no application refused.
            raise _NotGiven("answers with something else")
        return bytes(content)

    async def _tell(self, attachment: Attachment, error: Exception) -> None:
        """Have the matter show what is missing, from whom, and why."""
        keeper = keeper_of(attachment.href)
        asked = ", ".join(system.value for system in self._keepers if keeper not in self._keepers or system is keeper)
        trouble = f"{asked}: {_said(error)}"
        if trouble == attachment.trouble:
            return
        async with self._platform.runtime.work([(ATTACHMENTS, attachment.key)]) as work:
            self._matters.note_missing(work, attachment.key, trouble)

    async def _note(self, attachment: Attachment, state: AttachmentState) -> None:
        async with self._platform.database.session() as session:
            siblings = await repository.attachments_of(session, attachment.application)
            matter = await repository.find_matter(session, attachment.application)
        if matter is None:
            return  # a reset took it away
        loads: list[StateKey] = [
            *self._matters.context.loads(matter, self._platform.clock.now()),
            *((ATTACHMENTS, item.key) for item in siblings),
        ]
        async with self._platform.runtime.work(loads) as work:
            self._matters.note_attachment(work, attachment.key, state, siblings)


def _fits(attachment: Attachment, content: bytes) -> bool:
    """Whether it is what the signed document names."""
    return len(content) == attachment.size and sha256_hex(content) == attachment.sha256


def _said(error: Exception) -> str:
    return str(error) if isinstance(error, _NotGiven) else f"does not answer ({type(error).__name__})"
