"""Attachments: fetched after the commit, checked, retried, taken up again after a restart."""

import stat
from pathlib import Path

import httpx
import pytest

from services.provider import repository
from services.provider.domain.attachments import Attachment
from shared.db.content import ContentStore
from shared.db.session import DatabaseSession
from shared.kit.errors import Transient
from shared.kit.ids import sha256_hex
from shared.messages.types import MessageType
from shared.messaging.testing import eventually
from shared.web.file_names import name_in
from tests.unit.provider.applications import SCAN, assigned, attachment
from tests.unit.provider.bench import Bench

APP = "application-1"
HREF = sha256_hex(SCAN)


async def assign(bench: Bench, **changes: object) -> None:
    message = assigned(bench.pki, APP, attachments=(attachment(**changes),))  # type: ignore[arg-type]
    await bench.deliver(MessageType.APPLICATION_ASSIGNED, APP, message)


async def decided(bench: Bench) -> bool:
    return bool(await bench.sent(MessageType.QUEUE_PLACEMENT_REQUESTED) or await bench.sent(MessageType.DECISION_MADE))


class TestFetching:
    async def test_fitting_attachment_leads_to_the_decision(self, bench: Bench) -> None:
        bench.portal[HREF] = SCAN
        await assign(bench)
        await eventually(lambda: decided(bench))
        assert await bench.steps() == [("condition-3", True)]

    async def test_its_name_is_told_as_it_was_written(self, bench: Bench) -> None:
        bench.portal[HREF] = SCAN
        await assign(bench, name="..\\Көш\u202e.pdf")
        await eventually(lambda: decided(bench))
        officer = await bench.sign_in("aliya")
        read = await bench.http.get(f"/matters/{APP}/attachments/{HREF}", headers=officer)
        assert read.content == SCAN
        assert name_in(read.headers["content-disposition"]) == "Көш.pdf"

    @pytest.mark.parametrize("served", [SCAN[:-1], SCAN + b"!", bytes(len(SCAN)), b""])
    async def test_other_content_is_a_ground_for_refusal(self, bench: Bench, served: bytes) -> None:
        bench.portal[HREF] = served
        await assign(bench)
        await eventually(lambda: decided(bench))
        (message,) = await bench.sent(MessageType.DECISION_MADE)
        assert message.data["decision"] == "refused"
        assert "document-violations" in message.data["document"]["content"]

    async def test_wrong_size_is_a_ground_even_if_the_hash_fits(self, bench: Bench) -> None:
        bench.portal[HREF] = SCAN
        await assign(bench, size=len(SCAN) + 1)
        await eventually(lambda: decided(bench))
        assert await bench.steps() == [("condition-3", False), ("process-7", None)]

    async def test_more_than_the_limit_is_not_kept(self, bench: Bench) -> None:
        await bench.close()
        bench.settings.attachment_limit = len(SCAN) - 1
        await bench.open()
        bench.portal[HREF] = SCAN
        await assign(bench)
        await eventually(lambda: decided(bench))
        assert await bench.steps() == [("condition-3", False), ("process-7", None)]
        assert not list((bench.directory / "provider" / "attachments").rglob("*"))

    @pytest.mark.parametrize("trouble", [None, httpx.ConnectError("refused"), httpx.ReadTimeout("slow")])
    async def test_silent_portal_is_asked_again(self, bench: Bench, trouble: Exception | None) -> None:
        if trouble is not None:
            bench.portal[HREF] = trouble
        await assign(bench)
        assert not await decided(bench)
        bench.portal[HREF] = SCAN
        await eventually(lambda: decided(bench))
        assert await bench.steps() == [("condition-3", True)]

    @pytest.mark.parametrize("failure", [KeyError("planned"), Transient("silent")])
    async def test_fetching_goes_on_after_a_defect_and_after_silence(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch, failure: Exception
    ) -> None:
        bench.portal[HREF] = SCAN
        working, failures = repository.pending_attachments, [failure]

        async def failing(session: DatabaseSession, limit: int, after: str) -> list[Attachment]:
            if failures:
                raise failures.pop()
            return await working(session, limit, after)

        monkeypatch.setattr(repository, "pending_attachments", failing)
        await assign(bench)
        await eventually(lambda: decided(bench))
        assert not failures

    @pytest.mark.parametrize(
        "href",
        [
            f"http://127.0.0.1:1/attachments/{HREF}",  # of a portal that listened elsewhere
            f"http://169.254.169.254/attachments/{HREF}",
            f"egov://nobody/attachments/{HREF}",
            "egov://gateway@portal/x",
            "file:///etc/passwd",
            "//portal",
            "http://[",
            "",
        ],
    )
    @pytest.mark.parametrize("keeper", ["portal", "centre"])
    async def test_no_address_of_a_message_is_asked(self, bench: Bench, href: str, keeper: str) -> None:
        getattr(bench, keeper)[HREF] = SCAN
        await assign(bench, href=href)
        await eventually(lambda: decided(bench))
        assert await bench.steps() == [("condition-3", True)]
        ours = {f"http://127.0.0.1:{port}/attachments/{HREF}" for port in (8101, 8102)}
        assert set(bench.asked) <= ours

    async def test_only_the_system_that_is_named_is_asked(self, bench: Bench) -> None:
        bench.portal[HREF], bench.centre[HREF] = b"another", SCAN
        await assign(bench, href=f"egov://csc/attachments/{HREF}")
        await eventually(lambda: decided(bench))
        assert bench.asked == [f"http://127.0.0.1:8102/attachments/{HREF}"]

    async def test_restart_takes_up_what_was_not_fetched(self, bench: Bench) -> None:
        await assign(bench)
        await bench.close()
        bench.portal[HREF] = SCAN
        await bench.open()
        await eventually(lambda: decided(bench))
        assert await bench.steps() == [("condition-3", True)]

    async def test_same_content_twice_is_decided_once(self, bench: Bench) -> None:
        bench.portal[HREF] = SCAN
        twice = (attachment(), attachment(name="again.pdf"))
        message = assigned(bench.pki, APP, attachments=twice)
        await bench.deliver(MessageType.APPLICATION_ASSIGNED, APP, message)
        await eventually(lambda: decided(bench))
        assert await bench.steps() == [("condition-3", True)]


class TestStore:
    def test_content_is_found_by_its_hash(self, tmp_path: Path) -> None:
        store = ContentStore(tmp_path)
        digest = store.save(SCAN)
        assert store.read(digest) == SCAN
        assert store.save(SCAN) == digest
        assert [path.name for path in tmp_path.rglob("*") if stat.S_ISREG(path.stat().st_mode)] == [digest]
        assert store.read("0" * 64) is None

    @pytest.mark.parametrize("name", ["../../etc/passwd", "A" * 64, "0" * 63, "", "/" * 64])
    def test_anything_but_a_hash_is_no_name(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(ValueError, match="SHA-256"):
            ContentStore(tmp_path).read(name)
