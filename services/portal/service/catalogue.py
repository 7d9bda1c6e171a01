"""The services a recipient can choose on the portal, with form, documents and terms (part of process 3)."""

from collections.abc import Mapping
from typing import Any

from services.portal.service.context import CHANNEL, Context
from shared.crypto.canonical import canonical_json
from shared.kit.errors import InvalidInput, NotFound
from shared.kit.text import Language
from shared.regulations.checks import value_at
from shared.regulations.forms import form_schema, validate_form
from shared.regulations.model import Channel, Regulation
from shared.regulations.restrictions import require_open

_APPLICANT_IIN = "/applicant/iin"


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

    def service(self, service: str, channel: str = CHANNEL) -> tuple[Regulation, Channel]:
        """One service. Raises ``NotFound``, ``ChannelNotOffered``."""
        return self._context.regulations.find(service, channel)

    def form(self, service: str, channel: str, language: Language) -> dict[str, Any]:
        """The JSON Schema of the form with labels. Raises ``NotFound`` also for a service without a form."""
        regulation, found = self.service(service, channel)
        if found.form is None:
            raise NotFound("this service has no form")
        return form_schema(regulation, channel, language)


def check_form(regulation: Regulation, channel: str, form: Mapping[str, Any], iin: str, language: Language) -> None:
    """Raise ``InvalidInput`` with every fault at once, words in ``language``, or ``ChannelRestricted``.

    Checked are the schema, the rules between fields, that the applicant named in the request is the one signed in, and
    that the channel is open to whoever fills it so.
    """
    faults = [
        {"in": "body", "path": fault.path, "message": fault.message.pick(language)}
        for fault in validate_form(regulation, channel, form)
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
    require_open(regulation.channel(channel), form)
    canonical_json(dict(form))  # what has no canonical form (a number too great) could not be signed later
