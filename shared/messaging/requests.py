"""What binds a message to the request it goes back to."""

from shared.kit.errors import RejectedMessage
from shared.messaging.records import Received


def require_request(received: Received, digest: str | None) -> None:
    """Raises ``RejectedMessage`` (``request-digest``) unless ``received`` names the bytes with ``digest``, which is
    ``None`` where nothing was sent that it could go back to."""
    named = received.message.requestdigest
    if named is None:
        raise RejectedMessage("request-digest", "the message does not say which request it goes back to")
    if digest is None or named != digest:
        raise RejectedMessage("request-digest", "the message goes back to another request than the one that was sent")
