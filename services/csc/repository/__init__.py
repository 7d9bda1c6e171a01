"""Where the centre keeps things: states for units of work, and queries."""

from services.csc.domain.documents import IssuedDocument, SignedRequest, SignedSupplement
from services.csc.domain.matter import Matter
from services.csc.domain.people import AccessEntry, OperatorSession
from services.csc.domain.visits import Counter, SlotUse
from services.csc.models import (
    AccessRow,
    AttemptsRow,
    ComplaintRow,
    CounterRow,
    EnquiryRow,
    FileUseRow,
    IssuedDocumentRow,
    MatterRow,
    SessionRow,
    SignedRequestRow,
    SignedSupplementRow,
    SlotUseRow,
    VisitRow,
)
from shared.db.kept_files import FileUse
from shared.db.states import StateKind
from shared.kit.lockout import Attempts
from shared.regulations.enquiry import Enquiry
from shared.regulations.hearing import Complaint
from shared.regulations.visits import Visit

SESSIONS = StateKind(table=SessionRow, record=OperatorSession, key="token_hash")
ATTEMPTS = StateKind(table=AttemptsRow, record=Attempts, key="subject", contended=True)
MATTERS = StateKind(table=MatterRow, record=Matter, key="id")
ENQUIRIES = StateKind(table=EnquiryRow, record=Enquiry, key="key")
SIGNED_REQUESTS = StateKind(table=SignedRequestRow, record=SignedRequest, key="application")
SIGNED_SUPPLEMENTS = StateKind(table=SignedSupplementRow, record=SignedSupplement, key="notice")
ISSUED_DOCUMENTS = StateKind(table=IssuedDocumentRow, record=IssuedDocument, key="application")
VISITS = StateKind(table=VisitRow, record=Visit, key="id")
SLOT_USES = StateKind(table=SlotUseRow, record=SlotUse, key="key", contended=True)
COUNTERS = StateKind(table=CounterRow, record=Counter, key="name", contended=True)
ACCESS = StateKind(table=AccessRow, record=AccessEntry, key="key")
FILE_USES = StateKind(table=FileUseRow, record=FileUse, key="key")
COMPLAINTS = StateKind(table=ComplaintRow, record=Complaint, key="id")
