"""Places in preschool organisations: found for an application, given out by voucher, free again, offered to the next.

The choice is pure work on a unit of work; only looking for the next in the queue reads the database first.
"""

from calendar import isleap
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from services.provider.domain.kindergartens import Kindergarten, Voucher, VoucherState, Waiting, rank_of
from services.provider.domain.matter import Matter
from services.provider.repository import KINDERGARTENS, VOUCHERS, WAITING
from services.provider.service import notices, results
from services.provider.service.context import Case
from services.provider.service.journal import mark
from services.provider.service.organisations import Organisations
from shared.db.states import StateKey
from shared.kit.checked_files import read_model, refuse, twice
from shared.kit.text import Text
from shared.messages import application as payloads
from shared.messages.payload import SignedDocument
from shared.messages.systems import System
from shared.messages.types import MessageType
from shared.regulations.checks import date_at
from shared.regulations.model import Regulation

VOUCHER, QUEUE_NOTICE, GROWN_UP = "voucher", "queue_notice", "grown_up"


class Place(BaseModel):
    """A preschool organisation of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str = Field(pattern=r"^[a-z0-9-]{1,60}$")
    organisation: str
    number: str
    name: Text
    address: Text
    places: int = Field(ge=0)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kindergartens: tuple[Place, ...] = ()


class Places:
    """The preschool organisations of every provider, from the file."""

    def __init__(self, places: Sequence[Place], organisations: Organisations) -> None:
        codes = {organisation.code: organisation.bin for organisation in organisations}
        self._places = {place.code: place for place in places if place.organisation in codes}
        self._bins = {place.code: codes[place.organisation] for place in self._places.values()}

    def of(self, provider_bin: str) -> list[Place]:
        """Those of one provider, in the order of the file."""
        return [place for place in self._places.values() if self._bins[place.code] == provider_bin]

    def find(self, code: str) -> Place | None:
        """The one with this code."""
        return self._places.get(code)

    def loads(self, provider_bin: str) -> list[StateKey]:
        """The states of those of one provider."""
        return [(KINDERGARTENS, place.code) for place in self.of(provider_bin)]

    def state(self, kept: Kindergarten | None, code: str) -> Kindergarten:
        """As it is kept; before anything was given out, as the file has it."""
        return kept or Kindergarten(code, self._bins[code], self._places[code].places)


def load_places(path: Path, organisations: Organisations) -> Places:
    """Read the file of the kindergartens; those of organisations that are not served here are left out. Raises
    ``FileFaults`` for a file that does not hold together."""
    places = read_model(path, _File).kindergartens
    refuse(path, twice("kindergartens", "code", (place.code for place in places)))
    return Places(places, organisations)


def allocates(regulation: Regulation) -> bool:
    """Whether the service gives out places by voucher."""
    return regulation.queue is not None and regulation.result(VOUCHER) is not None


def wanted_of(case: Case, places: Places) -> str | None:
    """The code of the kindergarten the recipient asks for by its number; ``None``: the form names none."""
    number = str(case.form.get("kindergarten") or "")
    found = (place.code for place in places.of(case.matter.provider_bin) if place.number == number)
    return next(found, None)


def take_place(case: Case, places: Places) -> bool:
    """Take a free place for the child in the kindergarten asked for. False: there is none, or an officer has decided
    for the queue, which is then one for this kindergarten: no child is sent to another in silence (annex 6)."""
    if case.matter.result == QUEUE_NOTICE:
        return False
    wanted = wanted_of(case, places)
    for place in places.of(case.matter.provider_bin):
        if wanted not in (None, place.code):  # none is named where the form has no such field
            continue
        kindergarten = places.state(case.work.get(KINDERGARTENS, place.code), place.code)
        if kindergarten.free > 0:
            case.work.put(KINDERGARTENS, kindergarten.give())
            case.change(placing=_placing(place), result=VOUCHER)
            return True
    case.change(result=QUEUE_NOTICE)
    return False


def settle(case: Case, places: Places) -> None:
    """With the result on its way: the voucher is kept until it is handed in, or the child waits on the queue."""
    matter, work = case.matter, case.work
    if matter.decision != "granted" or not allocates(case.regulation):
        return
    if matter.placing is not None:
        work.put(VOUCHERS, _voucher(case, matter, matter.placing["code"]))
    elif matter.queue_number is not None and case.regulation.queue is not None:
        priority = bool(case.form.get("priority_category"))
        work.put(
            WAITING,
            Waiting(
                application=matter.application,
                provider_bin=matter.provider_bin,
                regulation=matter.regulation,
                queue=case.regulation.queue.code,
                number=matter.queue_number,
                rank=rank_of(matter.queue_number, priority=priority),
                wanted=wanted_of(case, places),
                since=work.now,
                grows_up_at=_grows_up_at(case),
            ),
        )


def _grows_up_at(case: Case) -> datetime | None:
    """When the child reaches the age up to which the queue is for children; ``None``: the text sets none."""
    limit = case.regulation.queue.under if case.regulation.queue else None
    born = date_at(case.form, limit.field) if limit else None
    if limit is None or born is None:
        return None
    # A child born on 29 February is older from 1 March, as where its age is checked.
    leap = (born.month, born.day) == (2, 29) and not isleap(born.year + limit.years)
    day = date(born.year + limit.years, 3, 1) if leap else born.replace(year=born.year + limit.years)
    return datetime.combine(day, time(0), case.context.zone)


def give_to_next(case: Case, place: Place, kindergarten: Kindergarten, waiting: Waiting) -> Voucher:
    """A place has become free: a child of the queue gets its voucher, and everybody behind moves up."""
    work, matter = case.work, case.matter
    work.put(KINDERGARTENS, kindergarten.give())
    work.put(WAITING, replace(waiting, left_at=work.now, left_for=VOUCHER))
    # The act of the application stays what it was; the voucher is a document of its own.
    bare = replace(matter, placing=_placing(place), result=VOUCHER, decided_at=work.now)
    organisations = case.context.organisations
    fields = results.act_fields(
        bare, case.regulation, case.organisation, case.form, case.calendar, case.context.verification_url, work.now
    )
    act = results.sign_act(fields, organisations.signatory(case.organisation), work.now)
    given = replace(bare, act=act.content, act_sha256=act.sha256, act_signature=act.signature)
    voucher = _voucher(case, given, place.code)
    work.put(VOUCHERS, voucher)
    leave_queue(case, waiting, "voucher")
    mark(case.work, case.matter, "voucher_issued", detail=place.code)
    text = Text(
        kk=f"Бос орын шықты: {place.name.kk}. Жолдама {_day(case, voucher.expires_at)} дейін тапсырылуы тиіс.",
        ru=f"Появилось место: {place.name.ru}. Направление нужно сдать до {_day(case, voucher.expires_at)}.",
        en=f"There is a place: {place.name.en}. The voucher has to be handed in by {_day(case, voucher.expires_at)}.",
    )
    document = SignedDocument(content=act.content, signature=act.signature)
    notices.notify(case, VOUCHER, text, document=document, until=voucher.expires_at)
    return voucher


def leave_queue(case: Case, waiting: Waiting, reason: str) -> None:
    """Tell the regional gateway, which keeps the queue, that the place on it is free."""
    case.work.send(
        MessageType.QUEUE_PLACE_RELEASED,
        System.REGIONAL_GATEWAY,
        waiting.application,
        payloads.QueuePlaceReleased.model_validate(
            {"queue": waiting.queue, "number": waiting.number, "reason": reason, "released_at": case.work.now}
        ),
        regulation=waiting.regulation,
    )


def grow_up(case: Case, waiting: Waiting) -> None:
    """The child has become too old for the queue: it leaves it, everybody behind moves up, and the recipient is
    told."""
    limit = case.regulation.queue.under if case.regulation.queue else None
    if limit is None:
        return
    case.work.put(WAITING, replace(waiting, left_at=case.work.now, left_for=GROWN_UP))
    leave_queue(case, waiting, GROWN_UP)
    mark(case.work, case.matter, GROWN_UP, detail=str(waiting.number), clause=limit.clause)
    text = Text(
        kk=f"Бала {limit.years} жасқа толды: ол № {waiting.number} кезектен шығарылды.",
        ru=f"Ребёнку исполнилось лет: {limit.years}. Он снят с очереди, номер {waiting.number}.",
        en=f"The child has reached the age of {limit.years} and leaves the queue, number {waiting.number}.",
    )
    notices.notify(case, GROWN_UP, text)


def expire(case: Case, voucher: Voucher, kindergarten: Kindergarten) -> None:
    """The voucher was not handed in in time: the place is free again."""
    case.work.put(VOUCHERS, replace(voucher, state=VoucherState.EXPIRED.value, changed_at=case.work.now))
    case.work.put(KINDERGARTENS, kindergarten.take_back())
    mark(case.work, case.matter, "voucher_expired", detail=voucher.kindergarten)


def _voucher(case: Case, matter: Matter, kindergarten: str) -> Voucher:
    kind = case.regulation.result(VOUCHER)
    valid = kind.form.valid if kind and kind.form else None
    return Voucher(
        application=matter.application,
        kindergarten=kindergarten,
        provider_bin=matter.provider_bin,
        regulation=matter.regulation,
        issued_at=case.work.now,
        expires_at=case.calendar.due(case.work.now, valid) if valid else None,
        act=matter.act or "",
        act_sha256=matter.act_sha256 or "",
        act_signature=matter.act_signature or "",
    )


def _placing(place: Place) -> dict[str, object]:
    names = {
        language: f"{place.name.pick(language)}, {place.address.pick(language)}" for language in ("kk", "ru", "en")
    }
    return {"code": place.code, "name": names}


def _day(case: Case, moment: datetime | None) -> str:
    # The end of a day at 24:00 is shown as that day.
    return f"{case.context.local(moment) - moment.resolution:%d.%m.%Y}" if moment else ""
