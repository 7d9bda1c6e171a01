"""Passwords as Argon2id hashes (RFC 9106), with the parameters of the OWASP password storage recommendation."""

import asyncio

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

_MEMORY_KIB = 19 * 1024


class Passwords:
    """Hashes and checks in a thread: one hash takes tens of milliseconds of a core."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(
            time_cost=2, memory_cost=_MEMORY_KIB, parallelism=1, hash_len=32, salt_len=16, type=Type.ID
        )
        self._nobody: str | None = None

    async def hash(self, password: str) -> str:
        """A new hash of ``password``."""
        return await asyncio.to_thread(self._hasher.hash, _octets(password))

    async def fits(self, password: str, known_hash: str | None) -> bool:
        """Whether ``password`` belongs to ``known_hash``. Without a hash the answer is no, after the same work."""
        if self._nobody is None:
            self._nobody = await self.hash("nobody has this hash")
        found = await asyncio.to_thread(self._verify, known_hash or self._nobody, _octets(password))
        return found and known_hash is not None

    def _verify(self, known_hash: str, password: bytes) -> bool:
        try:
            return self._hasher.verify(known_hash, password)
        except (VerificationError, InvalidHashError):
            return False


def _octets(password: str) -> bytes:
    # JSON can carry half of a surrogate pair, which has no UTF-8 form; it is a character like any other here.
    return password.encode("utf-8", "surrogatepass")
