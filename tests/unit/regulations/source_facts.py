"""What the 27 texts state, read from them once more by hand: channels, roles and durations, terms, flows, refusals.

Durations are written as the texts have them: ``30 min``, ``8 wd`` (working days), ``9 cd`` (calendar days), ``1 mo``,
``5 d`` (days, unspecified), ``≤`` not more than, ``≥`` at least, ``90–365 cd``, ``schedule``. Of a step with several
cases all of them stand here.
"""

from dataclasses import dataclass

from shared.regulations.terms import Duration

Step = tuple[str | None, set[str]]
"""Role (``None``: nobody named, or the languages disagree) and durations."""


@dataclass(frozen=True)
class Facts:
    """What one text states. ``refuses``: channels in which the service itself may be refused; ``restricted``: how many
    restrictions a channel has; ``discrepancies``: in how many places it contradicts itself, its translation or sense.
    """

    channels: tuple[str, ...]
    procedure: tuple[Step, ...] = ()
    refuses: tuple[str, ...] = ()
    overall: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    service: tuple[str, ...] = ()
    extension: tuple[str, ...] = ()
    notice: tuple[str, ...] = ()
    course: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    """Channels of which the text says that the service is not rendered through them."""
    flows: tuple[tuple[str, int], ...] = ()
    """Channels whose flow the text numbers, and how many items it has."""
    restricted: tuple[tuple[str, int], ...] = ()
    persons: tuple[str, ...] = ("natural",)
    fee: str | None = "free"
    discrepancies: int = 0


_UNITS = {
    "minutes": "min",
    "hours": "h",
    "working_hours": "wh",
    "working_days": "wd",
    "calendar_days": "cd",
    "days_unspecified": "d",
    "months": "mo",
}
_BOUNDS = {"max": "≤", "min": "≥"}


def written(duration: Duration) -> str:
    """A duration as this table writes it."""
    if duration.bound == "schedule" or duration.unit is None:
        return "schedule"
    if duration.bound == "range":
        return f"{duration.minimum}–{duration.maximum} {_UNITS[duration.unit]}"
    return f"{_BOUNDS.get(duration.bound, '')}{duration.value} {_UNITS[duration.unit]}"


def _five(first: str, second: str, third: set[str], fourth: str, fifth: str) -> tuple[Step, ...]:
    """Office, head, executor, head, whoever issues: the procedure of most regulations of Almaty oblast."""
    return (
        ("office_worker", {first}),
        ("head", {second}),
        ("responsible_executor", third),
        ("head", {fourth}),
        (None, {fifth}),
    )


def _six(head: str, second: str, third: set[str], fourth: set[str], fifth: tuple[str, set[str]]) -> tuple[Step, ...]:
    """The same with the akim of the rural okrug as a second track."""
    return (
        ("office_worker", {"30 min"}),
        (head, {second}),
        ("responsible_executor", third),
        ("responsible_executor", fourth),
        fifth,
        (None, {"30 min"}),
    )


_CSC = ("csc", 6)
_EIGHT_DAYS = _five("30 min", "4 h", {"8 wd"}, "4 h", "30 min")
_COUNTERS = ("csc", "office")
_QUARTER = ("≤15 min",)

