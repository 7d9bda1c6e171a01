"""Supplements: a notice asks for a document, the visitor brings it, the operator scans, certifies and sends it."""

import base64
import json

from services.csc.domain.documents import SignedSupplement
from services.csc.domain.matter import Matter
from services.csc.domain.notices import met, open_demand, supplement_document
from services.csc.domain.papers import Signer
from services.csc.domain.people import Operator
from services.csc.domain.states import Demand, Scan
from services.csc.errors import PackageIncomplete
from services.csc.repository import FILE_USES, MATTERS, SIGNED_SUPPLEMENTS
from services.csc.service.certification import Certification
from services.csc.service.context import Context, checked_id, log_look
from services.csc.service.journal import put
from shared.crypto.canonical import canonical_json
from shared.db.kept_files import use_key
from shared.kit.clock import rfc3339
from shared.kit.errors import Conflict
from shared.messages.application import ApplicationSupplemented
from shared.messages.payload import AttachmentReference, SignedDocument
from shared.messages.systems import System
from shared.messages.types import MessageType
from shared.web.uploads import Incoming, keep_upload


class Supplements:
    """Use cases around what is supplied afterwards."""

    def __init__(self, context: Context, certification: Certification) -> None:
        self._context = context
        self._certification = certification

    async def scan(self, operator: Operator, matter_id: str, notice: str, incoming: Incoming) -> Matter:
        """Keep the scan of what the notice asks for. Raises ``NotFound``, ``SupplementClosed``, ``UnsupportedMedia``,
        ``TooLarge``."""
        seen = await self._context.own(operator, matter_id)
        expects = open_demand(seen, notice, self._context.clock.now())["expects"]
        limit = self._context.settings.attachment_limit
        async with self._context.replacing_files(matter_id) as files:
            kept = await keep_upload(self._context.scans, incoming, limit, files.note_use)
            scan = Scan(name=kept.name or expects, media_type=kept.media_type, size=kept.size, sha256=kept.sha256)
            use = use_key(matter_id, kept.sha256)
            async with self._context.platform.runtime.work([(MATTERS, matter_id), (FILE_USES, use)]) as work:
                matter = self._context.owned(work.get(MATTERS, matter_id), operator)
                if work.get(FILE_USES, use) is None:
                    raise Conflict("the same file was replaced meanwhile: send it again")
                demand = open_demand(matter, notice, work.now)
                changed = put(work, met(matter, Demand(**{**demand, "scan": scan}), work.now))
            # What was signed and sent before stays, also if it was not taken.
            if demand["scan"] is not None and demand["message_id"] is None:
                files.released.add(demand["scan"]["sha256"])
        return changed

    async def send(self, operator: Operator, matter_id: str, notice: str) -> Matter:
        """Certify with the operator's own key and send; done before, the answer is the same.

        Raises ``NotFound``, ``SupplementClosed``, ``PackageIncomplete`` while nothing is scanned,
        ``OperatorCertificateRefused``, ``Unavailable``.
        """
        seen = await self._context.own(operator, matter_id)
        if any(known["notice"] == notice and known["sent_at"] for known in seen.demands):
            return seen
        content = self._content(operator, seen, open_demand(seen, notice, self._context.clock.now()))
        certified = await self._certification.at_the_workplace(operator, content)
        async with self._context.platform.runtime.work([(MATTERS, checked_id(matter_id))]) as work:
            matter = self._context.owned(work.get(MATTERS, matter_id), operator)
            demand = open_demand(matter, notice, work.now)
            log_look(work, operator, matter, "supplemented")
            text, signature = content.decode(), base64.b64encode(certified.der).decode()
            message = work.send(
                MessageType.APPLICATION_SUPPLEMENTED,
                System.REGIONAL_GATEWAY,
                matter.id,
                ApplicationSupplemented(
                    channel=matter.channel,
                    document=SignedDocument(content=text, signature=signature),
                    attachments=tuple(
                        AttachmentReference.kept_by(System.CSC, **item) for item in json.loads(text)["attachments"]
                    ),
                ),
                regulation=matter.service,
                request_digest=matter.message_digest,
            )
            digest = work.effects.sendings[-1].digest
            work.put(
                SIGNED_SUPPLEMENTS,
                SignedSupplement(
                    notice,
                    matter.id,
                    text,
                    signature,
                    certified.certificate.der,
                    certified.report.as_dict(),
                    operator.login,
                    work.now,
                ),
            )
            sent: Demand = {
                **demand,
                "sent_at": rfc3339(work.now),
                "message_id": message.id,
                "digest": digest,
                "trouble": None,
            }
            work.journal(matter.id, matter.service, matter.channel, "supplemented", mark=True, detail=demand["expects"])
            return put(work, met(matter, sent, work.now))

    def _content(self, operator: Operator, matter: Matter, demand: Demand) -> bytes:
        if demand["scan"] is None:
            missing = [{"document": demand["expects"]}]
            raise PackageIncomplete("scan first what the notice asks for", missing=missing, unfinished=[])
        signer = Signer(operator.login, operator.name, self._context.centres[operator.centre])
        return canonical_json(supplement_document(matter, demand, signer.as_operator()))
