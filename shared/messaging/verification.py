"""Is this record to be taken? Signatures first, then shape, then the table of routes, then freshness.

For a relayed message two signatures count: the sender's over the bytes, and the gateway's beside it, which names the
sender's. The numbered steps are those of ``shared.crypto.verify``; this module supplies steps 6 and 7 for messages.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import orjson

from shared.crypto.certificates import Certificate
from shared.crypto.directory import CertificateDirectory
from shared.crypto.jws import latest, signature_digest, thumbprints
from shared.crypto.report import Check, Indication, SubIndication, ValidationReport, failed
from shared.crypto.verify import MessageVerification, verify_message
from shared.kit.clock import Clock
from shared.kit.errors import RejectedMessage, Transient
from shared.kit.ids import sha256_base64url
from shared.kit.patience import Patience
from shared.messages import limits
from shared.messages.envelope import Message, glimpse
from shared.messages.journaled import may_tell, read
from shared.messages.routes import route_for
from shared.messages.systems import System
from shared.messages.topics import JOURNAL, inbox_of
from shared.messages.types import MessageType
from shared.messaging.allowance import CATCH_UPS, LETTERS, LOOK_UPS, Allowance
from shared.messaging.flood import Flood
from shared.messaging.records import GATEWAY_JWS_HEADER, JWS_HEADER, IncomingRecord, Position, Received, Rejected
from shared.messaging.signing import JOURNALED_MEMBER

log = logging.getLogger(__name__)

_MOST_UNANSWERED = 200
"""Unknown certificates that are asked for at the same time, while the authority is silent."""

_SKEW = timedelta(minutes=5)
"""How far a sender's clock may be ahead of ours."""
PREMATURE = "signed-in-future"
"""Reason of a rejection that is told and stops nothing: the clocks of two systems differ, and one of them will be set.
Its sender may sign the message anew."""
_POLICY, _FRESHNESS = Check(6, "policy"), Check(7, "freshness")
Freshness = Callable[[Mapping[str, Any]], Check]
_COUNTERSIGNATURE = "countersignature"


