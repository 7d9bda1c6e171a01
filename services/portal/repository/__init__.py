"""Where the portal keeps things: states for units of work, queries, and files by their digest."""

from services.portal.domain.application import Application
from services.portal.domain.documents import IssuedDocument, SignedRequest
from services.portal.domain.notices import Notice
from services.portal.domain.recipients import Session
from services.portal.models import (
    ApplicationRow,
    AttemptsRow,
    IssuedDocumentRow,
    NoticeRow,
    SessionRow,
    SignedRequestRow,
)
from shared.db.states import StateKind
from shared.kit.lockout import Attempts

SESSIONS = StateKind(table=SessionRow, record=Session, key="token_hash")
ATTEMPTS = StateKind(table=AttemptsRow, record=Attempts, key="subject")
APPLICATIONS = StateKind(table=ApplicationRow, record=Application, key="id")
SIGNED_REQUESTS = StateKind(table=SignedRequestRow, record=SignedRequest, key="application")
ISSUED_DOCUMENTS = StateKind(table=IssuedDocumentRow, record=IssuedDocument, key="application")
NOTICES = StateKind(table=NoticeRow, record=Notice, key="id")
