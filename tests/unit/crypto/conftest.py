"""A public key infrastructure in memory for every test of signatures."""

import pytest

from shared.crypto.testing import MemoryPKI
from shared.kit.clock import Clock


@pytest.fixture
def pki(clock: Clock) -> MemoryPKI:
    """Root, issuing authority and responder with fresh keys."""
    return MemoryPKI(clock)
