"""The preschool organisations that a form may name: a field with the directory ``kindergartens`` takes a number that
one of them has, at the organisations that render the service in that channel (annex 6 of the standard of 2012).

The numbers are no part of the law, so they are filled in where a service is put together.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from shared.kit.checked_files import read_model
from shared.kit.text import Text
from shared.regulations.fields import FormField, Option
from shared.regulations.loader import Regulations
from shared.regulations.model import Channel
from shared.regulations.serving import Entry, ServingOrganisation

_DEMO = Path(__file__).parents[2] / "deploy" / "demo"


class _Organisations(Entry):
    organisations: tuple[ServingOrganisation, ...]


class _Kindergarten(Entry):
    organisation: str
    number: str
    name: Text


class _Kindergartens(Entry):
    kindergartens: tuple[_Kindergarten, ...] = ()


def with_kindergartens(
    regulations: Regulations, kindergartens: Path | None = None, organisations: Path | None = None
) -> Regulations:
    """``regulations`` in whose forms the numbers are filled in.

    ``kindergartens``, ``organisations``: the provider's files; ``None``: those of the demo. Where nobody who renders
    the service has any, the field stays as it is. Raises ``FileFaults``.
    """
    found = read_model(kindergartens or _DEMO / "kindergartens.yaml", _Kindergartens).kindergartens
    owners = read_model(organisations or _DEMO / "organisations.yaml", _Organisations).organisations
    filled = {}
    for name, regulation in regulations.items():
        channels = {
            channel: _filled(part, [k for k in found if k.organisation in set(_serving(owners, name, channel))])
            for channel, part in regulation.channels.items()
        }
        changed = any(channels[channel] is not part for channel, part in regulation.channels.items())
        filled[name] = regulation.model_copy(update={"channels": channels}) if changed else regulation
    return Regulations(filled)


def _filled(channel: Channel, kindergartens: Sequence[_Kindergarten]) -> Channel:
    fields = channel.form.fields if channel.form else ()
    if not kindergartens or not any(field.directory for field in fields):
        return channel
    by_number = {item.number: Option(value=item.number, label=item.name) for item in kindergartens}
    options = tuple(by_number.values())
    form = channel.form.model_copy(  # type: ignore[union-attr]
        update={"fields": tuple(_choice(field, options) if field.directory else field for field in fields)}
    )
    return channel.model_copy(update={"form": form})


def _choice(field: FormField, options: tuple[Option, ...]) -> FormField:
    return field.model_copy(update={"type": "choice", "options": options, "example": None})


def _serving(organisations: Sequence[ServingOrganisation], regulation: str, channel: str) -> Iterator[str]:
    """The codes of those who render it: who is named for it comes before who takes whatever an issuer has."""
    taken: set[str] = set()
    for exact, narrow in ((True, True), (False, True), (False, False)):
        for organisation in organisations:
            for served in organisation.serves:
                case = json.dumps(served.when, sort_keys=True, default=str)
                whole = served.regulation == regulation
                issuer = served.regulation.endswith("/*") and regulation.startswith(served.regulation[:-1])
                fits = whole if exact else issuer and bool(served.channels) is narrow
                if fits and (not served.channels or channel in served.channels) and (exact or case not in taken):
                    taken.add(case)
                    yield organisation.code
