"""Cases, durations, restrictions and documents of annexes 4, 10 to 12, 17 and 18 of the act of Almaty oblast."""

import pytest

from shared.regulations.documents import to_hand_in
from shared.regulations.errors import ChannelRestricted
from shared.regulations.forms import validate_form
from shared.regulations.loader import Regulations
from shared.regulations.procedure import extension_term, notice_term, tasks_of
from shared.regulations.restrictions import require_open
from shared.regulations.samples import variants_of
from tests.unit.regulations.oblast_assistance import CASES, durations, form_of, of

MISSING = {"need_document", "income_statement"}


@pytest.mark.parametrize(("name", "channel"), CASES)
def test_every_case_has_a_form_that_fits(regulations: Regulations, name: str, channel: str) -> None:
    regulation = of(regulations, name)
    for variant in variants_of(regulation, channel):
        form = form_of(regulation, channel, variant)
        assert validate_form(regulation, channel, form) == []
        assert regulation.variant_of(channel, form) == variant
        require_open(regulation.channel(channel), form)


@pytest.mark.parametrize(
    ("name", "channel", "variant", "expected"),
    [
        (
            "targeted-social-assistance",
            "employment_centre",
            "employment_centre",
            [(30, "minutes"), (2, "hours"), (6, "working_days"), (30, "minutes"), (4, "hours"), (30, "minutes")],
        ),
        (
            "targeted-social-assistance",
            "akim",
            "akim",
            [
                (30, "minutes"),
                (2, "hours"),
                (6, "working_days"),
                (1, "working_days"),
                (2, "working_days"),
                (30, "minutes"),
            ],
        ),
        *(
            (
                "local-social-assistance",
                channel,
                variant,
                [(30, "minutes"), (2, "hours"), (days, "working_days"), (30, "minutes"), (4, "hours"), (30, "minutes")],
            )
            for channel, variant, days in (
                ("office", "provider", 7),
                ("portal", "provider", 7),
                ("portal", "information", 7),
                ("office", "provider-missing-documents", 19),
            )
        ),
        *(
            (
                "local-social-assistance",
                "akim",
                variant,
                [
                    (30, "minutes"),
                    (2, "hours"),
                    (days, "working_days"),
                    (1, "working_days"),
                    (2, "working_days"),
                    (30, "minutes"),
                ],
            )
            for variant, days in (("akim", 4), ("akim-missing-documents", 16))
        ),
        *(
            (
                "home-education-reimbursement",
                channel,
                "notification",
                [(30, "minutes"), (30, "minutes"), (9, "working_days"), (30, "minutes"), (30, "minutes")],
            )
            for channel in ("csc", "portal")
        ),
        ("home-education-reimbursement", "portal", "information", [(6, "minutes")] * 5),
        *(
            (
                "rehabilitated-person-certificate",
                "csc",
                variant,
                [(30, "minutes"), (3, "hours"), (4, "working_days"), (4, "hours"), (30, "minutes")],
            )
            for variant in ("original", "duplicate")
        ),
        *(
            (
                "housing-assistance",
                channel,
                "default",
                [(20, "minutes"), (3, "hours"), (9, "calendar_days"), (4, "hours"), (20, "minutes")],
            )
            for channel in ("csc", "portal")
        ),
    ],
)
def test_how_long_each_step_takes(
    regulations: Regulations, name: str, channel: str, variant: str, expected: list[tuple[int, str]]
) -> None:
    found = durations(of(regulations, name), channel, variant)
    assert found == [(value, unit, None) for value, unit in expected]


@pytest.mark.parametrize(
    ("channel", "variant", "third", "fourth", "fifth"),
    [
        ("csc", "provider", (9, "working_days", "registration"), (30, "minutes", None), (4, "hours", None)),
        ("office", "provider", (9, "working_days", "registration"), (30, "minutes", None), (4, "hours", None)),
        ("akim", "akim", (11, "working_days", "submission"), (1, "working_days", None), (2, "working_days", None)),
    ],
)
def test_the_fuel_term_runs_from_registration_or_submission(
    regulations: Regulations, channel: str, variant: str, third: object, fourth: object, fifth: object
) -> None:
    regulation = of(regulations, "rural-specialists-fuel")
    first, second, *middle, last = durations(regulation, channel, variant)
    assert (first, second, last) == ((30, "minutes", None), (2, "hours", None), (30, "minutes", None))
    assert middle == [third, fourth, fifth]


def test_who_takes_the_steps(regulations: Regulations) -> None:
    roles = {
        (name, channel): [task.role.value for task in tasks_of(of(regulations, name), channel)]
        for name, channel in CASES
    }
    assert roles["targeted-social-assistance", "akim"] == [
        "office_worker",
        "head_of_centre_or_akim",
        "responsible_executor",
        "responsible_executor",
        "head_of_provider",
        "responsible_executor",
    ]
    for name in ("local-social-assistance", "rural-specialists-fuel"):
        assert roles[name, "akim"] == [
            "office_worker",
            "head_or_akim",
            "responsible_executor",
            "responsible_executor",
            "head",
            "responsible_executor",
        ]
    for name in ("home-education-reimbursement", "rehabilitated-person-certificate", "housing-assistance"):
        assert roles[name, "csc"] == [
            "office_worker",
            "head",
            "responsible_executor",
            "head",
            "responsible_executor",
        ]


