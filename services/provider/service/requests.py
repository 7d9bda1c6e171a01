"""What comes to the provider signed: the applicant's request and what they send after it, read and verified."""

import base64
import binascii
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from services.provider.domain.grounds import claimed_moment
from shared.crypto.directory import CertificateDirectory
from shared.crypto.policy import Policy, SignedByBIN, SignedByIIN, SignedBySystem
from shared.crypto.report import Indication, ValidationReport
from shared.crypto.verify import verify_document
from shared.kit.errors import RejectedMessage, Transient
from shared.messages.application import ApplicationAssigned, ApplicationSupplemented
from shared.messages.payload import AttachmentReference, SignedDocument
from shared.messages.systems import System
from shared.regulations.model import Regulation

CENTRE_CHANNELS = frozenset({"csc", "employment_centre"})
"""In these the operator of a centre signs."""
CONFIRMED_CHANNELS = frozenset({"mobile", "proactive"})
"""In these the recipient confirms with a one-time password, and the portal signs that this was so."""


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
    centre: Mapping[str, Any] = field(default_factory=dict)
    """What the document says of that centre, for the case the application is."""

    @property
    def facts(self) -> Mapping[str, Any]:
        """What the case of the regulation is chosen by: the form, and what the intake knows beside it."""
        return {**self.form, "centre": self.centre} if self.centre else self.form


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
            centre_bin=_centre_bin(fields),
            centre=_centre(fields),
        )
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise RejectedMessage("document", f"not an application document: {type(error).__name__} {error}") from error


def form_of(content: str) -> Mapping[str, Any]:
    """The form in the document of an application that was taken in."""
    return dict(orjson.loads(content)["form"])


def documents_of(content: str) -> frozenset[str]:
    """The codes of the documents that came with an application: attached to it, or shown over the counter."""
    fields = orjson.loads(content)
    attached = (str(item["document"]) for item in fields.get("attachments", ()))
    return frozenset((*attached, *(str(code) for code in fields.get("papers", ()))))


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
    """Who has to have signed: the operator of the centre the request names, the portal for a recipient who confirmed
    with a one-time password, else the applicant.

    Raises ``RejectedMessage`` (``unknown-centre``) for a BIN that is of no centre: any organisation could name itself.
    """
    return _policy(request.channel, request.applicant_iin, request.centre_bin, centres)


def _policy(channel: str, applicant_iin: str, centre_bin: str | None, centres: Collection[str]) -> Policy:
    if channel in CONFIRMED_CHANNELS:
        return SignedBySystem(System.PORTAL.value)
    if centre_bin is None:
        return SignedByIIN(applicant_iin)
    if centre_bin not in centres:
        raise RejectedMessage("unknown-centre", f"{centre_bin} is the BIN of no centre")
    return SignedByBIN(centre_bin)


def _centre(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    return dict(fields["operator"]["centre"]) if fields["channel"] in CENTRE_CHANNELS else {}


def _centre_bin(fields: Mapping[str, Any]) -> str | None:
    return str(fields["operator"]["centre"]["bin"]) if fields["channel"] in CENTRE_CHANNELS else None


def verify_request(
    signed: SignedDocument,
    created_at: datetime,
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
        at = claimed_moment(verified.signing_time, created_at, registered_at)
        verified = verify_document(content, der, directory=directory, at=at, policy=policy)
    report = verified.report
    failure = report.failure
    if report.indication is Indication.INDETERMINATE:
        raise Transient(f"the request's signature is undecided: {failure.detail if failure else 'no check was made'}")
    if failure is not None:
        raise RejectedMessage("applicant-signature", failure.detail, validation=report.as_dict())
    return report


def check_directories(regulation: Regulation, channel: str, form: Mapping[str, Any]) -> None:
    """Raise ``RejectedMessage`` for what is in no list of what exists: the systems in which a form is filled know the
    lists, and nobody is sent to another kindergarten than the one named."""
    known = regulation.channel(channel).form
    for entry in known.fields if known else ():
        value = form.get(entry.name)
        if entry.directory and entry.options and value not in [None, *(option.value for option in entry.options)]:
            raise RejectedMessage("document", f"{entry.label.en}: {value!s:.40} does not exist")


def queued_person(form: Mapping[str, Any]) -> str:
    """The IIN of who is put on a queue: the child, else the recipient."""
    for part in ("child", "applicant"):
        iin = _person(form.get(part)).get("iin")
        if iin:
            return iin
    raise RejectedMessage("document", "the form names nobody")


def _person(part: object) -> dict[str, str]:
    names = ("iin", "surname", "given_name", "patronymic", "birth_date")
    if not isinstance(part, Mapping):
        return {}
    return {name: str(part[name]) for name in names if part.get(name)}


@dataclass(frozen=True)
class SignedSupplement:
    """What the recipient sends after the request: a document that was asked for, or the answer to an offer."""

    kind: str
    """``supplement`` or ``consent``."""
    attachments: frozenset[tuple[str, str, int]]
    given: bool
    """Of an answer to an offer: whether the recipient consents."""
    reason: str | None
    created_at: datetime
    policy: Policy


def read_supplement(
    supplement: ApplicationSupplemented, application: str, service: str, channel: str, centres: Collection[str]
) -> SignedSupplement:
    """Read the document of a supplement to ``application``. Raises ``RejectedMessage`` (``document``) for any other
    content, or one that says something else than the message."""
    try:
        fields = orjson.loads(supplement.document.content)
        kind = str(fields["kind"])
        created_at = datetime.fromisoformat(fields["answered_at" if kind == "consent" else "created_at"])
        named = {"application": application, "service": service, "channel": channel}
        if kind not in ("supplement", "consent") or created_at.tzinfo is None:
            raise RejectedMessage("document", "the document is no supplement")
        if any(fields[name] != value for name, value in named.items()) or supplement.channel != channel:
            raise RejectedMessage("document", "the document supplements something else")
        attachments = frozenset(
            (str(item["document"]), str(item["sha256"]), int(item["size"])) for item in fields["attachments"]
        )
        if attachments != frozenset(_named(reference) for reference in supplement.attachments):
            raise RejectedMessage("document", "attachments of the signed document and of the message differ")
        policy = _policy(channel, str(fields["applicant"]["iin"]), _centre_bin(fields), centres)
        given = bool(fields["given"]) if kind == "consent" else True
        return SignedSupplement(kind, attachments, given, fields.get("reason"), created_at, policy)
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise RejectedMessage("document", f"not a supplement: {type(error).__name__} {error}") from error
