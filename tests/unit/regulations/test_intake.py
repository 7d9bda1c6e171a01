"""What a centre owes its visitors: documents, registries, receipts, consent, queue, storage. Both regulations."""

from datetime import date

import pytest

from shared.kit.text import LANGUAGES
from shared.messages.registry import ByIIN, ByRegisterNumber
from shared.regulations.actions import Action
from shared.regulations.documents import expected_from_registries, to_hand_in
from shared.regulations.grounds import evaluate, ground_of, grounds_at
from shared.regulations.model import Channel, Regulation
from shared.regulations.registries import FINDING_TEXTS, Finding, due
from tests.unit.regulations.factories import duplicate_form, queue_form, with_representative

SIX = ["number_and_date", "service", "documents", "issue", "accepted_by", "parties"]
CHILD = {Finding.CHILD_ABSENT, Finding.CHILD_DEAD, Finding.CHILD_REMOVED}
ON = date(2026, 3, 2)


@pytest.fixture
def at_queue(queue: Regulation) -> Channel:
    """The centre's channel for the queue."""
    return queue.channel("csc")


@pytest.fixture
def at_duplicate(duplicate: Regulation) -> Channel:
    """The centre's channel for duplicates."""
    return duplicate.channel("csc")


def asked(channel: Channel, form: dict[str, object], held: frozenset[str]) -> list[str]:
    """Codes of the documents asked for."""
    return [document.code for document in to_hand_in(channel, form, held)]


def test_documents_of_the_queue_are_the_four_of_the_standard(at_queue: Channel) -> None:
    assert [(d.code, d.required, d.kind, d.otherwise) for d in at_queue.documents[:4]] == [
        ("identity_document", "from_registry", "data", None),
        ("birth_certificate", "from_registry", "data", "paper"),
        ("benefit_document", "if_claimed", "paper", None),
        ("address_data", "from_registry", "data", None),
    ]
    assert all("clause 11, centre, item" in d.source for d in at_queue.documents[:4])


def test_documents_of_the_duplicate_are_marked_as_ours(at_duplicate: Channel) -> None:
    own = [d.code for d in at_duplicate.documents if "The stand's own list" in d.source]
    assert own == [d.code for d in at_duplicate.documents if d.code != "application"]
    certificate = next(d for d in at_duplicate.documents if d.code == "birth_certificate")
    assert certificate.registry_after == date(2008, 12, 31)


def test_what_registries_hold_is_not_asked_for(at_queue: Channel, at_duplicate: Channel) -> None:
    held = expected_from_registries(at_queue)
    assert held == {"identity_document", "birth_certificate", "benefit_document", "address_data"}
    claim = queue_form() | {"priority_category": "orphan"}
    assert asked(at_queue, claim, held) == []
    assert asked(at_queue, claim, frozenset()) == ["birth_certificate", "benefit_document"]
    assert asked(at_queue, queue_form(), frozenset()) == ["birth_certificate"]
    assert asked(at_duplicate, duplicate_form(), expected_from_registries(at_duplicate)) == [
        "application",
        "loss_statement",
    ]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"reason": "lost"}, ["loss_statement"]),
        ({"reason": "damaged"}, ["damaged_original"]),
        ({"reason": "lost", "names_in_document": "ТЕСТ Асель"}, ["loss_statement", "name_change_certificate"]),
    ],
)
def test_documents_of_a_claim(at_duplicate: Channel, fields: dict[str, str], expected: list[str]) -> None:
    found = asked(at_duplicate, duplicate_form(**fields), expected_from_registries(at_duplicate))
    assert found == ["application", *expected]


@pytest.mark.parametrize(("certification", "on_paper"), [("notarial", False), ("other", True)])
def test_only_a_power_of_attorney_certified_otherwise_is_handed_in(
    centre: Regulation, certification: str, on_paper: bool
) -> None:
    form = with_representative(queue_form(), certification)
    csc = centre.channel("csc")
    assert ("power_of_attorney" in asked(csc, form, frozenset())) == on_paper


def test_the_portals_request_is_not_handed_in(portal: Channel) -> None:
    assert asked(portal, queue_form(), frozenset()) == []


