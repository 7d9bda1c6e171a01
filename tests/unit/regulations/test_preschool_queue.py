"""The loaded facts against expectations written by hand from the act."""

import re

import pytest

from shared.kit.text import Text
from shared.regulations.loader import Regulations, summary
from shared.regulations.model import Channel, Regulation
from shared.regulations.parts import Part

STEPS = [
    ("registration", "register_recipient", "portal", "12(1)"),
    ("process-1", "sign_in", "portal", "12(2)"),
    ("condition-1", "check_credentials", "portal", "12(3)"),
    ("process-2", "refuse_authorisation", "portal", "12(4)"),
    ("process-3", "fill_request", "portal", "12(5)"),
    ("condition-2", "check_certificate", "portal", "12(6)"),
    ("process-4", "refuse_certificate", "portal", "12(7)"),
    ("process-5", "sign_and_send", "portal", "12(8)"),
    ("process-6", "register_document", "regional-gateway", "12(9)"),
    ("condition-3", "check_documents", "provider", "12(10)"),
    ("process-7", "refuse_service", "provider", "12(11)"),
    ("process-8", "deliver_result", "portal", "12(12)"),
]
TERMINALS = {
    "process-2": "not_authorised",
    "process-4": "refused",
    "process-7": "refused",
    "process-8": "granted",
}
LATIN_IN_CYRILLIC = re.compile(r"[a-zA-Z][а-яёәғқңөұүһі]|[а-яёәғқңөұүһі][a-zA-Z]", re.IGNORECASE)


def texts_of(part: object) -> list[Text]:
    """Every text anywhere inside ``part``."""
    if isinstance(part, Text):
        return [part]
    if isinstance(part, Part):
        return [text for name in type(part).model_fields for text in texts_of(getattr(part, name))]
    if isinstance(part, dict):
        return [text for value in part.values() for text in texts_of(value)]
    if isinstance(part, tuple):
        return [text for value in part for text in texts_of(value)]
    return []


def test_steps_stand_in_the_order_of_clause_12(portal: Channel) -> None:
    assert [(s.id, s.action.value, s.actor.value, s.clause) for s in portal.steps] == STEPS


def test_conditions_lead_where_the_text_says(portal: Channel) -> None:
    ways = {s.id: (s.on_fail, s.next) for s in portal.steps if s.on_fail}
    assert ways == {
        "condition-1": ("process-2", "process-3"),
        "condition-2": ("process-4", "process-5"),
        "condition-3": ("process-7", "process-8"),
    }


def test_every_branch_ends_in_its_outcome(portal: Channel) -> None:
    assert {s.id: s.terminal for s in portal.steps if s.terminal} == TERMINALS


def test_only_registration_is_optional(portal: Channel) -> None:
    assert [s.id for s in portal.steps if s.optional] == ["registration"]


@pytest.mark.parametrize(
    ("step", "kk", "ru"),
    [
        ("registration", "көрсетілетін қызметті алушы жеке сәйкестендіру", "услугополучатель осуществляет регистрацию"),
        ("process-1", "1 үдеріс – ", "процесс 1 – ввод услугополучателем ИИН и пароля"),
        ("condition-3", "3 шарт – ", "условие 3 - проверка (обработка) услугодателем на соответствие"),
        ("process-8", "8 үдеріс – ", "процесс 8 - получение услугополучателем результата"),
    ],
)
def test_steps_carry_the_words_of_the_law(portal: Channel, step: str, kk: str, ru: str) -> None:
    found = portal.step(step)
    assert found is not None
    assert (found.text.kk.startswith(kk), found.text.ru.startswith(ru)) == (True, True)


def test_no_latin_letter_hides_in_a_cyrillic_word(queue: Regulation) -> None:
    texts = texts_of(queue)
    assert len(texts) > 80
    assert [t for t in texts if LATIN_IN_CYRILLIC.search(t.kk) or LATIN_IN_CYRILLIC.search(t.ru)] == []


def test_the_act_is_named(queue: Regulation) -> None:
    source = queue.source
    assert (source.number, str(source.adopted_on), source.standard_number, str(source.standard_adopted_on)) == (
        "2/498",
        "2014-06-23",
        "538",
        "2014-05-23",
    )
    assert (queue.recipients.persons, queue.recipients.fee) == (("natural",), "free")
    assert {name: channel.clause for name, channel in queue.channels.items()} == {
        "office": "1(1)",
        "csc": "1(2)",
        "portal": "1(3)",
    }


def test_procedure_of_clause_9(queue: Regulation) -> None:
    rows = [(p.n, p.role and p.role.value, [(d.value, d.unit) for d in p.durations], p.clause) for p in queue.procedure]
    assert rows == [
        (1, "responsible_person", [(10, "minutes")], "9(1)"),
        (2, "head", [(10, "minutes")], "9(2)"),
        (3, "specialist", [(5, "minutes")], "9(3)"),
        (4, "specialist", [(10, "minutes")], "9(4)"),
        (5, "centre_worker", [], "9(5)"),
    ]
    assert queue.procedure[4].only_in == ("kk",)
    assert queue.procedure[4].note


def test_both_language_versions_of_the_office_hours_are_kept(queue: Regulation) -> None:
    office = next(s for s in queue.schedules if s.channels == ("office",))
    closes = {language: f"{hours.closes:%H:%M}" for language, hours in office.stated.items()}
    assert closes == {"kk": "18:00", "ru": "18:30"}
    assert office.hours == office.stated["kk"]


def test_documents_of_the_portal(portal: Channel) -> None:
    assert [(d.code, d.required, d.kind) for d in portal.documents] == [
        ("request", "always", "signed_request"),
        ("identity_document", "from_registry", "data"),
        ("birth_certificate", "from_registry", "data"),
        ("benefit_document", "if_claimed", "scan"),
        ("address_data", "from_registry", "data"),
    ]
    assert all("clause 11" in d.source for d in portal.documents)


def test_outcomes_name_what_the_recipient_gets(queue: Regulation, portal: Channel) -> None:
    assert portal.outcomes == {
        "granted": "queue_receipt",
        "refused": "refusal",
        "not_authorised": "authorisation_refusal",
    }
    receipt = queue.result("queue_receipt")
    assert receipt is not None
    assert receipt.delivery["portal"].ru == "личный кабинет"
    assert queue.queue is not None
    assert queue.queue.gapless


def test_every_note_states_a_choice(queue: Regulation) -> None:
    assert {n.code for n in queue.notes} >= {"office-hours", "procedure-step-5", "result-name", "document-list"}
    assert all(n.choice for n in queue.notes)


def test_summary_is_plain_and_complete(regulations: Regulations) -> None:
    row = next(r for r in summary(regulations) if r["id"] == "almaty-city/preschool-queue")
    assert row["channels"]["portal"] == [step for step, *_ in STEPS]
    assert list(row["channels"]) == ["office", "csc", "portal"]
    assert row["procedure"][0] == {
        "n": 1,
        "role": "responsible_person",
        "durations": [{"variant": "default", "value": 10, "unit": "minutes"}],
    }
    assert row["procedure"][4] == {"n": 5, "role": "centre_worker", "durations": []}
