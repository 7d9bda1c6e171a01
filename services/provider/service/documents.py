"""Electronic documents: the applicant's signed request is read and verified, the provider's act formed and signed."""

import base64
import binascii
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from services.provider.domain import Act, Matter, moment_of_signing
from services.provider.service.organisations import Organisation, Signatory
from shared.crypto.canonical import canonical_json
from shared.crypto.cms import sign_document
from shared.crypto.directory import CertificateDirectory
from shared.crypto.policy import Policy, SignedByBIN, SignedByIIN
from shared.crypto.report import Indication, ValidationReport
from shared.crypto.verify import verify_document
from shared.kit.clock import rfc3339
from shared.kit.errors import RejectedMessage, Transient
from shared.kit.ids import sha256_hex
from shared.messages.application import ApplicationAssigned
from shared.messages.payload import AttachmentReference, SignedDocument
from shared.regulations.actions import Action
from shared.regulations.model import Regulation

REASONED_REFUSAL = "reasoned_refusal"
CENTRE_CHANNEL = "csc"
"""In this channel the operator of a centre signs, in the others the applicant."""


@dataclass(frozen=True)
class SignedRequest:
    """What the applicant signed, as far as the provider needs it."""

    application: str
    service: str
    channel: str
    applicant_iin: str
    form: Mapping[str, Any]
    attachments: frozenset[tuple[str, str, int]]
    """Document code, SHA-256 and size of each."""
    created_at: datetime
    centre_bin: str | None = None
    """Of the centre whose operator applied for the applicant, and signed."""


def read_request(content: str) -> SignedRequest:
    """Read the document of an application. Raises ``RejectedMessage`` (``document``) for any other content."""
    try:
        fields = orjson.loads(content)
        if fields["kind"] != "application":
            raise RejectedMessage("document", "the document is no application")
        created_at = datetime.fromisoformat(fields["created_at"])
        if created_at.tzinfo is None:
            raise RejectedMessage("document", "created_at has no time zone")
        return SignedRequest(
            application=str(fields["application"]),
            service=str(fields["service"]),
            channel=str(fields["channel"]),
            applicant_iin=str(fields["applicant"]["iin"]),
            form=dict(fields["form"]),
            attachments=frozenset(
                (str(item["document"]), str(item["sha256"]), int(item["size"])) for item in fields["attachments"]
            ),
            created_at=created_at,
            centre_bin=str(fields["operator"]["centre"]["bin"]) if fields["channel"] == CENTRE_CHANNEL else None,
        )
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise RejectedMessage("document", f"not an application document: {type(error).__name__} {error}") from error


def check_request(request: SignedRequest, assigned: ApplicationAssigned, application: str, regulation: str) -> None:
    """The message says nothing else than the signed document. Raises ``RejectedMessage`` (``document``)."""
    referred = frozenset(_named(reference) for reference in assigned.attachments)
    expected = {"application": application, "service": regulation, "channel": assigned.channel, "attachments": referred}
    for name, value in expected.items():
        if getattr(request, name) != value:
            raise RejectedMessage("document", f"{name} of the signed document and of the message differ")


def _named(reference: AttachmentReference) -> tuple[str, str, int]:
    return reference.document, reference.sha256, reference.size


def signer_policy(request: SignedRequest, centres: Collection[str]) -> Policy:
    """Who has to have signed: the operator of the centre the request names, else the applicant.

    Raises ``RejectedMessage`` (``unknown-centre``) for a BIN that is of no centre: any organisation could name itself.
    """
    if request.centre_bin is None:
        return SignedByIIN(request.applicant_iin)
    if request.centre_bin not in centres:
        raise RejectedMessage("unknown-centre", f"{request.centre_bin} is the BIN of no centre")
    return SignedByBIN(request.centre_bin)


