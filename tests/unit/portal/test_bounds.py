"""What one person may pile up on the portal, and that what is replaced, given up or abandoned is gone from the disk."""

import asyncio
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from services.portal.repository import queries
from shared.db.kept_files import FileUse
from shared.db.session import DatabaseSession
from shared.kit.ids import sha256_hex
from tests.unit.portal.bench import SERVICE, Bench
from tests.unit.portal.test_attachments import DOCUMENT, PDF, attach
from tests.unit.portal.test_recipients import OTHER

_OTHER_PDF = PDF + b"2"


def kept(bench: Bench) -> set[str]:
    """What stands on the disk of the files of applicants, by its digest; ``incoming`` of what is not finished."""
    folder = bench.platform.stand.data_dir / "portal" / "attachments"
    return {path.name if path.parent.name != "incoming" else "incoming" for path in folder.rglob("*") if path.is_file()}


async def uses(bench: Bench) -> list[FileUse]:
    async with bench.platform.database.session() as session:
        rows = await session.execute(bench.hosted.metadata.tables["file_uses"].select())
        return [FileUse(*row) for row in rows]


async def tidy(bench: Bench, **later: float) -> None:
    """Move the clock, and let what is due be done; the session of before has ended."""
    bench.clock.advance(timedelta(**later))
    assert bench.hosted.watch is not None
    await bench.hosted.watch()


class TestFiles:
    async def test_what_is_replaced_is_gone(self, bench: Bench) -> None:
        application = await bench.draft()
        await attach(bench, application)
        await attach(bench, application, _OTHER_PDF)
        assert kept(bench) == {sha256_hex(_OTHER_PDF)}
        path = f"/applications/{application}/attachments/{DOCUMENT}"
        assert (await bench.call("GET", path)).content == _OTHER_PDF
        await bench.call("DELETE", path)
        assert (kept(bench), await uses(bench)) == (set(), [])

    async def test_the_same_file_again_stays(self, bench: Bench) -> None:
        application = await bench.draft()
        for _ in range(3):
            assert (await attach(bench, application)).is_success
        assert kept(bench) == {sha256_hex(PDF)}

    async def test_what_somebody_else_uses_stays(self, bench: Bench) -> None:
        first, second = await bench.draft(), await bench.draft()
        await attach(bench, first)
        await attach(bench, second)
        await attach(bench, first, _OTHER_PDF)
        assert kept(bench) == {sha256_hex(PDF), sha256_hex(_OTHER_PDF)}
        await bench.call("DELETE", f"/applications/{first}")
        assert kept(bench) == {sha256_hex(PDF)}
        await bench.call("DELETE", f"/applications/{second}")
        assert (kept(bench), await uses(bench)) == (set(), [])

    async def test_what_was_sent_stays_for_the_provider(self, bench: Bench) -> None:
        application = await bench.draft()
        await attach(bench, application)
        (await bench.submit(application)).raise_for_status()
        assert (await attach(bench, application, _OTHER_PDF)).status_code == httpx.codes.CONFLICT
        await tidy(bench, days=400)
        assert kept(bench) == {sha256_hex(PDF)}
        assert (await bench.attachment(f"/attachments/{sha256_hex(PDF)}")).content == PDF

    async def test_what_is_not_taken_leaves_nothing(self, bench: Bench) -> None:
        application = await bench.draft()
        (await bench.submit(application)).raise_for_status()
        assert (await attach(bench, application)).status_code == httpx.codes.CONFLICT
        assert (kept(bench), await uses(bench)) == (set(), [])

    async def test_many_at_once_leave_the_one_that_is_attached(self, bench: Bench) -> None:
        application = await bench.draft()
        contents = [PDF + bytes([number % 3]) for number in range(12)]
        answers = await asyncio.gather(*(attach(bench, application, content) for content in contents))
        assert {answer.status_code for answer in answers} <= {200, 201, 409}
        (attached,) = (await bench.state(application))["attachments"]
        assert kept(bench) == {attached["sha256"]}
        assert [use.sha256 for use in await uses(bench)] == [attached["sha256"]]
        own = await bench.call("GET", f"/applications/{application}/attachments/{DOCUMENT}")
        assert sha256_hex(own.content) == attached["sha256"]

    async def test_all_drafts_of_one_person_hold_so_much(self, bench: Bench) -> None:
        await bench.close()
        await bench.open(files_of_one=2 * len(PDF) + 10)
        drafts = [await bench.draft() for _ in range(3)]
        told = [(await attach(bench, draft, PDF + bytes([at]))).status_code for at, draft in enumerate(drafts)]
        assert told[2] == httpx.codes.CONFLICT
        assert len(kept(bench)) == 2
        # Replacing takes no more room, and what is deleted gives it back.
        assert (await attach(bench, drafts[0], PDF + b"9")).is_success
        await bench.call("DELETE", f"/applications/{drafts[1]}")
        assert (await attach(bench, drafts[2])).is_success
        # Somebody else has room of their own.
        bench.headers = await bench.enter(OTHER)
        assert (await attach(bench, await bench.draft(filled=False))).is_success

    async def test_an_upload_that_was_killed_is_forgotten(self, bench: Bench) -> None:
        folder: Path = bench.platform.stand.data_dir / "portal" / "attachments" / "incoming"
        folder.mkdir(parents=True)
        (folder / "torn").write_bytes(b"x")
        await tidy(bench)
        assert kept(bench) == {"incoming"}
        bench.clock.machine_now = lambda: bench.clock.now() + timedelta(days=20_000)  # type: ignore[method-assign]
        await tidy(bench, hours=1)
        assert kept(bench) == set()