FACTS: dict[str, Facts] = {
    "almaty-city/preschool-queue": Facts(
        channels=("office", "csc", "portal"),
        procedure=(
            ("responsible_person", {"10 min"}),
            ("head", {"10 min"}),
            ("specialist", {"5 min"}),
            ("specialist", {"10 min"}),
            ("centre_worker", set()),
        ),
        refuses=("csc", "portal"),
        flows=(("csc", 11), ("portal", 12)),
        restricted=(("portal", 2),),
        discrepancies=15,
    ),
    "almaty-city/education-document-duplicate": Facts(
        channels=("office", "csc"),
        procedure=(
            ("recipient", {"10 min"}),
            (None, {"10 min"}),
            ("head", {"5 min"}),
            ("employee", {"15 min"}),
            ("head", {"10 min"}),
            ("employee", set()),
        ),
        refuses=("csc",),
        overall=("≤30 cd",),
        waiting=_QUARTER,
        service=_QUARTER,
        flows=(("csc", 11),),
        discrepancies=18,
    ),
    "almaty-city/externat-permission": Facts(
        channels=("office",),
        procedure=(("recipient", {"10 min"}), (None, {"10 min"}), ("head", {"15 min"}), ("employee", set())),
        refuses=("office",),
        overall=("≤15 wd",),
        waiting=_QUARTER,
        service=_QUARTER,
        restricted=(("office", 1),),
        discrepancies=16,
    ),
    "almaty-city/pmp-examination-consultation": Facts(
        channels=("office",),
        procedure=(("recipient", {"10 min"}), (None, {"15 min"}), ("pmpc_specialists", {"≤15 cd", "1 h"})),
        refuses=("office",),
        overall=("≤15 cd", "≤1 h"),
        waiting=_QUARTER,
        service=_QUARTER,
        discrepancies=6,
    ),
    "almaty-city/rehabilitation": Facts(
        channels=("office",),
        procedure=(("recipient", {"10 min"}), (None, {"15 min"}), ("pmp_commission", {"60 min"})),
        overall=("60 min",),
        waiting=_QUARTER,
        service=_QUARTER,
        course=("90–180 cd",),
        discrepancies=11,
    ),
    "almaty-city/family-consultation": Facts(
        channels=("office",),
        procedure=(("recipient", {"10 min"}), (None, {"15 min"}), ("pmpc_specialists", {"60 min"})),
        overall=("≤60 min",),
        waiting=_QUARTER,
        service=_QUARTER,
        discrepancies=9,
    ),
    # Proactive rendering stands in rows 3 and 5 as a form of the service, not among the ways of row 1.
    "national/home-schooling": Facts(
        channels=("office", "portal", "mobile", "proactive"),
        refuses=("office", "portal", "mobile", "proactive"),
        overall=("2 wd",),
        waiting=_QUARTER,
        service=_QUARTER,
        restricted=(("portal", 1), ("mobile", 1)),
        discrepancies=6,
    ),
    "almaty-oblast/semey-nuclear-victims": Facts(
        channels=("office", "csc"),
        procedure=_five("30 min", "3 h", {"19 wd", "≤4 wd", "4 wd", "schedule"}, "4 h", "30 min"),
        refuses=("office", "csc"),
        extension=("1 mo",),
        flows=(_CSC,),
        restricted=(("office", 1),),
        discrepancies=4,
    ),
    "almaty-oblast/prosthetic-orthopaedic-assistance": Facts(_COUNTERS, _EIGHT_DAYS, flows=(_CSC,), discrepancies=2),
    "almaty-oblast/hearing-vision-hygiene-means": Facts(_COUNTERS, _EIGHT_DAYS, flows=(_CSC,), discrepancies=3),
    "almaty-oblast/targeted-social-assistance": Facts(
        channels=("employment_centre", "akim"),
        procedure=_six(
            "head_of_centre_or_akim", "2 h", {"6 wd"}, {"30 min", "1 wd"}, ("head_of_provider", {"4 h", "2 wd"})
        ),
        refuses=("employment_centre", "akim"),
        extension=("≤30 cd",),
        notice=("≤2 wd",),
        restricted=(("akim", 1),),
        discrepancies=3,
    ),
    "almaty-oblast/personal-assistant-sign-language": Facts(_COUNTERS, _EIGHT_DAYS, flows=(_CSC,), discrepancies=3),
    "almaty-oblast/wheelchairs": Facts(_COUNTERS, _EIGHT_DAYS, flows=(_CSC,), discrepancies=2),
    "almaty-oblast/sanatorium-treatment": Facts(_COUNTERS, _EIGHT_DAYS, flows=(_CSC,), discrepancies=2),
    "almaty-oblast/special-services-institution": Facts(
        _COUNTERS,
        _five("30 min", "4 h", {"15 wd"}, "4 h", "30 min"),
        refuses=_COUNTERS,
        flows=(_CSC,),
        discrepancies=2,
    ),
    "almaty-oblast/special-services-home-care": Facts(
        _COUNTERS,
        _five("30 min", "4 h", {"12 wd"}, "4 h", "30 min"),
        refuses=_COUNTERS,
        flows=(_CSC,),
        discrepancies=3,
    ),
    "almaty-oblast/local-social-assistance": Facts(
        channels=("office", "akim", "portal"),
        procedure=_six(
            "head_or_akim", "2 h", {"7 wd", "4 wd", "19 wd", "16 wd"}, {"30 min", "1 wd"}, ("head", {"4 h", "2 wd"})
        ),
        flows=(("portal", 3),),
        restricted=(("portal", 1),),
        discrepancies=4,
    ),
    "almaty-oblast/home-education-reimbursement": Facts(
        channels=("csc", "portal"),
        procedure=(
            ("office_worker", {"30 min", "6 min"}),
            ("head", {"30 min", "6 min"}),
            ("responsible_executor", {"9 wd", "6 min"}),
            ("head", {"30 min", "6 min"}),
            (None, {"30 min", "6 min"}),
        ),
        flows=(_CSC, ("portal", 3)),
        restricted=(("portal", 1),),
        discrepancies=4,
    ),
    "almaty-oblast/rural-specialists-fuel": Facts(
        channels=("csc", "office", "akim"),
        procedure=_six("head_or_akim", "2 h", {"9 wd", "11 wd"}, {"30 min", "1 wd"}, ("head", {"4 h", "2 wd"})),
        flows=(_CSC,),
        restricted=(("akim", 1),),
        discrepancies=1,
    ),
    "almaty-oblast/targeted-assistance-certificate": Facts(
        channels=("csc", "office", "portal", "employment_centre"),
        procedure=_five("3 min", "3 min", {"3 min"}, "3 min", "3 min"),
        flows=(_CSC, ("employment_centre", 6), ("portal", 3)),
        discrepancies=3,
    ),
    "almaty-oblast/employment-referral": Facts(
        channels=("office", "portal"),
        procedure=_five("5 min", "5 min", {"10 min", "7 h"}, "5 min", "5 min"),
        refuses=("office", "portal"),
        flows=(("portal", 2),),
        discrepancies=2,
    ),
    "almaty-oblast/oralman-status": Facts(
        channels=("office", "csc"),
        procedure=(("responsible_executor", {"4 wd"}), ("head", {"3 h"}), (None, {"30 min"})),
        flows=(_CSC,),
        discrepancies=2,
    ),
    "almaty-oblast/foreign-labour-permit": Facts(
        channels=("office", "portal"),
        procedure=_five("20 min", "3 h", {"≤7 wd", "≤11 wd", "≤3 wd", "5 wd", "7 wd"}, "4 h", "20 min"),
        refuses=("office", "portal"),
        flows=(("portal", 3),),
        persons=("natural", "legal"),
        fee="paid_or_free",
        discrepancies=7,
    ),
    "almaty-oblast/rehabilitated-person-certificate": Facts(
        channels=("csc",),
        procedure=_five("30 min", "3 h", {"4 wd"}, "4 h", "30 min"),
        flows=(_CSC,),
        discrepancies=4,
    ),
    "almaty-oblast/housing-assistance": Facts(
        channels=("csc", "portal"),
        procedure=_five("20 min", "3 h", {"9 cd"}, "4 h", "20 min"),
        refuses=("csc", "portal"),
        flows=(_CSC, ("portal", 3)),
        discrepancies=5,
    ),
    "karaganda/rehabilitation": Facts(
        channels=("office",),
        excluded=("csc", "mobile", "portal", "proactive"),
        procedure=(
            ("office_worker", {"≤5 min"}),
            ("head", {"≤10 min"}),
            ("specialists", {"≤30 min"}),
            (None, {"90–365 cd"}),
            ("specialists_and_head", {"≤10 min"}),
            ("office_worker", {"≤5 min"}),
        ),
        persons=(),
        fee=None,
        discrepancies=7,
    ),
    "national/preschool-queue-2012": Facts(
        channels=("office", "akim", "csc", "portal"),
        refuses=("office", "akim", "csc", "portal"),
        overall=("3 wd", "3 wd", "3 wd"),
        waiting=("≤30 min", "≤20 min", "≤20 min"),
        service=("≤30 min", "≤20 min"),
        restricted=(("office", 2), ("akim", 2), ("csc", 1), ("portal", 2)),
        discrepancies=11,
    ),
}
