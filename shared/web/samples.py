"""``GET /services/{issuer}/{service}/sample``: a filled form that is taken, for whoever tries a service."""

from collections.abc import Callable
from datetime import date, tzinfo
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from shared.kit.errors import InvalidInput
from shared.kit.iin import birth_date_of, fault, make_iin
from shared.kit.text import Text
from shared.regulations.documents import expected_from_registries, to_hand_in
from shared.regulations.loader import Regulations
from shared.regulations.model import Regulation
from shared.regulations.samples import NoSample, Person, Sample, sample_form, variants_of
from shared.web.access import PUBLIC

Number = Annotated[str | None, Query(max_length=12)]
Takes = Callable[[Regulation, str], bool]


class SampleDocument(BaseModel):
    """A document that has to be handed in with this form."""

    code: str
    name: Text
    clause: str


class SampleRead(BaseModel):
    """A filled form that is taken, the documents that go with it, and what it is a sample of.

    ``intake``: how it has to come in to be that case (``centre`` of a kind), where that decides.
    """

    service: str
    channel: str
    variant: str = Field(description="Which of the cases the regulation sets apart")
    variants: list[str] = Field(description="The cases there are, for the parameter ``variant``")
    form: dict[str, Any]
    documents: list[SampleDocument]
    intake: dict[str, str]


def samples_router(regulations: Regulations, zone: tzinfo, takes: Takes, channel: str) -> APIRouter:
    """``takes`` says whether forms of a channel are filled at this system, ``channel`` is meant if none is named;
    ``zone`` is that of the offices."""
    router = APIRouter(prefix="/services", tags=["services"], dependencies=[PUBLIC])
    usual = channel

    @router.get("/{issuer}/{service}/sample", summary="A filled form, and the documents that go with it")
    async def get_sample(
        request: Request,
        issuer: str,
        service: str,
        channel: Annotated[str, Query(max_length=40, pattern=r"^[a-z_]+$", description="Way of applying")] = usual,
        variant: Annotated[str | None, Query(max_length=100, description="One of the cases; default: any")] = None,
        iin: Annotated[Number, Query(description="Whose data are filled in: who signs in; default: invented")] = None,
        child: Annotated[
            Number, Query(description="The child it is about, whom registries know; default: invented")
        ] = None,
    ) -> SampleRead:
        """It fits schema, rules and restrictions, and there is no ground against it as far as the form goes. Registries
        know people of the stand only: to be granted what they are asked about, take a demo person with a child of
        theirs. 404 for a service or a form that is not filled here; 409 for a channel the regulation does not give."""
        regulation, _ = regulations.find(f"{issuer}/{service}", channel)
        variants = variants_of(regulation, channel)
        _check(regulation, channel, takes, variant, variants, iin=iin, child=child)
        person = _person(iin) or Person(make_iin(date(1990, 1, 1), "male", 1))
        today = request.app.state.clock.now().astimezone(zone).date()
        cases = (variant,) if variant else variants
        case, sample = _first(regulation, channel, cases, person, _person(child), today)
        return _read(regulation, channel, case, variants, sample)

    return router


def _check(
    regulation: Regulation,
    channel: str,
    takes: Takes,
    variant: str | None,
    variants: tuple[str, ...],
    **numbers: str | None,
) -> None:
    faults = [
        {"in": "query", "path": f"/{name}", "message": wrong}
        for name, number in numbers.items()
        if number is not None and (wrong := fault(number))
    ]
    if not takes(regulation, channel) or regulation.channel(channel).form is None:
        faults.append({"in": "query", "path": "/channel", "message": f"no form of {channel!r} is filled here"})
    if variant is not None and variant not in variants:
        known = ", ".join(variants)
        faults.append({"in": "query", "path": "/variant", "message": f"there are: {known}"})
    if faults:
        raise InvalidInput(faults=faults)


def _person(iin: str | None) -> Person | None:
    return None if iin is None else Person(iin)


def _first(
    regulation: Regulation, channel: str, cases: tuple[str, ...], person: Person, child: Person | None, today: date
) -> tuple[str, Sample]:
    born = birth_date_of(child.iin) if child else None
    for case in cases:
        try:
            return case, sample_form(regulation, channel, case, person, today, child=child, born=born)
        except NoSample:
            continue
    message = "no form with these people has nothing against it"
    raise InvalidInput(faults=[{"in": "query", "path": "/child", "message": message}])


def _read(regulation: Regulation, channel: str, case: str, variants: tuple[str, ...], sample: Sample) -> SampleRead:
    part = regulation.channel(channel)
    wanted = to_hand_in(part, sample.form, expected_from_registries(part))
    return SampleRead(
        service=regulation.id,
        channel=channel,
        variant=case,
        variants=list(variants),
        form=sample.form,
        documents=[SampleDocument(code=d.code, name=Text(**d.name.model_dump()), clause=d.clause) for d in wanted],
        intake=sample.intake,
    )