class RecordVerifier:
    """Verifies the records that one system reads."""

    def __init__(self, system: System, directory: CertificateDirectory, clock: Clock, max_age: timedelta) -> None:
        self._system = system
        self._directory = directory
        self._clock = clock
        self._max_age = max_age
        self._look_ups = Allowance(*LOOK_UPS)
        self._letters = Allowance(*LETTERS)
        self._catch_ups = Allowance(*CATCH_UPS)
        self._patience = Patience()
        self._unanswered: set[str] = set()

    async def prepare(self, records: Sequence[IncomingRecord]) -> set[str]:
        """Bring in the certificates and the revocation list that ``verify`` will need, and the stand's time where a
        sender seems to have heard of it first; the thumbprints that were not asked for, because too many unknown ones
        were named lately."""
        signatures = [record.header(name) for record in records for name in (JWS_HEADER, GATEWAY_JWS_HEADER)]
        now = asyncio.get_running_loop().time()
        if latest(signatures) > (self._clock.now() + _SKEW).timestamp() and self._catch_ups.take("", now):
            await self._catch_up()
        asked, left = set[str](), set[str]()
        for record in records:
            for thumbprint in _named(record) - asked - left:
                known = self._directory.answers(thumbprint) or self._may_ask(thumbprint, now)
                (asked if known else left).add(thumbprint)
        await self._directory.ensure(asked)
        self._unanswered = {thumbprint for thumbprint in self._unanswered if not self._directory.answers(thumbprint)}
        return left

    async def _catch_up(self) -> None:
        if self._clock.catch_up is not None:
            await self._patience.wait([asyncio.ensure_future(self._clock.catch_up())])

    def _may_ask(self, thumbprint: str, now: float) -> bool:
        """Whether the authority may be asked. A question that it has not answered is asked again for nothing: a batch
        that waits for a silent authority is tried over and over."""
        if thumbprint not in self._unanswered:
            if len(self._unanswered) >= _MOST_UNANSWERED or not self._look_ups.take("", now):
                return False
            self._unanswered.add(thumbprint)
        return True

    async def verify_all(self, records: Sequence[IncomingRecord]) -> list[Received | Rejected]:
        """``prepare`` and ``verify``; what breaks by one record ends with that record, and what cannot be decided about
        one only, because the authority is silent about its certificate, holds up no other.

        Of a flood of records that are worth nothing one is kept for all, behind the others. Raises as ``verify``.
        """
        found: dict[Position, RejectedMessage] = {}
        try:
            if left := await self.prepare(records):
                found = {record.position: _UNASKED for record in records if _named(record) & left}
        except (Transient, OSError):
            raise
        except Exception:
            log.exception("preparing a batch broke, trying each record alone")
            for record in records:
                try:
                    await self.prepare([record])
                except (Transient, OSError):
                    raise
                except Exception as error:  # noqa: BLE001 — logged above, and said in the dead letter
                    found[record.position] = _broken(error)
        return self._sifted([(record, found.get(record.position) or self._settled(record)) for record in records])

    def _settled(self, record: IncomingRecord) -> Received | RejectedMessage:
        try:
            return self._judged(record)
        except _Unanswered as unanswered:
            # Not held: whoever named a certificate that nobody knows would hold everybody's records, for as long as
            # the authority is silent. The message of an honest sender has no receipt, and is sent again.
            return RejectedMessage("certificate-unanswered", unanswered.detail)

    def _sifted(self, judged: Sequence[tuple[IncomingRecord, Received | RejectedMessage]]) -> list[Received | Rejected]:
        now, flood = asyncio.get_running_loop().time(), Flood()
        verified: list[Received | Rejected] = []
        for record, found in judged:
            if isinstance(found, Received):
                verified.append(found)
            elif found.reason not in _EXPENDABLE or self._letters.take("", now):
                verified.append(self._rejected(record, found))
            else:
                flood.add(record, found.reason)
        return [*verified, *flood.letter()]

    def verify(self, record: IncomingRecord, *, as_of: datetime | None = None) -> Received | Rejected:
        """The verified message, or why it is rejected. Its age (step 7) is that of the moment ``as_of``; default: now,
        on whichever side of a move of the stand's clock.

        Raises ``Transient`` if that could not be found out (a revocation source is silent): the record must be kept
        and tried again, it is not invalid.
        """
        found = self._judged(record, as_of)
        return self._rejected(record, found) if isinstance(found, RejectedMessage) else found

    def _judged(self, record: IncomingRecord, as_of: datetime | None = None) -> Received | RejectedMessage:
        try:
            _check_size(record)
            return self._verify(record, partial(self._fresh, [as_of] if as_of else self._clock.readings()))
        except RejectedMessage as rejection:
            return rejection
        except Transient:
            raise
        except Exception as error:
            # A defect of ours that some record brings to light must not stop the consumer.
            log.exception("verification broke")
            return _broken(error)

    def _rejected(self, record: IncomingRecord, why: RejectedMessage) -> Rejected:
        return self.reject(record, why, sha256_base64url(record.value), proven=why.reason not in _UNPROVEN)

    def reject(
        self, record: IncomingRecord, rejection: RejectedMessage, digest: str, *, proven: bool = True
    ) -> Rejected:
        """``record`` with the reason and report it goes to the dead letters with; ``proven``: its claimed sender has
        signed it."""
        report = _bounded({"reason": rejection.reason, "detail": rejection.detail, **rejection.members})
        answer = rejection.reason not in _SILENT
        claimed = glimpse(record.value) if len(record.value) <= limits.RECORD else {}
        expendable = not proven or rejection.reason in _SENT_AGAIN
        return Rejected(record, rejection.reason, report, digest, claimed, answer, proven, expendable)

    def _verify(self, record: IncomingRecord, fresh: Freshness) -> Received:
        jws, gateway_jws = record.header(JWS_HEADER), record.header(GATEWAY_JWS_HEADER)
        opened: list[Message] = []

        def sender_policy(certificate: Certificate) -> Check:
            message = Message.decode(record.value)
            opened.append(message)
            return self._may_send(message, certificate, record, relayed=gateway_jws is not None)

        def gateway_policy(certificate: Certificate) -> Check:
            if certificate.system != System.GATEWAY:
                return failed(
                    6, "policy", SubIndication.SIG_CONSTRAINTS_FAILURE, "the countersigner is not the gateway"
                )
            return _POLICY

        # The sender's signature may be old, e.g. after the gateway was down; what must be fresh is the hop that
        # brought it.
        own = self._run(record.value, jws, sender_policy, fresh if gateway_jws is None else _any_age)
        checks, header = own.report.checks, own.header
        if gateway_jws is not None and jws is not None:
            hop = self._run(record.value, gateway_jws, gateway_policy, fresh)
            if hop.header.get("sig#S256") != signature_digest(jws):
                raise RejectedMessage(
                    "signature", "the countersignature is for another signature", check=_COUNTERSIGNATURE
                )
            checks, header = (*checks, *hop.report.checks), hop.header
        message = opened[0]
        journaled = _journaled(message, own.header)
        return Received(
            record=record,
            message=message,
            payload=message.payload(),
            digest=sha256_base64url(record.value),
            hop=message.source if gateway_jws is None else System.GATEWAY,
            attempt=int(header["attempt"]),
            jws=jws or "",
            report=ValidationReport(tuple(checks)),
            journaled=journaled,
        )

    def _run(self, value: bytes, jws: str | None, policy: Any, freshness: Freshness) -> MessageVerification:
        verification = verify_message(
            value, jws, directory=self._directory, at=self._clock.now(), policy=policy, freshness=freshness
        )
        failure = verification.report.failure
        if verification.report.indication is Indication.INDETERMINATE:
            # If others could be decided on, it is this certificate alone of which nothing is known.
            kind = _Unanswered if verification.certificate is None and self._directory.able else Transient
            raise kind(f"verification undecided: {failure.detail if failure else 'no check was made'}")
        if failure is not None:
            raise RejectedMessage(
                self._reason(failure, verification.header), failure.detail, validation=verification.report.as_dict()
            )
        return verification

    def _reason(self, failure: Check, header: Mapping[str, Any]) -> str:
        if failure.n == _FRESHNESS.n:
            return PREMATURE if float(header["iat"]) > self._clock.timestamp() else "stale"
        return "policy" if failure.n == _POLICY.n else "signature"

    def _may_send(self, message: Message, certificate: Certificate, record: IncomingRecord, *, relayed: bool) -> Check:
        """Step 6: the certificate is the sender's, the route exists, and the record came the way the route says."""
        fault = self._route_fault(message, certificate, record, relayed=relayed)
        return _POLICY if fault is None else failed(6, "policy", SubIndication.SIG_CONSTRAINTS_FAILURE, fault)

    def _route_fault(
        self, message: Message, certificate: Certificate, record: IncomingRecord, *, relayed: bool
    ) -> str | None:
        if certificate.system != message.source:
            return f"source is {message.source}, the certificate is for {certificate.system or 'no system'}"
        route = route_for(message.source, message.type, message.destination)
        if route is None:
            return f"{message.source} may not send {message.type} to {message.destination}"
        if route.serviceid != message.serviceid or route.kind is not message.messagetype:
            return f"{message.type} belongs to service {route.serviceid} as {route.kind}"
        if (record.key or b"").decode(errors="replace") != message.subject:
            return "the record key is not the subject"
        journal = message.type is MessageType.JOURNAL_RECORDED
        if record.position.topic != (JOURNAL if journal else inbox_of(self._system)):
            return f"{message.type} does not belong into {record.position.topic}"
        return self._way_fault(message, via_gateway=route.via_gateway, relayed=relayed)

    def _way_fault(self, message: Message, *, via_gateway: bool, relayed: bool) -> str | None:
        here = message.destination is self._system
        if self._system is System.GATEWAY:
            if relayed:
                return "the gateway takes no relayed messages"
            return None if here or via_gateway else f"addressed to {message.destination}, which is not reached by relay"
        if not here:
            return f"addressed to {message.destination}"
        if via_gateway and not relayed:
            return f"{message.type} comes through the gateway only"
        return f"{message.type} does not come through the gateway" if relayed and not via_gateway else None

    def _fresh(self, moments: Sequence[datetime], header: Mapping[str, Any]) -> Check:
        """Step 7: the signature was made lately; an older one may be a replay, and its true sender will sign anew.

        ``moments``: what the time is, and what it was for those who have not heard of a move of the clock.
        """
        checks = [self._of_age(moment, header) for moment in moments]
        return next((check for check in checks if check is _FRESHNESS), checks[0])

    def _of_age(self, moment: datetime, header: Mapping[str, Any]) -> Check:
        signed_at = float(header["iat"])
        age, ahead = moment.timestamp() - signed_at, signed_at - max(moment.timestamp(), self._clock.timestamp())
        if age > self._max_age.total_seconds():
            return failed(7, "freshness", SubIndication.SIG_CONSTRAINTS_FAILURE, f"signed {int(age)} s ago")
        if ahead > _SKEW.total_seconds():
            return failed(7, "freshness", SubIndication.SIG_CONSTRAINTS_FAILURE, f"signed {int(ahead)} s in the future")
        return _FRESHNESS


