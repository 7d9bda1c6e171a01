"""The services a recipient can choose on the portal, with form, documents and terms (part of process 3)."""

from collections.abc import Mapping
from typing import Any

from services.portal.errors import ChannelNotOffered
from services.portal.service.context import CHANNEL, Context
from shared.crypto.canonical import canonical_json
from shared.kit.errors import InvalidInput, NotFound
from shared.kit.text import Language
from shared.regulations.checks import value_at
from shared.regulations.forms import form_schema, validate_form
from shared.regulations.loader import Regulations
from shared.regulations.model import Channel, Regulation

_APPLICANT_IIN = "/applicant/iin"


def offered(regulations: Regulations, service: str) -> tuple[Regulation, Channel]:
    """The regulation of a service and its portal channel. Raises ``NotFound``, ``ChannelNotOffered``."""
    regulation = regulations.get(service)
    if regulation is None:
        raise NotFound("there is no such service")
    for name, channel in regulation.channels.items():
        if name == CHANNEL and channel.steps:
            return regulation, channel
    clauses = sorted({channel.clause for channel in regulation.channels.values()})
    listed = sorted(regulation.channels)
    raise ChannelNotOffered(
        f"{service} is rendered through {', '.join(listed)}", clause=", ".join(clauses), channels=listed
    )


class Catalogue:
    """What is offered."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def services(self, *, issuer: str | None, text: str | None) -> list[Regulation]:
        """The regulations rendered through the portal; of one issuer, with a text in a title, if asked."""
        found = self._context.regulations.offered(CHANNEL)
        wanted = (text or "").casefold()
        return [
            regulation
            for regulation in found
            if (issuer is None or regulation.id.startswith(f"{issuer}/"))
            and any(wanted in title.casefold() for title in regulation.service.model_dump().values())
        ]

    def service(self, service: str) -> tuple[Regulation, Channel]:
        """One service. Raises ``NotFound``, ``ChannelNotOffered``."""
        return offered(self._context.regulations, service)

    def form(self, service: str, language: Language) -> dict[str, Any]:
        """The JSON Schema of the form with labels. Raises ``NotFound`` also for a service without a form."""
        regulation, channel = self.service(service)
        if channel.form is None:
            raise NotFound("this service has no form")
        return form_schema(regulation, CHANNEL, language)


def check_form(regulation: Regulation, form: Mapping[str, Any], iin: str, language: Language) -> None:
    """Raise ``InvalidInput`` with every fault at once, words in ``language``.

    Checked are the schema, the rules between fields, and that the applicant named in the request is the one signed in.
    """
    faults = [
        {"in": "body", "path": fault.path, "message": fault.message.pick(language)}
        for fault in validate_form(regulation, CHANNEL, form)
    ]
    named = value_at(form, _APPLICANT_IIN)
    known = {fault["path"] for fault in faults}
    if isinstance(named, str) and named != iin and _APPLICANT_IIN not in known:
        message = {
            "kk": "порталға кірген адамның ЖСН-і емес",
            "ru": "не ИИН вошедшего на портал",
            "en": "not the IIN of the person who is signed in",
        }
        faults.append({"in": "body", "path": _APPLICANT_IIN, "message": message[language]})
    if faults:
        raise InvalidInput("the form does not fit its schema", faults=faults)
    canonical_json(dict(form))  # what has no canonical form (a number too great) could not be signed later
