"""Calls that another system has signed."""

from typing import Any

import httpx

from shared.crypto.testing import MemoryPKI
from shared.messages.systems import System
from shared.messaging.http import SignedCalls


def calls_of(system: System, pki: MemoryPKI, directory: Any) -> httpx.Auth:
    """For ``auth``: signed by a certificate of ``system`` that ``directory``, the one of whom it calls, knows."""
    identity = pki.system(system.value)
    directory.add(identity.certificate)
    return SignedCalls(identity, pki.clock)
