"""A service that waits at its start for something silent is not ended for it."""

from services.stand.embedded import STARTED_WITHIN_S
from shared.db.engine import PATIENCE_S
from shared.messaging.platform import AUTHORITY_PATIENCE_S


def test_a_service_has_time_to_wait_for_database_and_authority_one_after_the_other() -> None:
    assert STARTED_WITHIN_S > PATIENCE_S + AUTHORITY_PATIENCE_S
