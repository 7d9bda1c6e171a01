"""Who or what a channel is limited to, as far as the form of an application can tell."""

from collections.abc import Mapping
from typing import Any

from shared.kit.text import Text
from shared.regulations.checks import form_finding
from shared.regulations.errors import ChannelRestricted
from shared.regulations.model import Channel
from shared.regulations.parts import Part


class RestrictionFinding(Part):
    """A restriction that is not met: the law's words with their clause, and what was found."""

    text: Text
    clause: str
    detail: Text


def restriction_findings(channel: Channel, form: Mapping[str, Any]) -> list[RestrictionFinding]:
    """The restrictions of the channel that ``form`` does not meet, in the order of the file; empty: it is open."""
    found = ((known, form_finding(known.check, form) if known.check else None) for known in channel.restrictions)
    return [
        RestrictionFinding(text=known.text, clause=known.clause, detail=detail)
        for known, detail in found
        if detail is not None
    ]


def require_open(channel: Channel, form: Mapping[str, Any]) -> None:
    """Raises ``ChannelRestricted`` if the channel is not for an application with this form."""
    findings = restriction_findings(channel, form)
    if findings:
        words = "; ".join(f"{found.text.en} (clause {found.clause})" for found in findings)
        raise ChannelRestricted(words, restrictions=[found.model_dump() for found in findings])
