"""What stands against an application by rule, with what the registries have answered."""

from collections.abc import Sequence

from services.provider.domain.registries import Asked, with_answers
from services.provider.service import requests
from services.provider.service.context import Case
from shared.regulations.grounds import FoundGround


def judged(case: Case, found: Sequence[FoundGround]) -> list[FoundGround]:
    """The grounds found by rule with what the registries have answered, as soon as nothing is awaited."""
    matter = case.matter
    if matter.registries is None or matter.awaits_registries:
        return list(found)
    return with_answers(
        case.regulation,
        matter.channel,
        case.form,
        found,
        Asked.of(matter.registries),
        requests.documents_of(matter.document),
        case.context.local(matter.registered_at).date(),
    )