def verify_request(
    signed: SignedDocument,
    request: SignedRequest,
    registered_at: datetime,
    directory: CertificateDirectory,
    policy: Policy,
) -> ValidationReport:
    """The signer's signature over exactly these bytes, with certificate and revocation as they were when it was
    made.

    The portal or the centre has checked them at that time; this check makes the provider's decision rest on its own
    proof. Raises ``RejectedMessage`` (``applicant-signature``) if it fails, ``Transient`` if it could not be found out.
    """
    try:
        der = base64.b64decode(signed.signature, validate=True)
    except binascii.Error as error:
        raise RejectedMessage("applicant-signature", f"the signature is not base64: {error}") from error
    content = signed.content.encode()
    verified = verify_document(content, der, directory=directory, at=registered_at, policy=policy)
    if not verified.passed:
        # What is good at registration was good at signing. The other way round it takes a second look: a certificate
        # may have expired or been revoked on the way.
        at = moment_of_signing(verified.signing_time, request.created_at, registered_at)
        verified = verify_document(content, der, directory=directory, at=at, policy=policy)
    report = verified.report
    failure = report.failure
    if report.indication is Indication.INDETERMINATE:
        raise Transient(f"the request's signature is undecided: {failure.detail if failure else 'no check was made'}")
    if failure is not None:
        raise RejectedMessage("applicant-signature", failure.detail, validation=report.as_dict())
    return report


def act_fields(
    matter: Matter, regulation: Regulation, organisation: Organisation, verification_url: str
) -> dict[str, Any]:
    """The result or the reasoned refusal as an electronic document. Who checks it appends its SHA-256 to
    ``verification_url``: a document cannot hold its own digest."""
    form = read_request(matter.document).form
    channel = regulation.channel(matter.channel)
    granted = matter.decision == "granted"
    person = organisation.authorised_person
    fields: dict[str, Any] = {
        "kind": channel.outcomes["granted"] if granted else REASONED_REFUSAL,
        "application": matter.application,
        "entry_number": matter.entry_number,
        "service": matter.regulation,
        "clause": _clause(matter, regulation, granted=granted),
        "provider": {"name": organisation.name.model_dump(), "bin": organisation.bin},
        "recipient": _person(form.get("applicant")),
        "signed_by": {"name": f"{person.surname} {person.given_name}", "role": person.role.model_dump()},
        "decided_at": rfc3339(matter.decided_at or matter.registered_at),
        "verification_url": verification_url,
    }
    child = _person(form.get("child"))
    if child:
        fields["child"] = child
    if matter.queue_number is not None:
        fields["queue"] = {"number": matter.queue_number, "place": matter.queue_place}
    if not granted:
        fields["grounds"] = matter.grounds
    return fields


def sign_act(fields: Mapping[str, Any], signatory: Signatory, at: datetime) -> Act:
    """Canonical JSON (RFC 8785) of the act with the authorised person's detached CMS signature."""
    content = canonical_json(fields)
    identity = signatory.identity
    der = sign_document(content, identity.key, identity.certificate, signatory.chain, at)
    return Act(content.decode(), sha256_hex(content), base64.b64encode(der).decode())


def queued_person(form: Mapping[str, Any]) -> str:
    """The IIN of who is put on a queue: the child, else the recipient."""
    for part in ("child", "applicant"):
        iin = _person(form.get(part)).get("iin")
        if iin:
            return iin
    raise RejectedMessage("document", "the form names nobody")


def _clause(matter: Matter, regulation: Regulation, *, granted: bool) -> str:
    kind = regulation.channel(matter.channel).outcomes["granted"]
    result = regulation.result(kind)
    if granted and result is not None:
        return result.clause
    steps: Sequence[str] = [
        step.clause for step in regulation.channel(matter.channel).steps if step.action is Action.REFUSE_SERVICE
    ]
    return steps[0] if steps else regulation.channel(matter.channel).clause


def _person(part: object) -> dict[str, str]:
    names = ("iin", "surname", "given_name", "patronymic", "birth_date")
    if not isinstance(part, Mapping):
        return {}
    return {name: str(part[name]) for name in names if part.get(name)}
