"""Who may sign acts in tests: the organisation of ``MemoryPKI.officer``, on every service."""

from pathlib import Path

from shared.crypto.testing import BIN

_ISSUERS = ("almaty-city", "almaty-oblast", "karaganda", "national", "oblast")


def issuers_file(directory: Path) -> Path:
    """A file of organisations with that one only."""
    file = directory / "issuers.yaml"
    serves = ", ".join(f"{issuer}/*" for issuer in _ISSUERS)
    file.write_text(f'organisations: [{{code: tests, bin: "{BIN}", serves: [{serves}]}}]', encoding="utf-8")
    return file
