"""A system does not take a message of the portal: about a complaint, or about an application."""

from services.portal.service.complaints import RecipientComplaints
from services.portal.service.incoming import Incoming
from shared.db.states import StateKey
from shared.messaging.records import Received
from shared.messaging.work import Work


class Rejections:
    """Whose matter the rejected message was."""

    def __init__(self, incoming: Incoming, complaints: RecipientComplaints) -> None:
        self._incoming = incoming
        self._complaints = complaints

    def loads(self, received: Received) -> list[StateKey]:
        """The application or the complaint of this id."""
        return [*self._incoming.loads(received), *self._complaints.loads(received)]

    def note(self, work: Work, received: Received) -> None:
        """The cabinet shows it; nothing is refused by it."""
        if not self._complaints.note_rejection(work, received):
            self._incoming.note_rejection(work, received)
