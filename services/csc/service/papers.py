"""Process 5, documents: marks about paper documents, comparison with the originals, scans, registries' extracts."""

from dataclasses import replace
from pathlib import Path

from services.csc.domain.matter import Matter
from services.csc.domain.papers import files_of, markable
from services.csc.domain.people import Operator
from services.csc.domain.states import Paper, Scan
from services.csc.repository import FILE_USES, MATTERS, queries
from services.csc.service.context import Context, checked_id, log_look
from shared.db.kept_files import use_key
from shared.kit.clock import rfc3339
from shared.kit.errors import Conflict, InvalidInput, NotFound
from shared.messaging.questions import extract_file
from shared.regulations.enquiry import Enquiry
from shared.regulations.errors import WrongState
from shared.web.uploads import Incoming, keep_upload, kept_file


class Papers:
    """Use cases around the documents a visitor brings."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def mark(
        self, operator: Operator, matter_id: str, code: str, *, present: bool, compared: bool, returned: bool
    ) -> Paper:
        """Note that a document is there, was compared with its original, and the original given back. The time of each
        is that of the first note; a document that is not there loses its marks and its scan.

        Raises ``NotFound``, ``InvalidInput`` (no such document), ``WrongState``.
        """
        await self._check(operator, matter_id, code)
        async with (
            self._context.replacing_files(matter_id) as files,
            self._context.platform.runtime.work([(MATTERS, matter_id)]) as work,
        ):
            matter = self._context.owned(work.get(MATTERS, matter_id), operator)
            files.released.update(files_of(matter))
            former, now = matter.paper(code), rfc3339(work.now)
            paper = Paper(
                document=code,
                present=present,
                compared_at=(former["compared_at"] or now) if compared else None,
                returned_at=(former["returned_at"] or now) if returned else None,
                scan=former["scan"] if present else None,
            )
            work.put(MATTERS, matter.noted(paper, work.now))
        return paper

    async def scan(self, operator: Operator, matter_id: str, code: str, incoming: Incoming) -> Paper:
        """Keep the scan of a document that is there. Raises as ``mark``, and ``UnsupportedMedia``, ``TooLarge``."""
        matter = await self._check(operator, matter_id, code)
        if not matter.paper(code)["present"]:
            raise WrongState("note first that the document is there", state=matter.state.value)
        limit = self._context.settings.attachment_limit
        async with self._context.replacing_files(matter_id) as files:
            kept = await keep_upload(self._context.scans, incoming, limit, files.note_use)
            scan = Scan(name=kept.name or code, media_type=kept.media_type, size=kept.size, sha256=kept.sha256)
            use = use_key(matter_id, kept.sha256)
            async with self._context.platform.runtime.work([(MATTERS, matter_id), (FILE_USES, use)]) as work:
                found = self._context.owned(work.get(MATTERS, matter_id), operator)
                if work.get(FILE_USES, use) is None:
                    raise Conflict("the same file was replaced meanwhile: send it again")
                files.released.update(files_of(found))
                paper = Paper(**{**found.paper(code), "scan": scan})
                work.put(MATTERS, found.noted(paper, work.now))
        return paper

    async def own_scan(self, operator: Operator, matter_id: str, code: str) -> tuple[Scan, Path]:
        """The scan of a document and where it is; the look is noted. Raises ``NotFound``."""
        async with self._context.platform.runtime.work([(MATTERS, checked_id(matter_id))]) as work:
            matter = self._context.owned(work.get(MATTERS, matter_id), operator)
            log_look(work, operator, matter, "scan_read")
        scan = matter.paper(code)["scan"]
        if scan is None:
            raise NotFound("there is no scan of this document")
        return scan, kept_file(self._context.scans, scan["sha256"])[1]

    async def attachment(self, sha256: str) -> tuple[str, Path | bytes]:
        """Media type and place, or content, of an attachment. Knowing the digest is the permission. Raises
        ``NotFound``."""
        if self._context.scans.path(sha256) is not None:
            return kept_file(self._context.scans, sha256)
        async with self._context.platform.database.session() as session:
            found: Enquiry | None = await queries.find_extract(session, sha256)
        if found is None or found.content is None or found.signature is None:
            raise NotFound("no such attachment")
        return "application/json", extract_file(found.content, found.signature)

    async def _check(self, operator: Operator, matter_id: str, code: str) -> Matter:
        matter = await self._context.own(operator, matter_id)
        if markable(self._context.law_of(matter)[1], code) is None:
            message = "the regulation names no such document to hand in"
            raise InvalidInput(message, faults=[{"in": "path", "path": "/code", "message": message}])
        # Nobody uploads to a matter that has left the window.
        replace(matter).noted(matter.paper(code), self._context.clock.now())
        return matter