class _Unanswered(Transient):
    """Nobody could be asked for the certificate that a record names."""


_UNASKED = RejectedMessage(
    "certificate-not-asked", "its certificate is not known, and too many such records have just come to ask for it"
)
_UNKNOWN = frozenset({"certificate-not-asked", "certificate-unanswered"})
_SILENT = frozenset({"stale", "replayed", "undecodable"}) | _UNKNOWN
_UNPROVEN = _UNKNOWN | {
    "undecodable",
    "signature",
    "policy",
    "malformed",
    "unknown-type",
    "too-large",
    "verification-broke",
}
"""Found out before, or because, the claimed sender has not signed it."""
_SENT_AGAIN = frozenset({"stale", "replayed", PREMATURE})
"""Signed by its sender, who sends it again, or has and was heard."""
_EXPENDABLE = _UNPROVEN | _SENT_AGAIN


def _broken(error: Exception) -> RejectedMessage:
    return RejectedMessage("verification-broke", type(error).__name__)


def _named(record: IncomingRecord) -> set[str]:
    """The certificates that its signatures name."""
    return thumbprints(record.header(name) for name in (JWS_HEADER, GATEWAY_JWS_HEADER))


def _check_size(record: IncomingRecord) -> None:
    """Raises ``RejectedMessage``: nothing could be made of the record, or it is larger than could be handed on."""
    if record.undecodable is not None:
        raise RejectedMessage("undecodable", record.undecodable, size=record.size, kept=len(record.value))
    headers = sum(len(name.encode()) + len(content) for name, content in record.headers)
    for what, size, most in (
        ("message", len(record.value), limits.VALUE),
        ("key", len(record.key or b""), limits.KEY),
        ("headers", headers, limits.HEADERS),
    ):
        if size > most:
            raise RejectedMessage("too-large", f"the {what} has {size} bytes, the limit is {most}", size=size)


def _bounded(report: dict[str, Any]) -> dict[str, Any]:
    """``report``, or its beginning where it is longer than what can be sent. It may repeat what strangers wrote."""
    try:
        if len(orjson.dumps(report)) <= limits.REPORT:
            return report
    except orjson.JSONEncodeError:  # e.g. half a surrogate pair
        log.warning("a report that is no JSON was cut")
    detail = str(report["detail"])[:500].encode("utf-8", "replace").decode()
    return {"reason": report["reason"], "detail": detail, "cut": True}


def _journaled(message: Message, header: Mapping[str, Any]) -> dict[str, int]:
    """What the sender says of the journal. Raises ``RejectedMessage``: ``schema`` if it cannot be read, ``policy`` if
    it speaks for a system that it has not heard itself."""
    text = header.get(JOURNALED_MEMBER, "")
    try:
        counts = read(text if isinstance(text, str) else repr(text))
    except ValueError as error:
        raise RejectedMessage("schema", f"{JOURNALED_MEMBER}: {error}") from None
    for system in counts:
        if not may_tell(message.source, system):
            raise RejectedMessage("policy", f"{message.source} cannot know what {system} has journaled")
    return counts


def _any_age(_header: Mapping[str, Any]) -> Check:
    return _FRESHNESS
