"""Durations as people write them (``3d``, ``1d12h``, ``90s``) and as ISO 8601 does (``P3D``, ``PT5M``)."""

import re
from datetime import timedelta

DURATION_PATTERN = r"^-?(?:(?:[0-9]{1,7}[dhms])+|P[0-9]{1,7}D(?:T(?:[0-9]{1,7}[HMS])+)?|PT(?:[0-9]{1,7}[HMS])+)$"
"""What ``parse_duration`` takes, for a JSON schema. Months and years are out: they have no fixed length."""

_PART = re.compile(r"([0-9]+)([dhms])")
_SECONDS = {"d": 86400, "h": 3600, "m": 60, "s": 1}


def parse_duration(text: str) -> timedelta:
    """The duration ``text`` names; a leading minus makes it negative. Raises ``ValueError`` for anything else."""
    if not re.fullmatch(DURATION_PATTERN, text, re.ASCII) or text.endswith("\n"):
        raise ValueError(f"not a duration: {text[:40]!r}; write 3d, 12h, 30m, 45s, 1d12h or PT5M")
    seconds = sum(int(number) * _SECONDS[unit] for number, unit in _PART.findall(text.lower()))
    return timedelta(seconds=-seconds if text.startswith("-") else seconds)
