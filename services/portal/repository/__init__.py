"""Where the portal keeps things: states for units of work, queries, and files by their digest."""

from services.portal.domain.access import AccessRequest
from services.portal.domain.application import Application
from services.portal.domain.devices import Device, OneTimePassword, TextMessage
from services.portal.domain.documents import IssuedDocument, SignedRequest, SignedSupplement
from services.portal.domain.notices import Notice
from services.portal.domain.recipients import Recipient, Session
from services.portal.models import (
    AccessRequestRow,
    ApplicationRow,
    AttemptsRow,
    DeviceRow,
    FileUseRow,
    IssuedDocumentRow,
    NoticeRow,
    OneTimePasswordRow,
    RecipientRow,
    SessionRow,
    SignedRequestRow,
    SignedSupplementRow,
    TextMessageRow,
)
from shared.db.kept_files import FileUse
from shared.db.states import StateKind
from shared.kit.lockout import Attempts

RECIPIENTS = StateKind(table=RecipientRow, record=Recipient, key="iin")
SESSIONS = StateKind(table=SessionRow, record=Session, key="token_hash")
ATTEMPTS = StateKind(table=AttemptsRow, record=Attempts, key="subject", contended=True)
APPLICATIONS = StateKind(table=ApplicationRow, record=Application, key="id")
SIGNED_REQUESTS = StateKind(table=SignedRequestRow, record=SignedRequest, key="application")
ISSUED_DOCUMENTS = StateKind(table=IssuedDocumentRow, record=IssuedDocument, key="application")
NOTICES = StateKind(table=NoticeRow, record=Notice, key="id")
SIGNED_SUPPLEMENTS = StateKind(table=SignedSupplementRow, record=SignedSupplement, key="notice")
DEVICES = StateKind(table=DeviceRow, record=Device, key="id")
PASSWORDS = StateKind(table=OneTimePasswordRow, record=OneTimePassword, key="purpose", contended=True)
ACCESS_REQUESTS = StateKind(table=AccessRequestRow, record=AccessRequest, key="id")
TEXT_MESSAGES = StateKind(table=TextMessageRow, record=TextMessage, key="id")
FILE_USES = StateKind(table=FileUseRow, record=FileUse, key="key")
