"""Which use case handles what the notary registry receives."""

from services.registries.common.service.answers import AnswerDesk
from services.registries.notary.service.answering import PowerQueries
from shared.messages.types import MessageType
from shared.messaging.handlers import Handlers


def notary_handlers(desk: AnswerDesk) -> Handlers:
    """The table of message types."""
    queries = PowerQueries(desk)
    handlers = Handlers()
    handlers.on(MessageType.REGISTRY_REQUESTED, queries.answer_query, queries.loads_search)
    # Nothing here waits for anybody: an answer that was not taken is in the log of the gateway and of whoever asked.
    handlers.on(MessageType.MESSAGE_REJECTED, lambda _work, _received: None, lambda _received: ())
    return handlers
