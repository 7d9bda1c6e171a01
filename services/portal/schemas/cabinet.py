"""Results and notices in the personal cabinet."""

import base64
import json
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from services.portal.domain.documents import IssuedDocument
from services.portal.domain.notices import OFFER, Notice
from shared.kit.text import Language, Text


class ResultRead(BaseModel):
    """The provider's act: the signed document, the signature (CMS, DER, base64) and the report on it."""

    application: str
    granted: bool
    sha256: str
    document: dict[str, Any]
    signature: str
    report: dict[str, Any]
    received_at: datetime
    links: dict[str, str]

    @classmethod
    def of(cls, act: IssuedDocument) -> "ResultRead":
        """What the cabinet shows of the act."""
        base = f"/applications/{act.application}/result"
        links = {
            "document": f"{base}/document",
            "signature": f"{base}/signature.p7s",
            "pdf": f"{base}.pdf",
            "verify": f"/verify/{act.sha256}",
        }
        names = ("application", "granted", "sha256", "signature", "report", "received_at")
        return cls(**{name: getattr(act, name) for name in names}, document=json.loads(act.content), links=links)


class QueuePlaceRead(BaseModel):
    """A place on a queue: the number stays, the place goes down as others leave; 0 once the recipient has left."""

    number: int
    current_place: int
    placed_at: datetime
    released_at: datetime | None = None
    released_for: str | None = None


class NoticeRead(BaseModel):
    """A notice; ``title`` and ``text`` in the language asked for, ``texts`` in all.

    ``document``: the signed document it brings, if any. ``expects``: code of the document that is asked for, ``until``
    by when; of an offer, by when it is to be answered.
    """

    id: str
    application: str
    kind: str
    title: str
    text: str
    texts: Text
    clause: str | None
    grounds: list[dict[str, Any]]
    created_at: datetime
    document: dict[str, Any] | None
    expects: str | None
    until: datetime | None
    links: dict[str, str]

    @classmethod
    def of(cls, notice: Notice, language: Language) -> "NoticeRead":
        """What the cabinet shows of a notice."""
        texts = Text(**notice.text)
        names = ("id", "application", "kind", "clause", "grounds", "created_at", "expects", "until")
        shown = {name: getattr(notice, name) for name in names}
        document = notice.document and {**notice.document, "content": json.loads(notice.document["content"])}
        return cls(
            **shown,
            title=notice.title.pick(language),
            text=texts.pick(language),
            texts=texts,
            document=document,
            links=_notice_links(notice),
        )


def _notice_links(notice: Notice) -> dict[str, str]:
    links = {"application": f"/applications/{notice.application}"}
    if notice.expects is not None:
        links |= {name: f"/notices/{notice.id}/{name}" for name in ("attachment", "document", "submit")}
    if notice.document_sha256 is not None:
        links |= {"printable": f"/notices/{notice.id}/printable", "verify": f"/verify/{notice.document_sha256}"}
    if notice.kind == OFFER:
        links |= {name: f"/applications/{notice.application}/{name}" for name in ("password", "consent")}
    return links


def signature_bytes(act: IssuedDocument) -> bytes:
    """The CMS signature of an act in DER."""
    return base64.b64decode(act.signature)
