"""The matter's state machine: whatever is tried in whatever order, it moves forward only and is decided once."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.provider.domain.attachments import Attachment, AttachmentState
from services.provider.domain.grounds import claimed_moment, find_grounds, named_grounds, violations_ground
from services.provider.domain.matter import MOVES, Act, Matter, MatterState, Ruling
from services.provider.errors import AlreadyDecided, IllegalMove, InvalidGrounds, RefusalNotStated
from shared.kit.text import Text
from shared.regulations.grounds import FoundGround
from shared.regulations.loader import load_regulations
from shared.regulations.model import Regulation
from tests.unit.provider.applications import SERVICE, child

NOW = datetime(2026, 6, 2, 9, tzinfo=UTC)
ACT = Act("{}", "0" * 64, "c2ln")
WORDS = Text(kk="мәтін", ru="текст", en="text")
GROUND = FoundGround(code="document-violations", text=WORDS, clause="12(11)", detail=WORDS)
ORDER = [MatterState.RECEIVED, MatterState.IN_REVIEW, MatterState.PLACING, MatterState.GRANTED, MatterState.REFUSED]
GRANT, REFUSE = Ruling("granted", NOW, "aliya"), Ruling("refused", NOW, "aliya", (GROUND,))
TRIES = {
    "review": lambda matter: matter.start_review(NOW, []),
    "grant": lambda matter: matter.rule(GRANT),
    "refuse": lambda matter: matter.rule(REFUSE),
    "ask": lambda matter: matter.await_placement("digest"),
    "place": lambda matter: matter.placed(1, 1),
    "sign": lambda matter: matter.signed(ACT),
    "close": lambda matter: matter.close("digest"),
}


@pytest.fixture(scope="module")
def regulation() -> Regulation:
    """The preschool queue."""
    return load_regulations()[SERVICE]


def matter() -> Matter:
    """A matter that just arrived."""
    return Matter(
        application="a",
        provider_bin="990140000017",
        regulation=SERVICE,
        channel="portal",
        entry_number="2026-000001",
        registered_at=NOW,
        received_at=NOW,
        document="{}",
        signature="",
        signature_report={},
        assignment_id="m",
        assignment_digest="d",
    )


def attachment(state: AttachmentState) -> Attachment:
    """The benefit document."""
    return Attachment("a/0", "a", "benefit_document", "scan.pdf", "application/pdf", 1, "0" * 64, "http://x", state)


class TestMatter:
    @given(st.lists(st.sampled_from(sorted(TRIES)), max_size=30))
    def test_any_order_of_tries_moves_forward_only_and_decides_once(self, tries: list[str]) -> None:
        current, decisions = matter(), set()
        for name in tries:
            before = current
            try:
                current = TRIES[name](current)
            except (IllegalMove, AlreadyDecided):
                continue
            assert ORDER.index(MatterState(current.state)) >= ORDER.index(MatterState(before.state))
            if current.state != before.state:
                assert MatterState(current.state) in MOVES[MatterState(before.state)]
            if before.closed:
                assert current == before
            if before.act is not None:
                assert current.act == before.act
            if current.decision is not None:
                decisions.add(current.decision)
        assert len(decisions) <= 1
        assert current.act is not None or not current.closed
        if current.closed:
            assert current.state == current.decision

    def test_refused_matter_gets_no_queue_number(self) -> None:
        refused = matter().start_review(NOW, []).rule(REFUSE)
        with pytest.raises(IllegalMove):
            refused.await_placement("digest")

    def test_same_decision_on_other_grounds_is_another_decision(self) -> None:
        refused = matter().start_review(NOW, []).rule(REFUSE)
        assert refused.repeats("refused", ["document-violations"])
        assert not refused.repeats("refused", ["child-not-under-seven"])
        assert not refused.repeats("granted", [])

    def test_nothing_is_decided_before_the_attachments_are_there(self) -> None:
        with pytest.raises(IllegalMove):
            matter().rule(GRANT)


class TestGrounds:
    def test_attachment_that_is_not_what_was_signed_is_a_violation_in_the_documents(
        self, regulation: Regulation
    ) -> None:
        form = {"child": child(), "priority_category": "orphan"}
        found = find_grounds(regulation, "portal", form, [attachment(AttachmentState.MISMATCH)], NOW)
        assert [ground.code for ground in found] == ["document-violations"]
        assert "scan.pdf" in found[0].detail.kk

    def test_fitting_attachment_is_none(self, regulation: Regulation) -> None:
        form = {"child": child(), "priority_category": "orphan"}
        assert find_grounds(regulation, "portal", form, [attachment(AttachmentState.STORED)], NOW) == []
        assert [g.code for g in find_grounds(regulation, "portal", form, [], NOW)] == ["benefit-document-missing"]

    def test_named_ground_has_the_words_of_the_law_and_what_was_found(self, regulation: Regulation) -> None:
        finding = {"code": "child-not-under-seven", "detail": WORDS.model_dump()}
        codes = ["child-not-under-seven", "document-violations", "child-not-under-seven"]
        first, second = named_grounds(regulation, "portal", codes, [finding])
        law = regulation.ground("child-not-under-seven")
        assert law is not None
        assert (first.text, first.clause, first.detail) == (law.text, law.clause, WORDS)
        assert second.detail.ru == "установлено должностным лицом"

    @given(st.lists(st.text(max_size=30), max_size=4))
    def test_only_grounds_of_this_condition_may_be_named(self, codes: list[str]) -> None:
        with pytest.raises(InvalidGrounds) as refused:
            named_grounds(load_regulations()[SERVICE], "portal", [*codes, "signature-not-confirmed"], [])
        assert {"path": f"/grounds/{len(codes)}"}.items() <= refused.value.members["faults"][-1].items()

    def test_refusal_without_grounds_is_impossible(self, regulation: Regulation) -> None:
        with pytest.raises(InvalidGrounds):
            named_grounds(regulation, "portal", [], [])

    def test_nothing_is_refused_where_the_text_states_no_refusal(self) -> None:
        consultation = load_regulations()["almaty-city/family-consultation"]
        with pytest.raises(RefusalNotStated) as refused:
            named_grounds(consultation, "office", ["document-violations"], [])
        assert refused.value.members["clause"] == "4"

    def test_a_case_is_refused_only_on_the_grounds_stated_for_it(self) -> None:
        victims = load_regulations()["almaty-oblast/semey-nuclear-victims"]
        named = named_grounds(victims, "csc", ["registration-refused"], [], "тұрған жері расталмады", "decision")
        assert [(ground.code, ground.detail.kk) for ground in named] == [
            ("registration-refused", "тұрған жері расталмады")
        ]
        with pytest.raises(RefusalNotStated):
            named_grounds(victims, "csc", ["registration-refused"], [], "reasons", "duplicate")

    def test_general_ground_is_the_one_without_a_check(self, regulation: Regulation) -> None:
        assert violations_ground(regulation, "portal").code == "document-violations"
        with pytest.raises(LookupError):
            violations_ground(regulation.model_copy(update={"grounds": ()}), "portal")


@given(claimed=st.one_of(st.none(), st.integers(-1000, 1000)), took=st.integers(0, 500))
def test_moment_of_signing_lies_between_making_and_registration(claimed: int | None, took: int) -> None:
    registered_at = NOW + timedelta(seconds=took)
    said = None if claimed is None else NOW + timedelta(seconds=claimed)
    moment = claimed_moment(said, NOW, registered_at)
    assert NOW <= moment <= registered_at
    if said is not None and NOW <= said <= registered_at:
        assert moment == said
