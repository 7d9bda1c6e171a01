"""A service the provider offers of itself: it learns who is entitled, offers, and waits for the consent."""

import base64
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from services.provider.domain.matter import Matter, MatterState
from services.provider.errors import NotServedHere
from services.provider.service import notices
from services.provider.service.matters import Matters
from services.provider.service.officers import Officer, Officers
from services.provider.service.results import names_of, person_fields
from shared.crypto.canonical import canonical_json
from shared.crypto.cms import sign_document
from shared.kit.clock import rfc3339
from shared.kit.errors import InvalidInput
from shared.kit.ids import uuid7
from shared.kit.text import Text
from shared.messages.payload import SignedDocument
from shared.messaging.platform import Platform
from shared.messaging.steps import take_step
from shared.regulations.actions import Action
from shared.regulations.forms import validate_form

PROACTIVE = "proactive"
OFFER = "proactive_offer"
"""The kind of the notice."""
_OPEN_FOR = timedelta(days=10)
"""How long an offer may be answered; no text says it."""


class Offers:
    """Use cases of the channel in which the provider begins."""

    def __init__(self, matters: Matters, officers: Officers) -> None:
        self._matters = matters
        self._officers = officers
        self._platform: Platform | None = None

    def open(self, platform: Platform) -> None:
        """Work with ``platform`` from now on."""
        self._platform = platform

    async def make(self, officer: Officer, regulation_id: str, form: Mapping[str, Any]) -> Matter:
        """Offer the service to the recipient whom the state's systems name in ``form``.

        Raises ``NotFound``, ``ChannelNotOffered``, ``NotServedHere``, ``InvalidInput`` with every fault of the form,
        ``Unavailable`` before the organisation's key is enrolled.
        """
        assert self._platform is not None, "offers are opened with the platform"
        context, clock = self._matters.context, self._platform.clock
        regulation, _ = context.regulations.find(regulation_id, PROACTIVE)
        organisation = self._officers.organisation_of(officer)
        serving = context.organisations.serving(regulation_id, PROACTIVE, form)
        if serving is None or serving.bin != organisation.bin:
            raise NotServedHere(f"{organisation.code} does not render this service")
        faults = [
            {"in": "body", "path": f"/form{fault.path}", "message": fault.message.en}
            for fault in validate_form(regulation, PROACTIVE, form)
        ]
        if faults:
            raise InvalidInput(faults=faults)
        signatory = context.organisations.signatory(organisation)
        application, now = uuid7(clock), clock.now()
        content = canonical_json(
            {
                "kind": "offer",
                "application": application,
                "service": regulation_id,
                "channel": PROACTIVE,
                "provider": {"name": organisation.name.model_dump(), "bin": organisation.bin},
                "recipient": person_fields(form.get("applicant")),
                "form": dict(form),
                "offered_at": rfc3339(now),
            }
        )
        identity = signatory.identity
        der = sign_document(content, identity.key, identity.certificate, signatory.chain, now)
        document = SignedDocument(content=content.decode(), signature=base64.b64encode(der).decode())
        async with self._platform.runtime.work([]) as work:
            matter = Matter(
                application=application,
                provider_bin=organisation.bin,
                regulation=regulation_id,
                channel=PROACTIVE,
                entry_number="",
                registered_at=work.now,
                received_at=work.now,
                document=document.content,
                signature=document.signature,
                signature_report={"signed_by": officer.login, "certificate": identity.certificate.thumbprint},
                assignment_id="",
                assignment_digest="",
                state=MatterState.OFFERED.value,
                variant=regulation.variant_of(PROACTIVE, form),
                recipient_iin=(form.get("applicant") or {}).get("iin"),
            )
            case = context.case(work, matter, form)
            take_step(work, regulation, PROACTIVE, Action.OFFER_SERVICE, application, variant=matter.variant)
            child = names_of(form.get("child") or {})
            service = regulation.service
            text = Text(
                kk=f"Сізге «{service.kk}» қызметі ұсынылады. {child}".strip(),
                ru=f"Вам предлагается услуга «{service.ru}». {child}".strip(),
                en=f"The service “{service.en}” is offered to you. {child}".strip(),
            )
            notices.notify(case, OFFER, text, document=document, until=work.now + _OPEN_FOR)
            # What answers the offer is bound to it.
            case.change(assignment_digest=case.matter.notices[-1]["digest"])
            return case.keep()
