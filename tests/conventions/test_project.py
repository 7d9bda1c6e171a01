"""The project keeps its conventions. ``test_rules`` shows that each rule can fail."""

from collections.abc import Callable, Iterable, Iterator

import pytest

from shared.messages.systems import System
from shared.messages.types import MessageType
from tests.conventions import rules
from tests.conventions.sources import ROOT, Source, project_files

FILES = project_files()
TERMS = (
    "PublicService", "ServiceStandard", "Regulation", "Step", "Applicant", "Representative", "Operator", "Officer",
    "Provider", "Application", "Envelope", "RegistryRequested", "RegistryAnswered", "relay", "DeliveryReceipt",
    "AcceptanceReceipt", "Rejection", "refusal", "Decision", "RefusalGround", "Notice", "Notification",
    "ServiceResult", "ElectronicDocument", "Attachment", "Extract", "PowerOfAttorney", "NotarialAct",
    "NaturalPerson", "LegalEntity", "RegistrationJournal", "JournalEntry", "Signature", "ValidationReport",
    "CertificateAuthority", "RevocationStatus", "iin", "bin",
    *System,
    *MessageType,
)  # fmt: skip


@pytest.mark.parametrize(
    "rule",
    [
        rules.wall_clocks,
        rules.http_clients,
        rules.tasks_that_last,
        rules.commits_below_the_edge,
        rules.over_budget,
        rules.missing_docstrings,
        rules.missing_return_types,
        rules.outside_references,
        rules.avoided_class_names,
        rules.invented_file_names,
        rules.sleeping_tests,
    ],
)
def test_rule_is_kept(rule: Callable[[Iterable[Source]], Iterator[str]]) -> None:
    findings = list(rule(FILES))
    assert not findings, "\n".join(findings)


def test_wire_names_stand_once() -> None:
    findings = list(rules.wire_names_spelled_out(FILES, frozenset(MessageType)))
    assert not findings, "\n".join(findings)


def test_glossary_has_every_term_in_every_language() -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    findings = [*rules.missing_terms(glossary, TERMS), *rules.incomplete_rows(glossary)]
    assert not findings, "\n".join(findings)


def test_every_decision_is_in_the_index() -> None:
    folder = ROOT / "docs" / "decisions"
    index = (folder / "index.md").read_text(encoding="utf-8")
    decisions = sorted(path.name for path in folder.glob("[0-9]*.md"))
    assert decisions
    assert [name for name in decisions if f"]({name})" not in index] == []


def test_there_is_something_to_check() -> None:
    assert len([file for file in FILES if file.is_code]) > 50
