"""``make test-faults``: every fault alone and all of them in rotation, on real Kafka and PostgreSQL.

``EGOV_FAULTS`` holds the options of ``python -m tests.faults``, e.g. ``--each 3 --rotation 0``.
"""

import os
import shlex

import pytest

from tests.faults.__main__ import NO_SERVERS, main

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.slow]


def test_nothing_is_lost_or_doubled_when_parts_fail(capfd: pytest.CaptureFixture[str]) -> None:
    with capfd.disabled():
        code = main(shlex.split(os.environ.get("EGOV_FAULTS", "")))
    if code == NO_SERVERS:
        pytest.skip("the fault suite needs real servers, which do not start here")
    assert code == 0