def test_who_is_asked_about_whom(at_queue: Channel, at_duplicate: Channel) -> None:
    form = with_representative(queue_form())
    assert [(q.registry.value, q.about, q.clause) for q, _ in due(at_queue.registry_queries, form)] == [
        ("persons", "applicant", "10(3)"),
        ("persons", "child", "10"),
        ("notary", "power_of_attorney", "10(3)"),
    ]
    assert [search for _, search in due(at_queue.registry_queries, form)] == [
        ByIIN(iin=form["applicant"]["iin"]),
        ByIIN(iin=form["child"]["iin"]),
        ByRegisterNumber(register_number="1-2301", notarised_on=date(2026, 1, 15)),
    ]
    assert [q.about for q, _ in due(at_duplicate.registry_queries, duplicate_form())] == ["applicant"]


@pytest.mark.parametrize("form", [queue_form(), with_representative(queue_form(), "other")])
def test_the_notary_registry_is_asked_about_notarised_powers_only(centre: Regulation, form: dict[str, object]) -> None:
    queries = due(centre.channel("csc").registry_queries, form)
    assert "power_of_attorney" not in [query.about for query, _ in queries]


def test_the_notarys_licence_narrows_the_search(at_queue: Channel) -> None:
    form = with_representative(queue_form())
    form["power_of_attorney"]["notary"] = "0002317"
    *_, (_, search) = due(at_queue.registry_queries, form)
    assert isinstance(search, ByRegisterNumber)
    assert search.notary_licence == "0002317"


def test_the_power_that_is_needed(centre: Regulation) -> None:
    representation = centre.channel("csc").representation
    assert representation is not None
    assert (representation.power_code, representation.collection_power_code) == ("apply", "receive_result")


def test_every_finding_has_its_ground(queue: Regulation, duplicate: Regulation) -> None:
    at_the_centre = set(Finding) - {Finding.CHILD_OF_OTHERS}  # relatives are not asked about there
    found = {finding: ground_of(queue, "csc", finding).code for finding in at_the_centre}
    powers = {f for f, code in found.items() if code == "power-of-attorney-not-found"}
    assert set(found.values()) == {"not-in-persons-registry", "power-of-attorney-not-found"}
    assert powers == {f for f in Finding if f.startswith(("power", "other"))}
    assert {f for f in Finding if f in CHILD} == CHILD
    for finding in at_the_centre - CHILD:
        assert ground_of(duplicate, "csc", finding).code == found[finding]
    for finding in CHILD:
        with pytest.raises(LookupError, match=finding.value):
            ground_of(duplicate, "csc", finding)


def test_what_the_registry_has_against_a_portal_request_is_a_violation_in_the_documents(queue: Regulation) -> None:
    queries = queue.channel("portal").registry_queries
    assert [(query.about, query.clause) for query in queries] == [("applicant", "12"), ("child", "12")]
    for finding in (*CHILD, Finding.CHILD_OF_OTHERS, Finding.APPLICANT_ABSENT, Finding.APPLICANT_DEAD):
        found = ground_of(queue, "portal", finding)
        assert (found.code, found.clause) == ("document-violations", "12(11)")


def test_the_child_is_asked_about_only_where_priority_is_claimed(queue: Regulation) -> None:
    queries, form = queue.channel("portal").registry_queries, queue_form()
    assert [query.about for query, _ in due(queries, form)] == ["applicant"]
    assert [query.about for query, _ in due(queries, form | {"priority_category": "orphan"})] == ["applicant", "child"]


def test_a_finding_is_told_with_the_laws_ground(queue: Regulation) -> None:
    ground = ground_of(queue, "csc", Finding.POWER_REVOKED)
    assert (ground.clause, ground.text.ru) == ("10(5)", "отсутствие данных доверенности в ЕНИС")
    assert ground.detail.ru == "доверенность отменена"
    assert set(FINDING_TEXTS) == set(Finding)
    with pytest.raises(LookupError):
        ground_of(queue, "portal", Finding.POWER_REVOKED)


def test_grounds_of_the_centre(queue: Regulation, duplicate: Regulation) -> None:
    def codes(regulation: Regulation, action: Action) -> list[str]:
        return [ground.code for ground in grounds_at(regulation, "csc", action)]

    assert codes(queue, Action.CHECK_DOCUMENTS) == [
        "document-violations",
        "benefit-document-missing",
        "child-data-mismatch",
        "child-not-under-seven",
    ]
    assert codes(duplicate, Action.CHECK_DOCUMENTS)[0] == "document-violations"
    assert codes(duplicate, Action.CHECK_DOCUMENTS)[-1] == "no-basis"
    for regulation in (queue, duplicate):
        assert codes(regulation, Action.REFUSE_PACKAGE) == ["incomplete-package"]
        assert len(codes(regulation, Action.CHECK_REGISTRY_DATA)) == 2