class TestDrafts:
    async def test_one_person_has_so_many(self, bench: Bench) -> None:
        await bench.close()
        await bench.open(drafts_of_one=3)
        bench.headers = await bench.enter()
        told = [await bench.call("POST", "/applications", json={"service": SERVICE}) for _ in range(4)]
        assert [answer.status_code for answer in told] == [201] * 3 + [409]
        assert (told[3].json()["type"], told[3].json()["limit"]) == ("urn:egov:problem:limit-reached", 3)
        await bench.call("DELETE", f"/applications/{told[0].json()['id']}")
        assert (await bench.call("POST", "/applications", json={"service": SERVICE})).is_success

    async def test_so_many_also_if_all_come_at_once(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        await bench.close()
        await bench.open(drafts_of_one=3)
        bench.headers = await bench.enter()
        count, seen = queries.count_drafts, []

        async def before_the_others(session: DatabaseSession, iin: str) -> int:
            """Every call has looked before any other has made its draft; what it sees afterwards is true."""
            seen.append(await count(session, iin))
            return 0 if len(seen) % 2 else seen[-1]

        monkeypatch.setattr(queries, "count_drafts", before_the_others)
        told = [(await bench.call("POST", "/applications", json={"service": SERVICE})).status_code for _ in range(5)]
        assert told == [201] * 3 + [409] * 2
        assert len((await bench.call("GET", "/applications")).json()) == 3

    async def test_one_person_gives_up_so_many_in_a_day(self, bench: Bench) -> None:
        await bench.close()
        await bench.open(drafts_given_up_a_day=2)
        drafts = [await bench.draft(filled=False) for _ in range(3)]
        told = [(await bench.call("DELETE", f"/applications/{draft}")).status_code for draft in drafts]
        assert told == [204, 204, 429]

    async def test_what_is_abandoned_goes_with_its_files(self, bench: Bench) -> None:
        old, sent = await bench.draft(), await bench.draft()
        await attach(bench, old)
        (await bench.submit(sent)).raise_for_status()
        await tidy(bench, days=45)
        bench.headers = {"authorization": f"Bearer {(await bench.sign_in()).json()['token']}"}
        fresh = await bench.draft()
        await attach(bench, fresh, _OTHER_PDF)
        await tidy(bench, days=46)
        bench.headers = {"authorization": f"Bearer {(await bench.sign_in()).json()['token']}"}
        assert {line["id"] for line in (await bench.call("GET", "/applications")).json()} == {sent, fresh}
        assert kept(bench) == {sha256_hex(_OTHER_PDF)}
        assert [use.owner for use in await uses(bench)] == [fresh]

    async def test_files_of_a_draft_that_went_when_somebody_was_killed_go_too(self, bench: Bench) -> None:
        application = await bench.draft()
        await attach(bench, application)
        table = bench.hosted.metadata.tables["applications"]
        async with bench.platform.database.transaction() as session:
            await session.execute(table.delete().where(table.c.id == application))
        await tidy(bench)
        assert (kept(bench), await uses(bench)) == (set(), [])
