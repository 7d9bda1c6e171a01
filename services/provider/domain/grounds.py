"""On which grounds an application may be refused: found by rule, or named by an officer. Only the regulation's own."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any

from services.provider.domain.attachments import Attachment, AttachmentState
from services.provider.errors import InvalidGrounds, RefusalNotStated
from shared.kit.text import Text
from shared.regulations.grounds import FoundGround, evaluate, examination_grounds, may_refuse
from shared.regulations.model import Ground, Regulation

_BY_OFFICER = Text(kk="лауазымды адам анықтады", ru="установлено должностным лицом", en="established by the officer")


def find_grounds(
    regulation: Regulation,
    channel: str,
    form: Mapping[str, Any],
    attachments: Sequence[Attachment],
    registered_at: datetime,
    papers: AbstractSet[str] = frozenset(),
) -> list[FoundGround]:
    """By rule: the regulation's checks, and that every attachment is what was signed.

    ``registered_at`` is in the provider's local time: its date is the day of application. ``papers``: codes of
    documents shown over the counter. A finding that the text states no ground for is none.
    """
    documents = {attachment.document for attachment in attachments} | papers
    found = evaluate(regulation, channel, form, documents, registered_at.date())
    wrong = wrong_attachments(attachments)
    if wrong:
        try:
            ground = violations_ground(regulation, channel)
        except LookupError:
            return found
        detail = Text(
            kk=f"файл қол қойылған өтініште көрсетілген файл емес: {wrong}",
            ru=f"файл не тот, что указан в подписанном запросе: {wrong}",
            en=f"the file is not the one named in the signed request: {wrong}",
        )
        found.append(FoundGround(code=ground.code, text=ground.text, clause=ground.clause, detail=detail))
    return found


def wrong_attachments(attachments: Sequence[Attachment]) -> str:
    """The names of the attachments that are not what was signed; empty if there are none."""
    return ", ".join(item.name for item in attachments if item.state == AttachmentState.MISMATCH)


def violations_ground(regulation: Regulation, channel: str) -> Ground:
    """The general ground "violations in the documents". Raises ``LookupError`` if there is none."""
    grounds = examination_grounds(regulation, channel)
    documents = [ground for ground in grounds if ground.category in ("documents", "package")]
    for ground in sorted(documents, key=lambda ground: (ground.category != "documents", ground.check is not None)):
        return ground
    raise LookupError(f"{regulation.id} names no ground for violations in the documents ({channel})")


def ground_of_category(regulation: Regulation, channel: str, category: str) -> Ground | None:
    """The ground of that category in ``channel``, or ``None`` if the text states none."""
    return next((g for g in examination_grounds(regulation, channel) if g.category == category), None)


def named_grounds(
    regulation: Regulation,
    channel: str,
    codes: Sequence[str],
    findings: Sequence[Mapping[str, Any]],
    reasons: str | None = None,
    variant: str | None = None,
) -> tuple[FoundGround, ...]:
    """The grounds an officer names, in the law's words; what was found by rule, or the officer's ``reasons``, is added
    as detail.

    Raises ``RefusalNotStated`` where the text does not provide for a refusal, or not in the case ``variant``;
    ``InvalidGrounds`` for none at all, for each code the regulation does not have, and for a ground that the text
    leaves open without the reasons for it.
    """
    allowed = {ground.code: ground for ground in examination_grounds(regulation, channel, variant)}
    if not allowed or may_refuse(regulation, channel, variant) is None:
        raise RefusalNotStated(f"{regulation.id} states no refusal ({channel})", clause=_service_clause(regulation))
    faults = [
        {"in": "body", "path": f"/grounds/{index}", "message": f"not one of {sorted(allowed)}"}
        for index, code in enumerate(codes)
        if code not in allowed
    ]
    if not codes:
        faults = [{"in": "body", "path": "/grounds", "message": "a refusal needs at least one ground"}]
    unstated = [code for code in codes if code in allowed and allowed[code].category == "unstated"]
    if not faults and unstated and not (reasons or "").strip():
        message = f"the text gives no ground ({', '.join(unstated)}): the reasons are needed"
        faults = [{"in": "body", "path": "/reasons", "message": message}]
    if faults:
        raise InvalidGrounds(faults=faults)
    details = {finding["code"]: Text(**finding["detail"]) for finding in findings}
    written = Text(kk=reasons, ru=reasons, en=reasons) if reasons else _BY_OFFICER
    return tuple(
        FoundGround(code=code, text=allowed[code].text, clause=allowed[code].clause, detail=details.get(code, written))
        for code in dict.fromkeys(codes)
    )


def _service_clause(regulation: Regulation) -> str:
    """Where the text speaks of what comes out of the service, and of no refusal."""
    return next((result.clause for result in regulation.results if not result.is_refusal), "1")


def claimed_moment(claimed: datetime | None, created_at: datetime, registered_at: datetime) -> datetime:
    """When the applicant signed or applied, as well as can be known: the claimed time, but not before the document was
    made nor after it was registered. A certificate revoked later does not undo a signature, nor does a message that
    comes later lengthen a term."""
    return min(max(claimed or registered_at, created_at), registered_at)