def test_a_ground_of_two_channels_has_the_clause_of_each(queue: Regulation) -> None:
    clauses = {}
    for channel in ("portal", "csc"):
        ground = queue.ground("child-not-under-seven", channel)
        assert ground is not None
        clauses[channel] = ground.clause
    assert clauses == {"portal": "1, 12(10)", "csc": "1, 10(9)"}
    assert queue.ground("child-born-too-early", "csc") is None


def test_condition_2_by_rule(queue: Regulation, duplicate: Regulation) -> None:
    old = queue_form(date(2005, 1, 1)) | {"priority_category": "orphan"}
    assert [(g.code, g.clause) for g in evaluate(queue, "csc", old, frozenset(), ON)] == [
        ("benefit-document-missing", "10(10)"),
        ("child-not-under-seven", "1, 10(9)"),
    ]
    complete = frozenset({"application", "loss_statement"})
    assert evaluate(duplicate, "csc", duplicate_form(), complete, ON) == []
    damaged = evaluate(duplicate, "csc", duplicate_form(reason="damaged"), complete, ON)
    assert [g.code for g in damaged] == ["damaged-original-missing"]
    assert [g.code for g in evaluate(duplicate, "csc", duplicate_form(), frozenset(), ON)] == [
        "application-missing",
        "loss-statement-missing",
    ]


def test_the_acceptance_receipt_has_six_groups(centre: Regulation) -> None:
    receipt = centre.channel("csc").receipt("acceptance")
    assert receipt is not None
    assert [group.code for group in receipt.groups] == SIX
    assert {item for group in receipt.groups for item in group.items} == {
        *("number", "date", "service", "document_count", "document_names", "issue_date", "issue_time", "issue_place"),
        *("employee_names", "applicant_names", "applicant_phone", "representative_names", "representative_phone"),
    }
    assert receipt.groups[-1].text.kk.endswith("олардың байланыс телефондары")


def test_the_refusal_receipt_lists_what_is_missing(centre: Regulation) -> None:
    receipt = centre.channel("csc").receipt("refusal")
    assert receipt is not None
    assert any("missing_documents" in group.items for group in receipt.groups)
    assert receipt.name.ru == receipt.stated["ru"] == "расписка об отказе в приеме документов"
    assert "мемлекеттік қызмет көрсетуден бас тарту туралы қолхат" in receipt.stated["kk"]
    assert receipt.name.kk == "құжаттарды қабылдаудан бас тарту туралы қолхат"


def test_the_providers_receipt_has_five_groups(duplicate: Regulation) -> None:
    receipt = duplicate.channel("office").receipt("acceptance")
    assert receipt is not None
    assert ([group.code for group in receipt.groups], receipt.clause) == (SIX[:-1], "9(2)")
    assert duplicate.channel("office").receipt("refusal") is None


def test_consent_comes_before_any_registry_is_asked(centre: Regulation) -> None:
    csc = centre.channel("csc")
    assert csc.consent is not None
    before = csc.step(csc.consent.before)
    assert before is not None
    assert before.action is Action.QUERY_REGISTRIES
    assert "письменное согласие" in csc.consent.text.ru
    assert all(csc.consent.statement.pick(language) for language in LANGUAGES)


def test_originals_and_queue(centre: Regulation) -> None:
    csc = centre.channel("csc")
    assert csc.originals is not None
    assert csc.originals.text.ru.endswith("возвращает оригиналы услугополучателю.")
    assert csc.electronic_queue is not None
    assert (csc.electronic_queue.booked_through, csc.electronic_queue.accelerated) == (("portal",), False)
    assert "без ускоренного обслуживания" in csc.electronic_queue.text.ru


def test_an_uncollected_result_is_kept_for_a_month(centre: Regulation) -> None:
    csc = centre.channel("csc")
    storage = csc.storage
    assert storage is not None
    assert (storage.value, storage.unit, storage.then) == (1, "months", "provider")
    end = csc.step(storage.step)
    assert end is not None
    assert (end.action, end.terminal) == (Action.RETURN_UNCOLLECTED, "granted")


def test_the_source_of_the_storage_stands_with_it(at_queue: Channel, at_duplicate: Channel) -> None:
    assert at_queue.storage is not None
    assert at_duplicate.storage is not None
    assert (at_duplicate.storage.source, at_duplicate.storage.clause) == (None, "12")
    assert "2012 standard" in (at_queue.storage.source or "")