@pytest.mark.parametrize(
    ("name", "channel", "pointer", "value"),
    [
        ("targeted-social-assistance", "akim", "employment_centre_at_residence", "present"),
        ("rural-specialists-fuel", "akim", "provider_at_residence", "present"),
        ("local-social-assistance", "portal", "category", "low_income"),
    ],
)
def test_whom_a_channel_is_closed_to(
    regulations: Regulations, name: str, channel: str, pointer: str, value: str
) -> None:
    regulation = of(regulations, name)
    form = form_of(regulation, channel, variants_of(regulation, channel)[0])
    require_open(regulation.channel(channel), form)
    with pytest.raises(ChannelRestricted) as refused:
        require_open(regulation.channel(channel), form | {pointer: value})
    clause = regulation.channel(channel).clause
    assert [found["clause"] for found in refused.value.members["restrictions"]] == [clause]


def test_only_the_akims_of_annexes_4_and_12_have_a_condition(regulations: Regulations) -> None:
    assert of(regulations, "local-social-assistance").channel("akim").restrictions == ()


@pytest.mark.parametrize("category", ["disability", "socially_significant_disease"])
def test_the_portal_of_annex_10_is_for_two_categories(regulations: Regulations, category: str) -> None:
    regulation = of(regulations, "local-social-assistance")
    form = form_of(regulation, "portal", "provider")
    require_open(regulation.channel("portal"), form | {"category": category})


@pytest.mark.parametrize("name", ["local-social-assistance", "home-education-reimbursement"])
def test_the_portal_also_gives_information(regulations: Regulations, name: str) -> None:
    regulation = of(regulations, name)
    information = regulation.variant("information")
    assert information is not None
    assert information.gives == {"granted": "assignment_information"}
    assert information.channels == ("portal",)
    result = regulation.result("assignment_information")
    assert result is not None
    assert result.forms == ("electronic",)


def test_the_extension_of_annex_4_and_its_notice(regulations: Regulations) -> None:
    regulation = of(regulations, "targeted-social-assistance")
    for channel in ("employment_centre", "akim"):
        extension, notice = extension_term(regulation, channel, channel), notice_term(regulation, channel, channel)
        assert extension is not None
        assert notice is not None
        found = [(t.duration.value, t.duration.unit, t.duration.bound, t.clause) for t in (extension, notice)]
        assert found == [(30, "calendar_days", "max", "5(3)"), (2, "working_days", "max", "5(3)")]
    other = of(regulations, "local-social-assistance")
    assert notice_term(other, "office") is None
    assert other.terms == ()


def test_the_housing_results_are_electronic_only(regulations: Regulations) -> None:
    results = {result.kind: result.forms for result in of(regulations, "housing-assistance").results}
    assert results == {
        "assignment_notification": ("electronic",),
        "reasoned_refusal": ("electronic",),
        "acceptance_refusal": ("paper",),
    }


def test_what_cannot_be_presented_is_not_asked_for(regulations: Regulations) -> None:
    regulation = of(regulations, "local-social-assistance")
    for channel in ("office", "akim", "portal"):
        track = "akim" if channel == "akim" else "provider"
        asked = {
            variant: {
                document.code
                for document in to_hand_in(
                    regulation.channel(channel), form_of(regulation, channel, variant), frozenset()
                )
            }
            for variant in (track, f"{track}-missing-documents")
        }
        assert asked[track] >= MISSING
        assert not asked[f"{track}-missing-documents"] & MISSING
    form = form_of(regulation, "office", "provider-missing-documents")
    del form["why_incomplete"]
    assert [fault.path for fault in validate_form(regulation, "office", form)] == ["/why_incomplete"]


def test_a_request_for_information_needs_no_evidence(regulations: Regulations) -> None:
    regulation = of(regulations, "home-education-reimbursement")
    channel = regulation.channel("portal")
    asked = {
        variant: {d.code for d in to_hand_in(channel, form_of(regulation, "portal", variant), frozenset())}
        for variant in ("notification", "information")
    }
    assert asked["information"] == {"identity_document"}
    assert "pmpc_conclusion" in asked["notification"]


@pytest.mark.parametrize(("reason", "asked"), [("damaged", True), ("lost", False)])
def test_a_damaged_certificate_is_handed_in(regulations: Regulations, reason: str, asked: bool) -> None:
    regulation = of(regulations, "rehabilitated-person-certificate")
    form = form_of(regulation, "csc", "duplicate") | {"duplicate_reason": reason}
    assert validate_form(regulation, "csc", form) == []
    codes = {document.code for document in to_hand_in(regulation.channel("csc"), form, frozenset())}
    assert ("damaged_certificate" in codes) == asked
